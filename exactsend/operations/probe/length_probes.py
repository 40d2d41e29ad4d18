"""Probes of Exact's fields: how many characters they keep, and the time zone of its dates.

Appends to a text, reads it back and restores it. A probe always appends the same text, which distinguishes it from what a person wrote.
"""

from collections.abc import Iterator
from datetime import timedelta

from exactsend.domain.ids import DeliveryId
from exactsend.domain.probe_findings import ProbeText
from exactsend.errors import Broken, ExactSendError, Forbidden, Refused
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.wire import update_delivery
from exactsend.http.messages import Json
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding

_MARK = "[exactsend probe]"
_SIZES = {"TrackingNumber": (300, 60), "Remarks": (4_000, 500)}
"""The lengths to try: the second if Exact refuses the first. At most two refusals for each field (S9)."""
_QUARTER = timedelta(minutes=15)


def probe_text_lengths(context: ProbeContext, number: int) -> Iterator[ProbeFinding]:
    """How much of a long tracking number and of long remarks a delivery keeps, and the time zone of its time of change."""
    delivery = _delivery_to_probe(context, number)
    if delivery.tracking_number:
        raise ExactSendError(
            f"delivery {number} has a tracking number", hint="Pass a delivery without one to --delivery."
        )
    for field in ("TrackingNumber", "Remarks"):
        context.report_progress(f"writing a long {field} to delivery {number}, then restoring it")
        with context.uninterrupted():
            answer = _probe_length(context, DeliveryId(delivery.entry_id), field)
        yield answer
    yield _probe_time_zone(context, DeliveryId(delivery.entry_id))


def _delivery_to_probe(context: ProbeContext, number: int) -> GoodsDelivery:
    found = context.services.exact.deliveries_by_number([number]).rows
    if len(found) != 1:
        raise ExactSendError(f"Exact has {len(found) or 'no'} deliveries with number {number}")
    return found[0]


def _probe_length(context: ProbeContext, delivery: DeliveryId, field: str) -> ProbeFinding:
    """The number of characters that a field keeps."""
    question = "tracking_length" if field == "TrackingNumber" else "remarks_length"
    before = text_of(_read(context, delivery), field)
    writing = ProbeText(delivery=delivery, field=field, length=len(before))
    context.record_text_intent(writing)
    refused = ""
    for size in _SIZES[field]:
        wanted = lengthened(before, size)
        try:
            _update(context, delivery, {field: wanted})
        except Forbidden:
            context.record_text_restored(writing)
            raise
        except (Refused, Broken) as refusal:
            refused = f", {size} refused ({refusal.http_status})"
            continue
        kept = len(text_of(_read(context, delivery), field))
        restore_text(context, writing)
        how = "at least " if kept == len(wanted) else ""
        return ProbeFinding(
            question, f"{kept}" if not how else f"{kept}+", f"{how}{kept} characters kept{refused}"
        )
    restore_text(context, writing)
    return ProbeFinding(question, "", f"not found out{refused}")


def _probe_time_zone(context: ProbeContext, delivery: DeliveryId) -> ProbeFinding:
    """The time of change of the delivery just written, compared with Exact's own clock in UTC."""
    question = "zone_of_dates"
    modified, utc = _read(context, delivery).modified, context.services.exact.server_date()
    if modified is None:
        return ProbeFinding(question, "", "the delivery has no time of change")
    offset = modified - utc.replace(tzinfo=None)
    quarters = round(offset / _QUARTER)
    sign = "+" if quarters >= 0 else "-"
    hours, rest = divmod(abs(quarters) * 15, 60)
    return ProbeFinding(
        question, f"{sign}{hours:02}:{rest:02}", "the present difference of Exact's dates from UTC"
    )


# ── restoring ────────────────────────────────────────────────────────────────────────────────────


def lengthened(before: str, size: int) -> str:
    """The text with what a probe appends: ``size`` characters in all, or longer if the text already nearly was."""
    missing = max(len(_MARK), size - len(before))
    return before + (_MARK + "0123456789" * (missing // 10 + 1))[:missing]


def restore_text(context: ProbeContext, writing: ProbeText) -> str:
    """Restore a text; return why it could not be restored, or an empty text.

    Removes only what a probe appended: what a person wrote meanwhile stays.
    """
    delivery = next(iter(context.services.exact.deliveries([writing.delivery]).rows), None)
    if delivery is None:
        context.record_text_restored(writing)
        return "the delivery is gone"
    now = text_of(delivery, writing.field)
    before, added = now[: writing.length], now[writing.length :]
    if added and not lengthened("", len(added) + len(_MARK)).startswith(added):
        context.record_text_restored(writing)
        return f"{writing.field} of delivery {delivery.delivery_number} was changed by somebody else, so the probe leaves it"
    if added:
        _update(context, writing.delivery, {writing.field: before})
        if text_of(_read(context, writing.delivery), writing.field) != before:
            return f"{writing.field} of delivery {delivery.delivery_number} could not be restored; the next probe tries again"
    context.record_text_restored(writing)
    return ""


def _update(context: ProbeContext, delivery: DeliveryId, changes: dict[str, Json]) -> None:
    context.services.request_log.record_and_send(
        delivery, update_delivery(context.division, delivery, changes), context.services.exact.update_delivery
    )


def text_of(delivery: GoodsDelivery, field: str) -> str:
    """The delivery's text in that field."""
    return delivery.tracking_number if field == "TrackingNumber" else delivery.remarks


def _read(context: ProbeContext, delivery: DeliveryId) -> GoodsDelivery:
    found = context.services.exact.deliveries([delivery]).rows
    if not found:
        raise ExactSendError("the delivery is gone from Exact")
    return found[0]
