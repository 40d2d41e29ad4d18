"""Labels that a person buys, retries or cancels, one delivery at a time, under the division's lock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.apply.cancel import cancel_label
from exactsend.engine.delivery_selector import DeliverySelector, delivery_name, select_delivery
from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division, run_deliveries
from exactsend.engine.plan.accepted_errors import live_shipments
from exactsend.engine.plan.actions import Outcome, OutcomeKind, Subject
from exactsend.engine.snapshot import LabelRequested
from exactsend.engine.sync import RunResult
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError, ExitStatus, Forbidden, Refused, UsageError
from exactsend.sendcloud.models import Shipment
from exactsend.settings.models import DivisionSettings

IsEligible = Callable[[DeliveryRecord], bool]


@contextmanager
def locked_division(wiring: Wiring, division: DivisionSettings) -> Iterator[OpenDivision]:
    """The division under its lock."""
    with open_division(wiring, division, RunOptions(), Progress(), {}) as opened:
        yield opened


@contextmanager
def locked_delivery(
    wiring: Wiring, division: DivisionSettings, selector: DeliverySelector, is_eligible: IsEligible
) -> Iterator[tuple[OpenDivision, DeliveryRecord]]:
    """The division under its lock, and the delivery that a person names.

    Raises:
        UsageError: no delivery is named, or several are.
    """
    selector.require_complete()
    with locked_division(wiring, division) as opened:
        yield opened, select_delivery(opened, selector, is_eligible)


# ── buy ──────────────────────────────────────────────────────────────────────────────────────────


def exists_in_exact(record: DeliveryRecord) -> bool:
    """Whether a label can be bought for a delivery: it was not deleted in Exact."""
    return not record.gone


def require_no_label(opened: OpenDivision, record: DeliveryRecord, another: int | None = None) -> None:
    """Refuse a delivery that has a live label, unless another one is asked for.

    Raises:
        ExactSendError: it has one; says how to ask for another.
    """
    if record.label is None or another is not None:
        return
    next_attempt = max((attempt.number for attempt in record.attempts), default=0) + 1
    raise ExactSendError(
        f"{delivery_name(record)} has a live label: shipment {record.label.shipment}",
        hint=f"If it needs another one, run: {_command(opened, record, 'create')} --another {next_attempt}",
    )


def require_failed_label(opened: OpenDivision, record: DeliveryRecord) -> None:
    """Refuse a delivery whose label has not failed.

    Raises:
        ExactSendError: it has not, or it has a live label.
    """
    require_no_label(opened, record)
    if "label" not in record.problems:
        raise ExactSendError(
            f"the label of {delivery_name(record)} has not failed",
            hint=f"To buy it, run: {_command(opened, record, 'create')}",
        )


def buy_label(
    opened: OpenDivision, record: DeliveryRecord, *, another: int | None = None
) -> tuple[RunResult, ExitStatus]:
    """Buy a label; return what was done, and the exit status for this delivery alone."""
    result = run_deliveries(opened, [record.delivery_id], {record.delivery_id: LabelRequested(another)})
    return result, _status(result, opened, record)


def _status(result: RunResult, opened: OpenDivision, record: DeliveryRecord) -> ExitStatus:
    if result.exit_status not in {ExitStatus.DONE, ExitStatus.ATTENTION}:
        return result.exit_status
    now = opened.records.delivery(record.delivery_id)
    has_failed = any(outcome.outcome in {OutcomeKind.HELD, OutcomeKind.FAILED} for outcome in result.outcomes)
    has_sound_label = now is not None and now.label is not None and not now.problems
    return ExitStatus.DONE if has_sound_label and not has_failed else ExitStatus.ATTENTION


def _command(opened: OpenDivision, record: DeliveryRecord, command: str) -> str:
    """The command line for this delivery."""
    return Subject(delivery_number=record.number, division=opened.identity.called).by_hand(command)


# ── cancel ───────────────────────────────────────────────────────────────────────────────────────


def has_label(record: DeliveryRecord) -> bool:
    """Whether there is a label to cancel."""
    return record.label is not None


def shipment_to_cancel(opened: OpenDivision, record: DeliveryRecord, shipment: str | None) -> Shipment:
    """The live shipment of a delivery that a person means, as Sendcloud has it now.

    Raises:
        UsageError: the delivery has several, and none of them is named.
        ExactSendError: it has none, or Sendcloud does not know it.
    """
    wanted = _live_shipment(opened, record, shipment)
    found = opened.services.sendcloud.shipment(wanted)
    if found is None:
        raise ExactSendError(f"Sendcloud has no shipment {wanted}")
    return found


def _live_shipment(opened: OpenDivision, record: DeliveryRecord, shipment: str | None) -> ShipmentId:
    live = live_shipments(opened.records, record) or ((record.label.shipment,) if record.label else ())
    if shipment is not None and shipment in live:
        return ShipmentId(shipment)
    if len(live) == 1 and shipment is None:
        return live[0]
    if not live:
        raise ExactSendError(f"{delivery_name(record)} has no live label to cancel")
    raise UsageError(
        f"{delivery_name(record)} has these live labels: {', '.join(live)}",
        hint="Name one with --shipment ID.",
    )


def cancel(opened: OpenDivision, record: DeliveryRecord, shipment: ShipmentId) -> Outcome:
    """Cancel a label at Sendcloud.

    Raises:
        ExactSendError: Sendcloud refuses.
    """
    try:
        return cancel_label(opened.context, record, shipment)
    except Forbidden:
        raise
    except Refused as refused:
        raise ExactSendError(
            f"the label of {delivery_name(record)} was not cancelled: {refused.message}",
            hint="The label counts as live. Carriers refuse to cancel delivered parcels and labels older than 42 days; some refuse "
            "every cancellation. Ask the carrier or Sendcloud's support whether the parcel can still be stopped and is refunded.",
        ) from refused
