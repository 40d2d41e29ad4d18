"""Attaches a label to its delivery in Exact, as a file of the linked document (S12).

Creating documents and attachments is not idempotent, so each has its recorded intent, and a lookup if an answer may be
lost (S3). A failure is reported and tried again; it holds nothing else back.
"""

from dataclasses import dataclass
from functools import partial

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Problem
from exactsend.domain.records import DeliveryRecord, WritebackRecord
from exactsend.engine.optional_requests import RecordFailures, Service
from exactsend.engine.plan.actions import WriteBack
from exactsend.engine.plan.writeback_problems import attached_later, document_failed
from exactsend.engine.run_context import RunContext
from exactsend.errors import ApiError, RateLimited, Resting, Unreachable, is_refusal
from exactsend.exact.endpoints import DOCUMENTS
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.wire import attach, create_document

ATTACHMENT_CALLS: tuple[tuple[Service, str], ...] = (
    ("sendcloud", "GET parcels/{id}/documents/label"),
    ("exact", "POST documents/Documents"),
    ("exact", "POST documents/DocumentAttachments"),
)
"""The calls without which no label can be attached."""


@dataclass(frozen=True)
class NotAttached:
    """The label of a delivery could not be attached."""

    problem: Problem
    is_sure: bool
    """True: others were attached, so this delivery is the cause. False: tried again within the hour."""


class AttachmentFailures:
    """A run's failures to attach labels. Creating documents is counted separately, since most deliveries that have one need none."""

    def __init__(self) -> None:
        self.making: RecordFailures[WriteBack] = RecordFailures()
        self.attaching: RecordFailures[WriteBack] = RecordFailures()

    def of(self, failed: ApiError) -> RecordFailures[WriteBack]:
        """The failures of the call that failed here."""
        is_making = failed.method == "POST" and failed.endpoint == DOCUMENTS.path
        return self.making if is_making else self.attaching


def attach_label(
    context: RunContext, action: WriteBack, delivery: GoodsDelivery, failures: AttachmentFailures
) -> tuple[DeliveryRecord, NotAttached | None]:
    """The record with the label attached in Exact, and the reason if it could not be.

    After several failures in a row the call is recorded as refused and not made for a while.
    """
    record = _for_this_shipment(action)
    if not context.policy.labels.attach_to_delivery or not action.shipment.is_printable:
        return record, None
    if any(context.questions.is_paused(service, name) for service, name in ATTACHMENT_CALLS):
        return record, NotAttached(attached_later(action), is_sure=False)
    missing = [parcel.id for parcel in action.shipment.parcels if parcel.id not in record.writeback.attached]
    try:
        for parcel in missing:
            record = _attach(context, action, delivery, record, parcel)
    except (Unreachable, RateLimited):
        raise
    except ApiError as failed:
        if isinstance(failed, Resting) and failed.http_status is None:
            raise
        _is_refused_altogether(context, action, failed, failures.of(failed))
        known = context.records.delivery(action.delivery_id) or record
        is_sure = failures.of(failed).is_known_to_work and is_refusal(failed)
        return known, NotAttached(document_failed(action, failed), is_sure)
    if missing:
        failures.attaching.take_confirmed()
    if record.writeback.document not in {None, action.record.writeback.document, delivery.document}:
        failures.making.take_confirmed()
    return record, None


def _is_refused_altogether(
    context: RunContext, action: WriteBack, failed: ApiError, failures: RecordFailures[WriteBack]
) -> None:
    if not is_refusal(failed):
        return
    try:
        failures.add(action, failed, has_failed="writeback" in action.record.problems)
    except ApiError as refused:
        context.questions.record_refusal(refused)


