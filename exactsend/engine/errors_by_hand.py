"""Errors that only a person can close, and shipments that a person gives to a delivery as its label."""

from dataclasses import dataclass

from exactsend.domain.ids import DeliveryId, ShipmentId, parse_reference
from exactsend.domain.records import DeliveryRecord, OrderRecord, ProblemRecord, Record
from exactsend.engine.delivery_selector import (
    DeliverySelector,
    deliveries_in_ledger_or_exact,
    delivery_name,
)
from exactsend.engine.division_run import OpenDivision
from exactsend.engine.gather.run import gather_deliveries, gather_number
from exactsend.engine.plan.accepted_errors import (
    ACCEPTABLE,
    NEEDS_SHIPMENT,
    accepted,
    accepted_of_order,
    closable,
    shipments_beside,
    with_shipment_taken_over,
    without_label,
)
from exactsend.engine.plan.hand_labels import content_of_order
from exactsend.engine.plan.labels import content_now
from exactsend.engine.plan.number_lookup import deliveries_with_number, only_delivery
from exactsend.engine.plan.ownership import incoming_orders_given_back
from exactsend.errors import ExactSendError, UsageError
from exactsend.sendcloud.models import Shipment


@dataclass(frozen=True)
class OrderError:
    """An error of an order whose label was made by hand before it was delivered."""

    order: OrderRecord
    problem: ProblemRecord

    @property
    def name(self) -> str:
        """The order in messages."""
        return f"order {self.order.number}"


@dataclass(frozen=True)
class DeliveryError:
    """An error of a delivery, and the shipment that becomes its label where one closes it."""

    record: DeliveryRecord
    problem: ProblemRecord | None = None
    label: Shipment | None = None

    @property
    def name(self) -> str:
        """The delivery in messages."""
        return delivery_name(self.record)


def find_error(
    opened: OpenDivision, selector: DeliverySelector, code: str | None, shipment: str | None
) -> OrderError | DeliveryError:
    """The error that a person means.

    Raises:
        UsageError: there are several, or the shipment that closes it is not named.
        ExactSendError: there is none, or the shipment can't become the label.
    """
    if shipment is None and (error := _order_error(opened, selector, code)) is not None:
        return error
    record, problem = _delivery_and_problem(opened, selector, code, shipment)
    if shipment is None and (problem is None or problem.code not in NEEDS_SHIPMENT):
        return DeliveryError(record, problem)
    return DeliveryError(record, problem, _shipment_to_take_over(opened, record, shipment))


def close_error(opened: OpenDivision, error: OrderError | DeliveryError) -> None:
    """Close an error, or take over the shipment, in the ledger."""
    if isinstance(error, OrderError):
        _close_order_error(opened, error)
    else:
        _close_delivery_error(opened, error)


# ── which error ──────────────────────────────────────────────────────────────────────────────────


def _order_error(opened: OpenDivision, selector: DeliverySelector, code: str | None) -> OrderError | None:
    """The error of the order, where no delivery with that number has one."""
    number = selector.order or selector.number
    if selector.delivery or not number:
        return None
    known = opened.records.deliveries_with_numbers({number})
    deliveries = deliveries_with_number(known, selector.number, order=selector.order)
    if closable(deliveries, code, with_shipment=False):
        return None
    for order in opened.records.orders_with_numbers({number}):
        if str(order.number) == number and order.problem and _is_closable(order.problem, code):
            return OrderError(order, order.problem)
    return None


def _is_closable(problem: ProblemRecord, code: str | None) -> bool:
    return problem.stage == "label" and problem.code in ACCEPTABLE and code in {None, problem.code}


