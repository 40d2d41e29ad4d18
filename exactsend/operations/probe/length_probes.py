"""Questions about Exact's fields: how many characters they keep, and in which zone its dates are.

Lengthens a text behind what stands there, reads it back, and puts back what stood there. What a probe adds is always the
same text, so one that was killed can be told from what a person wrote.
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
"""What is tried, and what where that is refused: one refusal a field at most (S9)."""
_QUARTER = timedelta(minutes=15)


def ask_about_texts(bench: ProbeContext, number: int) -> Iterator[ProbeFinding]:
    """What of a long tracking number and of long remarks a delivery keeps; what its time of change says of the zone."""
    delivery = _named(bench, number)
    if delivery.tracking_number:
        raise ExactSendError(
            f"delivery {number} has a tracking number", hint="Name a delivery that has none with --delivery."
        )
    for field in ("TrackingNumber", "Remarks"):
        bench.tell(f"writing a long {field} onto delivery {number}, and putting it back")
        with bench.uninterrupted():
            answer = _kept_of(bench, DeliveryId(delivery.entry_id), field)
        yield answer
    yield _zone(bench, DeliveryId(delivery.entry_id))


def _named(bench: ProbeContext, number: int) -> GoodsDelivery:
    found = bench.services.exact.deliveries_by_number([number]).rows
    if len(found) != 1:
        raise ExactSendError(f"Exact has {len(found) or 'no'} deliveries {number}")
    return found[0]


def _kept_of(bench: ProbeContext, delivery: DeliveryId, field: str) -> ProbeFinding:
    """The number of characters that one field keeps."""
    question = "tracking_length" if field == "TrackingNumber" else "remarks_length"
    before = text_of(_read(bench, delivery), field)
    writing = ProbeText(delivery=delivery, field=field, length=len(before))
    bench.intend_writing(writing)
    refused = ""
    for size in _SIZES[field]:
        wanted = padded(before, size)
        try:
            _update(bench, delivery, {field: wanted})
        except Forbidden:
            bench.writing_is_undone(writing)
            raise
        except (Refused, Broken) as no:
            refused = f", {size} are refused ({no.http_status})"
            continue
        kept = len(text_of(_read(bench, delivery), field))
        undo(bench, writing)
        how = "at least " if kept == len(wanted) else ""
        return ProbeFinding(
            question, f"{kept}" if not how else f"{kept}+", f"{how}{kept} characters are kept{refused}"
        )
    undo(bench, writing)
    return ProbeFinding(question, "", f"nothing could be found out{refused}")


def _zone(bench: ProbeContext, delivery: DeliveryId) -> ProbeFinding:
    """The delivery was just written: the time of its change against Exact's own clock in UTC."""
    question = "zone_of_dates"
    modified, utc = _read(bench, delivery).modified, bench.services.exact.server_date()
    if modified is None:
        return ProbeFinding(question, "", "the delivery has no time of change")
    offset = modified - utc.replace(tzinfo=None)
    quarters = round(offset / _QUARTER)
    sign = "+" if quarters >= 0 else "-"
    hours, rest = divmod(abs(quarters) * 15, 60)
    return ProbeFinding(question, f"{sign}{hours:02}:{rest:02}", "what Exact's dates differ from UTC now")


# ── putting back ─────────────────────────────────────────────────────────────────────────────────


def padded(before: str, size: int) -> str:
    """The text with what a probe adds, ``size`` characters in all where it is not longer already."""
    missing = max(len(_MARK), size - len(before))
    return before + (_MARK + "0123456789" * (missing // 10 + 1))[:missing]


def undo(bench: ProbeContext, writing: ProbeText) -> str:
    """Put a text back; gives why it could not be, empty where it was.

    What a person wrote meanwhile stays: only what a probe adds is taken away.
    """
    delivery = next(iter(bench.services.exact.deliveries([writing.delivery]).rows), None)
    if delivery is None:
        bench.writing_is_undone(writing)
        return "the delivery is gone"
    now = text_of(delivery, writing.field)
    before, added = now[: writing.length], now[writing.length :]
    if added and not padded("", len(added) + len(_MARK)).startswith(added):
        bench.writing_is_undone(writing)
        return f"{writing.field} of delivery {delivery.delivery_number} was changed by somebody; it stays as it is"
    if added:
        _update(bench, writing.delivery, {writing.field: before})
        if text_of(_read(bench, writing.delivery), writing.field) != before:
            return f"{writing.field} of delivery {delivery.delivery_number} is not as it was; the next probe tries again"
    bench.writing_is_undone(writing)
    return ""


def _update(bench: ProbeContext, delivery: DeliveryId, changes: dict[str, Json]) -> None:
    bench.services.request_log.record_and_send(
        delivery, update_delivery(bench.division, delivery, changes), bench.services.exact.update_delivery
    )


def text_of(delivery: GoodsDelivery, field: str) -> str:
    """One of the two texts of a delivery."""
    return delivery.tracking_number if field == "TrackingNumber" else delivery.remarks


def _read(bench: ProbeContext, delivery: DeliveryId) -> GoodsDelivery:
    found = bench.services.exact.deliveries([delivery]).rows
    if not found:
        raise ExactSendError("the delivery is gone from Exact")
    return found[0]
