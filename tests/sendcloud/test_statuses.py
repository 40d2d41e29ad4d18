"""What each status of a parcel means: for money, for what is written into Exact, and for whether a parcel has left."""

import pytest

from exactsend.sandbox.sendcloud.statuses import DEAD, MESSAGES, SHIPPED
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.statuses import STATUSES, Meaning, code_for_words, meaning_of
from tests.documents import ROOT

CODES = [status.code for status in STATUSES]


def shipment(*codes: str, papers: tuple[dict[str, str], ...] = ()) -> Shipment:
    parcels = [
        {"id": index, "status": {"code": code}, "tracking_number": "3S1", "documents": list(papers)}
        for index, code in enumerate(codes)
    ]
    return Shipment.model_validate(
        {"id": "s-1", "order_number": "4711", "external_reference_id": None, "parcels": parcels}
    )


def test_the_table_has_the_vendors_codes_and_words_in_its_order() -> None:
    assert {status.code: status.words for status in STATUSES} == MESSAGES
    assert list(MESSAGES) == CODES


def test_only_four_statuses_cost_nothing() -> None:
    dead = {code for code in CODES if not shipment(code).is_live}

    assert dead == DEAD == {"ANNOUNCEMENT_FAILED", "CANCELLED", "CANCELLED_UPSTREAM", "NO_LABEL"}


def test_what_is_pending_cancelled_or_failed_is_not_tracked() -> None:
    assert {code for code in CODES if not shipment(code).is_tracked} == {
        "ANNOUNCING",
        "ANNOUNCEMENT_FAILED",
        "NO_LABEL",
        "CANCELLING",
        "CANCELLING_UPSTREAM",
        "CANCELLED",
        "CANCELLED_UPSTREAM",
    }


def test_only_what_a_carrier_reports_has_moved() -> None:
    assert {code for code in CODES if shipment(code).has_moved} == SHIPPED


def test_what_ends_and_what_needs_a_person() -> None:
    assert [status.code for status in STATUSES if status.is_final] == [
        "ANNOUNCEMENT_FAILED",
        "COLLECTED_BY_CUSTOMER",
        "DELIVERED",
        "RETURNED_TO_SENDER",
        "CANCELLED",
        "CANCELLED_UPSTREAM",
    ]
    assert [status.code for status in STATUSES if status.needs_a_person] == [
        "ANNOUNCED_UNCOLLECTED",
        "ANNOUNCEMENT_FAILED",
        "COLLECT_ERROR",
        "DELIVERY_FAILED",
        "UNDELIVERABLE",
        "REFUSED_BY_RECIPIENT",
        "RETURNED_TO_SENDER",
        "ADDRESS_INVALID",
        "CANCELLATION_FAILED",
        "EXCEPTION",
    ]


@pytest.mark.parametrize("code", ["STOLEN_BY_GULLS", "", "DELIVERED_TO_NEIGHBOUR"])
def test_a_status_that_is_not_listed_is_paid_and_live(code: str) -> None:
    one = shipment(code)

    assert (one.is_live, one.is_tracked, one.has_moved) == (True, True, bool(code))
    assert not meaning_of(code).is_final


def test_an_unlisted_word_for_a_cancellation_is_live_and_not_told_of() -> None:
    one = shipment("CANCELLATION_REQUESTED")

    assert (one.is_live, one.is_tracked, one.has_moved, one.is_being_cancelled) == (True, False, False, True)


def test_a_shipment_that_nobody_asked_a_label_for_is_no_label_unless_there_is_one() -> None:
    label = {"document_type": "label"}

    assert not shipment("NO_LABEL").is_live
    assert not shipment("NO_LABEL", "CANCELLED").is_live
    assert shipment("NO_LABEL", papers=(label,)).is_live
    assert shipment("NO_LABEL", "READY_TO_SEND").is_live


def test_one_parcel_that_is_being_cancelled_keeps_all_from_being_written() -> None:
    one = shipment("READY_TO_SEND", "CANCELLING")

    assert (one.is_live, one.is_tracked, one.is_being_cancelled) == (True, False, False)
    assert shipment("CANCELLED", "CANCELLING_UPSTREAM").is_being_cancelled


@pytest.mark.parametrize("meaning", STATUSES, ids=CODES)
def test_the_older_apis_words_tell_the_code(meaning: Meaning) -> None:
    assert code_for_words(meaning.words.upper()) == meaning.code


YES = {True: "yes", False: ""}


@pytest.mark.parametrize("meaning", STATUSES, ids=CODES)
def test_the_document_has_the_table(meaning: Meaning) -> None:
    cells = (
        f"`{meaning.code}`",
        meaning.words,
        meaning.phase.value,
        YES[meaning.is_final],
        YES[meaning.needs_a_person],
    )

    assert f"| {' | '.join(cells)} |" in (ROOT / "docs" / "sendcloud.md").read_text(encoding="utf-8")
