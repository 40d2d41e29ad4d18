"""Problems, deliveries and orders from the ledger, as text and as rows of JSON documents."""

from collections.abc import Iterator, Sequence

from exactsend.domain.records import Cancellation, RuleRecord
from exactsend.domain.shown_problem import shown
from exactsend.views.data.ledger_queries import RawRecords
from exactsend.views.data.view_types import (
    DeliveryView,
    HistoryLine,
    LabelState,
    OrderView,
    ProblemView,
    SearchResult,
)
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.outcome_phrases import counted, reason_text
from exactsend.views.text.record_phrases import STATES, STEPS
from exactsend.views.text.request_view import sent_object
from exactsend.views.text.tables import Table
from exactsend.views.text.time_format import moment_text

UNKNOWN = "not known"


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def problem_object(view: ProblemView) -> JsonObject:
    """A row of the errors document."""
    problem, words = view.problem, shown(view.problem)
    return {
        "division": view.division,
        "order_number": str(view.order_numbers[0]) if view.order_numbers else None,
        "order_numbers": [str(number) for number in view.order_numbers],
        "delivery_number": None if view.delivery_number is None else str(view.delivery_number),
        "stage": problem.stage,
        "code": problem.code.value,
        "field": words.field,
        "message": words.message,
        "remedy": words.remedy,
        "detail": words.detail,
        "attempts": problem.attempts,
        "first_seen": time_text(problem.first_seen),
        "last_tried": time_text(problem.last_tried),
        "next_try": time_text(problem.next_try),
    }


def problem_lines(view: ProblemView, *, named: bool, customers: Sequence[str] = ()) -> Iterator[str]:
    """A problem as text: what is wrong, the customer, how to fix it, and when it is tried again."""
    problem, words = view.problem, shown(view.problem)
    division = f"{view.division}: " if named else ""
    orders = ", ".join(map(str, view.order_numbers))
    of_orders = f", order {orders}" if view.delivery_number is not None and orders else ""
    yield f"{division}{view.name}{of_orders}  [{problem.stage}, {problem.code}]"
    yield f"  {words.message}" + (f" ({words.detail})" if words.detail else "")
    if customers:
        yield f"  customer: {', '.join(customers)}"
    if words.remedy:
        yield f"  → {words.remedy}"
    yield f"  {_tries(view)}"


def _tries(view: ProblemView) -> str:
    problem = view.problem
    seen = f"first seen {moment_text(problem.first_seen)}"
    tried = f"{counted(problem.attempts, 'try', 'tries')}, the last {moment_text(problem.last_tried)}"
    following = (
        f"next try {moment_text(problem.next_try)}" if problem.next_try else "next try when something changes"
    )
    return f"{seen}; {tried}; {following}"


# ── deliveries ───────────────────────────────────────────────────────────────────────────────────


def delivery_object(view: DeliveryView) -> JsonObject:
    """A row of the labels document."""
    record, label = view.record, view.record.label
    return {
        "division": view.division,
        "order_numbers": [str(number) for number in record.order_numbers],
        "delivery_number": str(record.number),
        "state": view.state.value,
        "reason": record.excluded,
        "shipment_id": label.shipment if label else None,
        "tracking_numbers": list(label.tracking_numbers) if label else [],
        "carrier": label.carrier if label else None,
        "how": label.how if label else None,
        "labelled_at": time_text(label.at) if label else None,
        "written_back": view.is_written_back,
        "papers": list(label.papers) if label else [],
        "shipping_rules": [rule_object(rule) for rule in label.rules] if label else [],
        "errors": [problem.code.value for problem in record.problems.values()],
    }


def rule_object(rule: RuleRecord) -> JsonObject:
    """A shipping rule that affected a label."""
    return {"id": rule.id, "name": rule.name, "shipping_option": rule.option or None, "sets": list(rule.sets)}


def delivery_table(views: Sequence[DeliveryView], *, named: bool) -> Table:
    """A row per delivery."""
    headings = ("delivery", "order", "label", "tracking", "in Exact")
    rows = [_delivery_row(view) for view in views]
    if not named:
        return Table(headings, rows)
    return Table(
        ("division", *headings), [(view.division, *row) for view, row in zip(views, rows, strict=True)]
    )


def _delivery_row(view: DeliveryView) -> tuple[str, ...]:
    record, label = view.record, view.record.label
    return (
        str(record.number),
        ", ".join(map(str, record.order_numbers)),
        state_text(view),
        ", ".join(label.tracking_numbers) if label else "",
        ("not tracked" if label and label.untracked else "written") if view.is_written_back else "",
    )


