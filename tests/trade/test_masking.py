"""What of the services' words is kept and shown (S15)."""

import pytest

from exactsend.http.messages import Json
from exactsend.trade.masking import masked


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no mail to jan@bakker.example please", "no mail to <email> please"),
        ("call +31 6 1234 5678 first", "call <phone> first"),
        ("call 06-12345678", "call <phone>"),
        ("see https://x.example/track?who=jan for more", "see <url> for more"),
        ("order 4711 of delivery 20001", "order 4711 of delivery 20001"),
        ("3SYZXG123456789 is taken", "3SYZXG123456789 is taken"),
    ],
)
def test_mail_addresses_and_phone_numbers_are_blanked(said: str, shown: str) -> None:
    assert masked(said) == shown


def test_what_repeats_the_request_is_named_by_its_field() -> None:
    request: Json = {"to_address": {"name": "Jan Bakker", "city": "Ede", "house_number": "12"}}

    assert masked("JAN BAKKER does not live in Ede, 12", request) == "<name> does not live in <city>, 12"


def test_free_text_that_is_repeated_is_masked_too() -> None:
    request: Json = {"parcel_items": [{"description": "Ring for Eva", "sku": "RING"}]}

    assert masked("RING: Ring for Eva is not allowed", request) == "RING: <description> is not allowed"


def test_a_long_text_is_cut_to_three_hundred_characters() -> None:
    assert len(masked("x" * 10_000)) == 300


@pytest.mark.parametrize("word", ["x", "1", "1-", "a@", "x:", "http://", "1 ", "\u0130"])
def test_megabytes_take_no_longer_than_what_is_kept(word: str) -> None:
    """Each of these took its time by the square of the length."""
    request: Json = {"name": "Jan Bakker", "description": "y" * 20_000}

    assert len(masked(word * 2_000_000, request)) <= 300


@pytest.mark.parametrize(
    "value", ["Jan Bakker", "jan@bakker.example", "+31 6 1234 5678", "https://x.example/jan?who=jan"]
)
def test_nothing_of_what_the_cut_goes_through_is_kept(value: str) -> None:
    """However much before it is masked away: the cut may fall anywhere in it."""
    description = "d" * 600
    request: Json = {"name": "Jan Bakker", "description": description}

    for shift in range(230):
        kept = masked("." * shift + f"{description} " * 4 + value + " is wrong" * 1_000, request)
        assert "<description>" in kept
        assert "jan" not in kept.lower()
        assert "1234" not in kept


def test_a_long_value_is_masked_whole() -> None:
    remarks = "Leave it with Eva. " * 500

    assert "Eva" not in masked(f"not allowed: {remarks} and more", {"Remarks": remarks})
