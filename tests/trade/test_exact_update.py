import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.trade.exact_update import cut_to_fit, remarks_with, tracking_text
from tests.trade.builders import a_shipment

URL = "Track & trace: {tracking_url}"
NUMBER = "Shipped with {carrier}: {tracking_number}"
LINE = "Track & trace: https://track.example/?code=3SA1"


def test_our_line_is_appended_and_text_that_is_there_stays() -> None:
    assert remarks_with("", URL, a_shipment("3SA1")) == LINE
    assert remarks_with("Leave at the gate", URL, a_shipment("3SA1")) == f"Leave at the gate\n{LINE}"
    assert remarks_with("one\r\ntwo", URL, a_shipment("3SA1")) == f"one\r\ntwo\r\n{LINE}"


def test_a_line_with_the_number_is_enough() -> None:
    assert remarks_with("sent as 3SA1, as agreed", URL, a_shipment("3SA1")) == "sent as 3SA1, as agreed"


def test_a_part_of_a_longer_number_is_another_number() -> None:
    assert remarks_with("3SA12", URL, a_shipment("3SA1")) == f"3SA12\n{LINE}"


def test_all_parcels_are_named() -> None:
    shipment = a_shipment("3SA1", "3SB2")

    assert remarks_with("", NUMBER, shipment) == "Shipped with PostNL: 3SA1, 3SB2"
    assert tracking_text(shipment) == "3SA1, 3SB2"


def test_our_line_grows_with_the_parcels() -> None:
    assert remarks_with(f"a\n{LINE}\nb", URL, a_shipment("3SA1", "3SB2")) == (
        f"a\n{LINE}, https://track.example/?code=3SB2\nb"
    )


def test_a_replaced_label_replaces_our_line_and_nothing_else() -> None:
    existing = "Customer asked about 3SOLD\r\nTrack & trace: https://track.example/?code=3SOLD\r\nthanks"

    assert remarks_with(existing, URL, a_shipment("3SA1"), replaced=["3SOLD"]) == (
        f"Customer asked about 3SOLD\r\n{LINE}\r\nthanks"
    )


def test_a_persons_line_with_a_replaced_number_stays() -> None:
    existing = "Customer asked about 3SOLD"

    assert (
        remarks_with(existing, "{tracking_number}", a_shipment("3SA1"), replaced=["3SOLD"])
        == f"{existing}\n3SA1"
    )


def test_a_parcel_without_a_tracking_page_is_named_by_its_number() -> None:
    parcel = {"id": 1, "status": None, "tracking_number": "3SA1", "tracking_url": None}
    shipment = a_shipment(parcels=[parcel])

    assert remarks_with("", URL, shipment) == "Track & trace: 3SA1"


def test_nothing_is_written_without_a_number_or_a_template() -> None:
    assert remarks_with("x", URL, a_shipment()) == "x"
    assert remarks_with("x", "", a_shipment("3SA1")) == "x"


@given(
    existing=st.text(),
    template=st.sampled_from([URL, NUMBER, "{tracking_number}", "[{tracking_url}]"]),
)
def test_writing_twice_is_writing_once(existing: str, template: str) -> None:
    shipment = a_shipment("3SA1", "3SB2")
    once = remarks_with(existing, template, shipment)

    assert remarks_with(once, template, shipment) == once


@pytest.mark.parametrize(
    ("kept", "fits"),
    [("3SA1, 3SB2", "3SA1, 3SB2"), ("3SA1, 3S", "3SA1"), ("3SA1,", "3SA1"), ("3S", ""), ("", "")],
)
def test_only_whole_numbers_are_kept(kept: str, fits: str) -> None:
    assert cut_to_fit(["3SA1", "3SB2"], kept) == fits
