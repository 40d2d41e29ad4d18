"""Write tracking number, remarks and label onto goods deliveries in Exact, and read back what arrived (S12).

The number is never held back by the label: a document that can't be made is told, and made later. Documents and attachments are
not idempotent, so each has its intent, and its look-up where an answer may have been lost (S3).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from exactsend.apply.budget import affordable, out_of_calls
from exactsend.apply.hands import Hands
from exactsend.apply.sending import will_attach, will_create_document, will_update
from exactsend.calls import Json
from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import RETRY_PAUSES, DeliveryRecord, ProblemRecord, WritebackRecord
from exactsend.domain.sentences import sentence
from exactsend.errors import ApiError, Forbidden, RateLimited, Refused, Resting, Unreachable
from exactsend.exact.models import GoodsDelivery
from exactsend.mapping.exact_update import cut_to_fit, remarks_with, tracking_text
from exactsend.mapping.fingerprint import header_fingerprint
from exactsend.mapping.masking import masked
from exactsend.plan.actions import Outcome, OutcomeKind, WriteBack

CHUNK = 10
"""Deliveries that are read together right before they are written, and read back together."""


@dataclass(frozen=True)
class _Written:
    """One delivery after its PUT, not yet read back."""

    action: WriteBack
    record: DeliveryRecord
    before: GoodsDelivery
    """As it was read right before."""
    tracking: str
    remarks: str
    document: str | None
    document_problem: Problem | None


def write_back_all(hands: Hands, actions: Sequence[WriteBack]) -> Iterator[Outcome]:
    """Write back these deliveries, some at a time."""
    while actions:
        size = min(CHUNK, affordable(hands))
        if not size:
            raise out_of_calls(len(actions))
        chunk, actions = actions[:size], actions[size:]
        fresh = _read(hands, [action.delivery_id for action in chunk])
        written: list[_Written] = []
        for action in chunk:
            hands.stop()
            result = _write(hands, action, fresh.get(action.delivery_id))
            if isinstance(result, Outcome):
                yield result
            else:
                written.append(result)
        if written:
            yield from _read_back(hands, written)


def _read(hands: Hands, deliveries: Sequence[DeliveryId]) -> Mapping[DeliveryId, GoodsDelivery]:
    return {DeliveryId(one.entry_id): one for one in hands.exact.deliveries(deliveries)}


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def _write(hands: Hands, action: WriteBack, delivery: GoodsDelivery | None) -> _Written | Outcome:
    if delivery is None:
        hands.memory.note("delivery_gone", action.record.but(gone=True), subject=_subject(action))
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="deleted")
    tracking = tracking_text(action.shipment)
    ours = {"", action.record.writeback.tracking, tracking}
    if delivery.tracking_number not in ours and not _is_cut(delivery.tracking_number, tracking):
        return _problem(hands, action, action.record, _taken(action), retry=False)
    record, document_problem = _with_document(hands, action, delivery)
    remarks = remarks_with(
        delivery.remarks,
        hands.policy.writeback.remarks,
        action.shipment,
        replaced=action.record.writeback.numbers,
    )
    document = record.writeback.document if record.writeback.attached else ""
    changes = _changes(delivery, tracking, remarks, document)
    if changes:
        try:
            with hands.uninterrupted():
                will_update(hands, action.delivery_id, changes)
                hands.exact.update_delivery(action.delivery_id, changes)
        except Refused as refused:
            if isinstance(refused, Forbidden):
                raise
            return _problem(hands, action, record, _refused(action, refused), retry=True)
    return _Written(action, record, delivery, tracking, remarks, document or None, document_problem)


def _is_cut(kept: str, tracking: str) -> bool:
    """Exact kept a part of what we wrote earlier."""
    return bool(kept) and tracking.startswith(kept)


def _changes(delivery: GoodsDelivery, tracking: str, remarks: str, document: str) -> dict[str, Json]:
    changes: dict[str, Json] = {}
    if delivery.tracking_number != tracking and not _is_cut(delivery.tracking_number, tracking):
        changes["TrackingNumber"] = tracking
    if delivery.remarks != remarks:
        changes["Remarks"] = remarks
    if document and delivery.document is None:
        changes["Document"] = document
    return changes


# ── the label as a document ──────────────────────────────────────────────────────────────────────


def _with_document(
    hands: Hands, action: WriteBack, delivery: GoodsDelivery
) -> tuple[DeliveryRecord, Problem | None]:
    """The record with the label attached in Exact; with the reason where it could not be, which holds nothing else back."""
    record = _for_this_shipment(action)
    if not hands.policy.labels.attach_to_delivery or not action.shipment.is_printable:
        return record, None
    try:
        for parcel in action.shipment.parcels:
            if parcel.id not in record.writeback.attached:
                record = _attach(hands, action, delivery, record, parcel.id)
    except (Unreachable, RateLimited, Resting):
        raise
    except ApiError as failed:
        known = hands.memory.delivery(action.delivery_id) or record
        return known, _document_failed(action, failed)
    return record, None


def _for_this_shipment(action: WriteBack) -> DeliveryRecord:
    """A replaced label starts a new write-back; the line of the old one is known by its numbers."""
    written = action.record.writeback
    if written.shipment in {None, action.shipment.id}:
        return action.record.but(writeback=written.but(shipment=ShipmentId(action.shipment.id)))
    fresh = WritebackRecord(
        tracking=written.tracking,
        numbers=written.numbers,
        document=written.document,
        shipment=ShipmentId(action.shipment.id),
    )
    return action.record.but(writeback=fresh)


def _attach(
    hands: Hands, action: WriteBack, delivery: GoodsDelivery, record: DeliveryRecord, parcel: int
) -> DeliveryRecord:
    content = hands.sendcloud.label_pdf(parcel)
    with hands.uninterrupted():
        record = _with_document_id(hands, action, delivery, record)
        name = f"label-{parcel}.pdf"
        document = record.writeback.document
        # A linked document that is not remembered: an earlier ledger's, or a copy of this one has been at work.
        may_be_there = (
            record.writeback.document_intended
            or delivery.document is not None
            or not _was_just_bought(record)
        )
        is_there = may_be_there and any(one.file_name == name for one in hands.exact.attachments(document))
        if not is_there:
            will_attach(hands, action.delivery_id, document, name, content)
            record = _noted(hands, "attachment_intended", action, record, document_intended=True)
            hands.exact.attach(document, file_name=name, content=content)
        attached = (*record.writeback.attached, parcel)
        return _noted(hands, "label_attached", action, record, attached=attached, document_intended=False)


def _with_document_id(
    hands: Hands, action: WriteBack, delivery: GoodsDelivery, record: DeliveryRecord
) -> DeliveryRecord:
    """The document that the label goes into: the one that stands there, the one we made, or a new one."""
    if delivery.document:
        return (
            _noted(hands, "document_found", action, record, document=delivery.document)
            if (record.writeback.document != delivery.document)
            else record
        )
    if record.writeback.document:
        return record
    subject = f"exactsend {action.shipment.external_reference_id or action.shipment.id}"
    if record.writeback.document_intended or not _was_just_bought(record):
        found = hands.exact.documents_with_subject(subject)
        if found:
            return _noted(
                hands, "document_found", action, record, document=found[0].id, document_intended=True
            )
    number = record.order_numbers[0] if record.order_numbers else None
    will_create_document(hands, action.delivery_id, subject, delivery.delivery_account, number)
    record = _noted(hands, "document_intended", action, record, document_intended=True)
    made = hands.exact.create_document(
        subject=subject, account=delivery.delivery_account, order_number=number
    )
    return _noted(hands, "document_made", action, record, document=made.id, document_intended=False)


def _was_just_bought(record: DeliveryRecord) -> bool:
    """Bought by us and remembered: then no earlier run can have made a document that is not remembered."""
    return record.label is not None and record.label.how == "bought"


def _noted(
    hands: Hands, event: str, action: WriteBack, record: DeliveryRecord, **changes: object
) -> DeliveryRecord:
    record = record.but(writeback=record.writeback.but(**changes))
    hands.memory.note(event, record, subject=_subject(action), facts={"delivery": record.number})
    return record


# ── reading back ─────────────────────────────────────────────────────────────────────────────────


def _read_back(hands: Hands, written: Sequence[_Written]) -> Iterator[Outcome]:
    now = _read(hands, [one.action.delivery_id for one in written])
    for one in written:
        yield _compared(hands, one, now.get(one.action.delivery_id))


def _compared(hands: Hands, written: _Written, delivery: GoodsDelivery | None) -> Outcome:
    action, record = written.action, written.record
    if delivery is None:
        hands.memory.note("delivery_gone", record.but(gone=True), subject=_subject(action))
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="deleted")
    kept = delivery.tracking_number
    if kept != written.tracking:
        return _cut_off(hands, written, delivery)
    return _finished(hands, written, delivery)


def _cut_off(hands: Hands, written: _Written, delivery: GoodsDelivery) -> Outcome:
    """Exact kept less than was written: keep the longest whole number (S12)."""
    action, kept = written.action, delivery.tracking_number
    if not _is_cut(kept, written.tracking):
        return _problem(hands, action, written.record, _not_arrived(action), retry=True)
    fitting = cut_to_fit(action.shipment.tracking_numbers, kept)
    if fitting and fitting != kept:
        will_update(hands, action.delivery_id, {"TrackingNumber": fitting})
        hands.exact.update_delivery(action.delivery_id, {"TrackingNumber": fitting})
    finished = _finished(hands, written, delivery.model_copy(update={"tracking_number": fitting or kept}))
    record = hands.memory.delivery(action.delivery_id) or written.record
    return _problem(hands, action, record, _truncated(action, fitting), retry=False, kind=finished.outcome)


def _finished(hands: Hands, written: _Written, delivery: GoodsDelivery) -> Outcome:
    action, shipment = written.action, written.action.shipment
    is_whole = written.document_problem is None and _has_all_labels(hands, written)
    writeback = written.record.writeback.but(
        tracking=delivery.tracking_number,
        numbers=shipment.tracking_numbers,
        shipment=shipment.id,
        done=is_whole,
    )
    header = _header_after(hands, written, delivery)
    record = written.record.but(writeback=writeback, header=header).without_problem("writeback")
    if written.document_problem is not None:
        record = record.with_problem(_seen(hands, action, written.document_problem, retry=True))
    facts: dict[str, Json] = {"delivery": record.number, "shipment": shipment.id}
    hands.memory.note("written_back", record, subject=_subject(action), facts=facts)
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.DONE,
        reason=written.document_problem.code if written.document_problem else "",
        shipment_id=shipment.id,
        tracking_numbers=shipment.tracking_numbers,
        problem=written.document_problem,
    )


def _header_after(hands: Hands, written: _Written, delivery: GoodsDelivery) -> str:
    """What is no news from now on: our own writing, but not what a person changed since it was decided about (S14)."""
    decided, key = written.record.header, hands.fingerprint_key
    is_ours = header_fingerprint(key, written.before) == decided and _others(written.before) == _others(
        delivery
    )
    return header_fingerprint(key, delivery) if is_ours else decided


def _others(delivery: GoodsDelivery) -> GoodsDelivery:
    """The delivery without what is written here, and what moves with it."""
    ours = {
        "tracking_number": "",
        "remarks": "",
        "document": None,
        "modified": None,
        "goods_delivery_lines": None,
    }
    return delivery.model_copy(update=ours)


def _has_all_labels(hands: Hands, written: _Written) -> bool:
    if not hands.policy.labels.attach_to_delivery:
        return True
    return {parcel.id for parcel in written.action.shipment.parcels} <= set(written.record.writeback.attached)


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def _taken(action: WriteBack) -> Problem:
    return Problem(
        Code.TRACKING_TAKEN,
        sentence(
            "{name} already carries another tracking number in Exact; it was not overwritten",
            name=action.subject.name,
        ),
        field="TrackingNumber",
        remedy=sentence(
            "If the label of Sendcloud is the right one, empty the field in Exact; the next run writes it. Otherwise cancel that label."
        ),
    )


def _refused(action: WriteBack, refused: Refused) -> Problem:
    said = "; ".join(one.detail for one in refused.problems) or refused.message
    return Problem(
        Code.WRITEBACK_REFUSED,
        sentence("Exact refused the tracking number of {name}", name=action.subject.name),
        remedy=sentence(
            "Check in Exact whether the delivery may still be changed; it is tried again by itself."
        ),
        detail=masked(said),
    )


def _not_arrived(action: WriteBack) -> Problem:
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "Exact took the tracking number of {name}, but it did not stand there when read back",
            name=action.subject.name,
        ),
        field="TrackingNumber",
        remedy=sentence(
            "It is tried again by itself. If it stays, check the rights of the signed-in user on deliveries in Exact."
        ),
    )


def _truncated(action: WriteBack, fitting: str) -> Problem:
    return Problem(
        Code.TRACKING_TRUNCATED,
        sentence(
            "Exact has no room for all tracking numbers of {name}; it now holds {held}",
            name=action.subject.name,
            held=sentence("those that fit") if fitting else sentence("a part"),
        ),
        field="TrackingNumber",
        remedy=sentence(
            "All of them stand in the remarks. Close this with: {accept}.",
            accept=action.subject.by_hand("accept"),
        ),
    )


def _document_failed(action: WriteBack, failed: ApiError) -> Problem:
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "the label of {name} could not be attached in Exact; the tracking number was written",
            name=action.subject.name,
        ),
        field="Document",
        remedy=sentence(
            "It is tried again by itself. If it stays, check the app's right to manage documents (Organization documents)."
        ),
        detail=masked(failed.message),
    )


def _problem(
    hands: Hands,
    action: WriteBack,
    record: DeliveryRecord,
    problem: Problem,
    *,
    retry: bool,
    kind: OutcomeKind = OutcomeKind.FAILED,
) -> Outcome:
    record = record.with_problem(_seen(hands, action, problem, retry=retry))
    hands.memory.note("writeback_failed", record, subject=_subject(action), facts={"code": problem.code})
    return Outcome(
        action.kind,
        action.subject,
        kind,
        reason=problem.code,
        shipment_id=action.shipment.id,
        problem=problem,
    )


def _seen(hands: Hands, action: WriteBack, problem: Problem, *, retry: bool) -> ProblemRecord:
    before = action.record.problems.get("writeback")
    tries = before.attempts if before and before.code == problem.code else 0
    now = hands.clock()
    pause = RETRY_PAUSES[min(tries, len(RETRY_PAUSES) - 1)] if retry else timedelta(0)
    return ProblemRecord.seen(
        "writeback", problem, at=now, before=before, next_try=now + pause if retry else None
    )


def _subject(action: WriteBack) -> str:
    return f"delivery:{action.delivery_id}"