def _delivery_and_problem(
    opened: OpenDivision, selector: DeliverySelector, code: str | None, shipment: str | None
) -> tuple[DeliveryRecord, ProblemRecord | None]:
    deliveries = deliveries_in_ledger_or_exact(opened, selector)
    choices = closable(deliveries, code, with_shipment=shipment is not None)
    if len(choices) == 1:
        return choices[0]
    if choices:
        listed = "; ".join(
            f"{delivery_name(record)}: {problem.code if problem else 'no label'}"
            for record, problem in choices
        )
        raise UsageError(
            f"{selector.label} has several errors that you can accept by hand: {listed}",
            hint="Choose with --code CODE, and where that is not enough with --delivery NUMBER.",
        )
    record = only_delivery(deliveries, selector.label)
    open_codes = ", ".join(problem.code for problem in record.problems.values())
    raise ExactSendError(
        f"{delivery_name(record)} has no error that you can accept by hand"
        + (f" with the code {code}" if code else "")
        + (f" (it has: {open_codes})" if open_codes else ""),
        hint="exactsend errors shows where to fix each error.",
    )


# ── which shipment ───────────────────────────────────────────────────────────────────────────────


def _shipment_to_take_over(opened: OpenDivision, record: DeliveryRecord, shipment: str | None) -> Shipment:
    """The shipment that a person names, if it can become the delivery's label (S4).

    Raises:
        UsageError: none is named.
        ExactSendError: it is not live, or it is the label of another delivery that exists.
    """
    if shipment is None:
        raise UsageError(
            "name the shipment that is its label",
            hint="Use --shipment ID; exactsend errors lists the candidates.",
        )
    found = opened.services.sendcloud.shipment(shipment)
    if found is None or not found.is_live:
        raise ExactSendError(f"Sendcloud has no live shipment {shipment}")
    owner = _owner(opened, found)
    if owner not in {None, record.delivery_id} and _exists_in_exact(opened, owner):
        raise ExactSendError(
            f"shipment {shipment} is the label of another delivery",
            hint="Only the label of a delivery that was deleted in Exact can be given to another.",
        )
    return found


def _owner(opened: OpenDivision, shipment: Shipment) -> DeliveryId | None:
    """The delivery that owns a shipment, by the ledger or by its reference, in whatever division."""
    known = opened.records.shipment(ShipmentId(shipment.id))
    parsed = parse_reference(shipment.external_reference_id)
    return known.owner if known is not None else parsed[1] if parsed else None


def _exists_in_exact(opened: OpenDivision, delivery: DeliveryId) -> bool:
    """Whether Exact has a delivery now, or at least does not say that it has none (S16)."""
    found = opened.services.exact.deliveries([delivery])
    return delivery not in found.gone([delivery], {row.entry_id for row in found.rows})


# ── close ────────────────────────────────────────────────────────────────────────────────────────


def _close_order_error(opened: OpenDivision, error: OrderError) -> None:
    order, code = error.order, error.problem.code
    content = content_of_order(gather_number(opened.context, order.number), order.order_id)
    closed = accepted_of_order(order, error.problem, content=content)
    opened.records.note("accepted", closed, subject=f"order:{order.order_id}", facts={"code": code})


def _close_delivery_error(opened: OpenDivision, error: DeliveryError) -> None:
    delivery = error.record.delivery_id
    content = content_now(gather_deliveries(opened.context, [delivery], {}), delivery)
    record = opened.records.delivery(delivery)
    assert record is not None
    if error.label is not None:
        _take_over(opened, record, error.label, content)
    elif error.problem is not None:
        live = shipments_beside(opened.records, record)
        closed = accepted(record, error.problem, content=content, live=live)
        opened.records.note(
            "accepted", closed, subject=f"delivery:{delivery}", facts={"code": error.problem.code}
        )


def _take_over(opened: OpenDivision, record: DeliveryRecord, label: Shipment, content: str) -> None:
    """Make a shipment the delivery's label, and take it from a deleted delivery that had it."""
    records, shipment = opened.records, ShipmentId(label.id)
    previous_owner = records.delivery(owner) if (owner := _owner(opened, label)) else None
    changed: list[Record] = []
    if previous_owner is not None and previous_owner.delivery_id != record.delivery_id:
        changed.append(without_label(previous_owner, shipment))
    record, owned = with_shipment_taken_over(record, label, content=content)
    changed += [owned, *incoming_orders_given_back(records, opened.identity.division, record, label)]
    records.note(
        "label_taken_over",
        record,
        *changed,
        subject=f"delivery:{record.delivery_id}",
        facts={"shipment": label.id},
    )