def _for_this_shipment(action: WriteBack) -> DeliveryRecord:
    """The record for this shipment: a replaced label starts a new write-back, and its line is known by its numbers."""
    written = action.record.writeback
    if written.shipment in {None, action.shipment.id}:
        return action.record.replace(writeback=written.replace(shipment=ShipmentId(action.shipment.id)))
    fresh = WritebackRecord(
        tracking=written.tracking,
        numbers=written.numbers,
        document=written.document,
        shipment=ShipmentId(action.shipment.id),
    )
    return action.record.replace(writeback=fresh)


def _attach(
    context: RunContext, action: WriteBack, delivery: GoodsDelivery, record: DeliveryRecord, parcel: int
) -> DeliveryRecord:
    content = context.sendcloud.label_pdf(parcel)
    with context.uninterrupted():
        record = _with_document_id(context, action, delivery, record)
        name = f"label-{parcel}.pdf"
        document = record.writeback.document
        # A linked document without a record: made with an earlier ledger, or with another copy of this one.
        may_be_there = (
            record.writeback.document_intended
            or delivery.document is not None
            or not _was_just_bought(record)
        )
        is_there = may_be_there and any(
            attachment.file_name == name for attachment in context.exact.attachments(document)
        )
        if not is_there:
            record = _with_writeback(record, record.writeback.replace(document_intended=True))
            context.request_log.record_and_send(
                action.delivery_id,
                attach(context.identity.division, document, name, content),
                context.exact.attach,
                intent=partial(_note, context, "attachment_intended", record),
            )
        written = record.writeback.replace(
            attached=(*record.writeback.attached, parcel), document_intended=False
        )
        return _noted(context, "label_attached", _with_writeback(record, written))


def _with_document_id(
    context: RunContext, action: WriteBack, delivery: GoodsDelivery, record: DeliveryRecord
) -> DeliveryRecord:
    """The id of the document for the label: the linked one, one we made before, or a new one."""
    if existing := delivery.document:
        if record.writeback.document == existing:
            return record
        written = record.writeback.replace(document=existing)
        return _noted(context, "document_found", _with_writeback(record, written))
    if record.writeback.document:
        return record
    subject = f"exactsend {action.shipment.external_reference_id or action.shipment.id}"
    if record.writeback.document_intended or not _was_just_bought(record):
        found = context.exact.documents_with_subject(subject)
        if found:
            written = record.writeback.replace(document=found[0].id, document_intended=True)
            return _noted(context, "document_found", _with_writeback(record, written))
    number = record.order_numbers[0] if record.order_numbers else None
    record = _with_writeback(record, record.writeback.replace(document_intended=True))
    made = context.request_log.record_and_send(
        action.delivery_id,
        create_document(context.identity.division, subject, delivery.delivery_account, number),
        context.exact.create_document,
        intent=partial(_note, context, "document_intended", record),
    )
    written = record.writeback.replace(document=made.id, document_intended=False)
    return _noted(context, "document_made", _with_writeback(record, written))


def _was_just_bought(record: DeliveryRecord) -> bool:
    """Whether we just bought the label: then no earlier run can have made a document for it."""
    return record.label is not None and record.label.how == "bought"


def _with_writeback(record: DeliveryRecord, written: WritebackRecord) -> DeliveryRecord:
    return record.replace(writeback=written)


def _note(context: RunContext, event: str, record: DeliveryRecord) -> None:
    context.records.note(
        event, record, subject=f"delivery:{record.delivery_id}", facts={"delivery": record.number}
    )


def _noted(context: RunContext, event: str, record: DeliveryRecord) -> DeliveryRecord:
    _note(context, event, record)
    return record


def has_all_labels(context: RunContext, action: WriteBack, record: DeliveryRecord) -> bool:
    """Whether every parcel's label is attached, or none has to be."""
    if not context.policy.labels.attach_to_delivery:
        return True
    return {parcel.id for parcel in action.shipment.parcels} <= set(record.writeback.attached)


def event_subject(action: WriteBack) -> str:
    """The subject of write-back events."""
    return f"delivery:{action.delivery_id}"