def state_text(view: DeliveryView) -> str:
    """The state of a delivery's label, and the reason if there is one."""
    record = view.record
    if record.label is not None:
        return f"{record.label.how}"
    if view.state is LabelState.LEFT_ALONE:
        return f"left alone: {reason_text(record.excluded)}"
    if view.state is LabelState.HELD:
        return f"held: {', '.join(problem.code for problem in record.problems.values())}"
    return STATES[view.state]


# ── everything under one number ────────────────────────────────────────────────────────────────────────


def found_object(found: SearchResult) -> JsonObject:
    """A row of the explain document."""
    return {
        "division": found.division,
        "orders": [_order_object(order) for order in found.orders],
        "deliveries": [delivery_object(delivery) for delivery in found.deliveries],
        "errors": [problem_object(problem) for problem in found.problems],
        "history": [_history_object(line) for line in found.history],
        "sent": [sent_object(exchange) for exchange in found.sent],
    }


def _order_object(view: OrderView) -> JsonObject:
    entry = view.entry
    return {
        "order_number": str(view.record.number),
        "seen_at": time_text(view.record.seen_at),
        "reason": view.record.excluded,
        "incoming": entry.state.value if entry else None,
        "settled": view.record.settled,
    }


def _history_object(line: HistoryLine) -> JsonObject:
    return {"at": time_text(line.at), "run": line.run, "event": line.event, "facts": dict(line.facts)}


def found_lines(found: SearchResult, *, named: bool) -> Iterator[str]:
    """Everything in the ledger under one number, as text."""
    prefix = f"{found.division}: " if named else ""
    for order in found.orders:
        yield f"{prefix}order {order.record.number}: {order_text(order)}"
    for delivery in found.deliveries:
        yield from _delivery_lines(delivery, prefix)
    for problem in found.problems:
        yield ""
        yield from problem_lines(problem, named=named)


def history_lines(found: SearchResult) -> Iterator[str]:
    """The history, oldest first."""
    yield ""
    yield "history:"
    for line in found.history:
        facts = "".join(f"  {name} {value}" for name, value in line.facts)
        event = STEPS.get(line.event, line.event.replace("_", " "))
        yield f"  {moment_text(line.at)}  {event}{facts}  run {line.run}"


def order_text(view: OrderView) -> str:
    """Whether an order was sent, and why."""
    if view.record.problem:
        return f"not sent: {shown(view.record.problem).message}"
    if view.record.excluded:
        return f"not sent: {reason_text(view.record.excluded)}"
    if view.is_incoming:
        return "sent; it is among Sendcloud's incoming orders"
    if view.record.settled:
        return reason_text("delivered")
    return "the next run sends it"


def _delivery_lines(view: DeliveryView, prefix: str) -> Iterator[str]:
    record, label = view.record, view.record.label
    orders = ", ".join(map(str, record.order_numbers))
    yield f"{prefix}delivery {record.number} of order {orders}: " + (
        STATES[view.state] if label is None else f"has a label that was {label.how}"
    )
    if label is not None:
        yield f"  shipment {label.shipment}, made {moment_text(label.at)}"
        if label.cancellation is Cancellation.UNDER_WAY:
            yield "  its cancellation is in progress; until the carrier agrees the label counts as live"
        if label.untracked:
            yield f"  number {', '.join(label.tracking_numbers) or 'none'}, not written to Exact: its shipping option has no tracking"
        else:
            yield f"  tracking {', '.join(label.tracking_numbers) or UNKNOWN}" + (
                ", written to Exact" if view.is_written_back else ", not written to Exact yet"
            )
        for rule in label.rules:
            yield f"  Sendcloud's shipping rule {rule.called}: {rule.did or 'applied'}"
        if label.papers:
            papers = " and ".join(map(paper_text, label.papers))
            yield f"  with {papers}, download with: exactsend labels download --delivery {record.number}"
    elif record.excluded:
        yield f"  {reason_text(record.excluded)}"
    for attempt in record.attempts:
        yield f"  attempt {attempt.number}: {attempt.state.value}, {moment_text(attempt.at)}, {attempt.reference}"


def paper_text(kind: str) -> str:
    """The everyday name of a parcel's document."""
    return {"customs-declaration": "customs papers", "air-waybill": "an air waybill"}.get(kind, kind)


def raw_object(raw: RawRecords) -> JsonObject:
    """A row of the document with raw records and events."""
    return {
        "division": raw.division,
        "records": [
            {"section": section, "key": key, "record": record}
            for (section, key), record in raw.records.items()
        ],
        "events": [
            {
                "seq": event.seq,
                "at": time_text(event.at),
                "run": event.run,
                "event": event.name,
                "facts": event.facts,
            }
            for event in raw.events
        ],
    }
