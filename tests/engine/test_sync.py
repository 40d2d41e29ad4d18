"""How a run's result becomes its status, and a planned action its report."""

import pytest

from exactsend.engine.plan.actions import (
    ActionKind,
    AdoptShipment,
    Outcome,
    OutcomeKind,
    Plan,
    RecordDecision,
    Subject,
)
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.sync import RunResult, planned_outcome
from exactsend.errors import ExitStatus
from tests.builders import a_delivery, a_shipment, a_snapshot


def an_outcome(kind: OutcomeKind) -> Outcome:
    return Outcome(ActionKind.LABEL_BUY, Subject(), kind)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (RunResult(()), ExitStatus.DONE),
        (RunResult((), needs_a_person=1), ExitStatus.ATTENTION),
        (RunResult((an_outcome(OutcomeKind.FAILED),)), ExitStatus.DONE),
        (RunResult((an_outcome(OutcomeKind.UNKNOWN),), needs_a_person=1), ExitStatus.API),
        (RunResult((an_outcome(OutcomeKind.UNKNOWN),), stopped="too many"), ExitStatus.SAFETY),
    ],
)
def test_the_status_of_a_run(result: RunResult, status: ExitStatus) -> None:
    assert result.exit_status is status


def test_a_planned_purchase_shows_its_request_and_that_it_costs() -> None:
    action = decide_delivery(a_snapshot(), a_delivery())
    told = planned_outcome(action, Plan((action,)))
    assert (told.outcome, told.cost_bearing) == (OutcomeKind.PLANNED, True)
    assert told.request == action.request.body  # type: ignore[union-attr]  # a purchase


def test_a_purchase_that_a_limit_stops_is_skipped() -> None:
    action = decide_delivery(a_snapshot(), a_delivery())
    told = planned_outcome(action, Plan((action,), stopped="too many"))
    assert (told.outcome, told.reason) == (OutcomeKind.SKIPPED, "safety_limit")


def test_a_planned_adoption_names_its_shipment() -> None:
    action = decide_delivery(a_snapshot(shipments=[a_shipment()]), a_delivery())
    assert isinstance(action, AdoptShipment)
    assert planned_outcome(action, Plan((action,))).shipment_id == "s-1"


@pytest.mark.parametrize(
    ("reason", "kind"), [("waits_for_label", OutcomeKind.SKIPPED), ("label_unknown", OutcomeKind.UNKNOWN)]
)
def test_what_is_only_remembered_is_reported_the_same_way_dry_or_not(reason: str, kind: OutcomeKind) -> None:
    action = RecordDecision(Subject(), ActionKind.LABEL_BUY, reason)
    assert planned_outcome(action, Plan((action,))).outcome is kind
