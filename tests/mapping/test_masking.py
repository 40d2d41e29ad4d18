"""What of the services' words is kept and shown (S15)."""

import pytest

from exactsend.calls import Json
from exactsend.mapping.masking import masked


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
