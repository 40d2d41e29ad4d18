"""Problems that were stored as sentences are read in today's form, and shown as they were stored."""

from datetime import UTC, datetime
from pathlib import Path

from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord, OrderRecord
from exactsend.domain.shown_problem import shown
from exactsend.http.messages import Json
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.stored_problems import with_present_problems

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DELIVERY = "00000000-0000-4000-8000-0000000000d1"
ORDER = "00000000-0000-4000-8000-00000000000a"


def a_stored_problem(stage: str = "label") -> dict[str, Json]:
    return {
        "stage": stage,
        "code": "address_refused",
        "message": "the label of delivery 20001 could not be made: the postcode is not accepted",
        "field": "Postcode",
        "remedy": "Correct {it} in Exact; the next run tries again.",
        "detail": "postal_code: invalid",
        "attempts": 3,
        "first_seen": "2026-11-20T09:00:00Z",
        "last_tried": "2026-11-23T09:00:00Z",
    }


def a_stored_delivery() -> dict[str, Json]:
    seen = "2026-11-20T09:00:00Z"
    problems: Json = {"label": a_stored_problem(), "writeback": a_stored_problem("writeback")}
    return {"delivery_id": DELIVERY, "number": 20001, "seen_at": seen, "problems": problems}


def test_the_problems_of_a_delivery_are_shown_as_they_were_stored() -> None:
    record = DeliveryRecord.model_validate(with_present_problems(a_stored_delivery()))

    assert record.problems.keys() == {"label", "writeback"}
    problem = record.problems["label"]
    words = shown(problem)
    assert (problem.code, problem.attempts, problem.detail) == (
        Code.ADDRESS_REFUSED,
        3,
        "postal_code: invalid",
    )
    assert words.message == "the label of delivery 20001 could not be made: the postcode is not accepted"
    assert words.remedy == "Correct {it} in Exact; the next run tries again."
    assert words.field == "Postcode"


def test_the_problem_of_an_order_is_shown_as_it_was_stored_without_field_and_remedy() -> None:
    stored = a_stored_problem("order")
    del stored["field"], stored["remedy"], stored["detail"]
    order: dict[str, Json] = {
        "order_id": ORDER,
        "number": 4711,
        "seen_at": "2026-11-20T09:00:00Z",
        "problem": stored,
    }

    problem = OrderRecord.model_validate(with_present_problems(order)).problem

    assert problem is not None
    assert shown(problem).message == stored["message"]
    assert (shown(problem).field, shown(problem).remedy) == ("", "")


def test_a_record_in_its_present_form_is_itself() -> None:
    once = with_present_problems(a_stored_delivery())

    assert with_present_problems(once) is once
    without: dict[str, Json] = {"number": 5, "problem": None}
    assert with_present_problems(without) is without


def test_the_record_that_is_converted_stays_as_it_was() -> None:
    stored = a_stored_delivery()

    with_present_problems(stored)

    assert stored == a_stored_delivery()


def test_the_ledger_hands_out_records_in_their_present_form(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    with Ledger.open(folder, run_id="run-1", clock=lambda: NOW, program="exactsend 1") as ledger:
        ledger.record("label_held", puts=[("deliveries", DELIVERY, a_stored_delivery())])
        ledger.fold({("deliveries", DELIVERY)})
        ledger.record("label_held", puts=[("deliveries", "d2", a_stored_delivery())])

    view = LedgerView.read(folder)

    present = with_present_problems(a_stored_delivery())
    assert view.get("deliveries", DELIVERY) == view.get("deliveries", "d2") == present
    assert [record for _, record in view.items("deliveries")] == [present, present]
    assert [record for _, record in view.recent("deliveries")] == [present]
    assert [record for _, record in view.stream("deliveries")] == [present, present]
    assert [record for _, record in view.with_numbers("deliveries", {"20001"})] == [present, present]
