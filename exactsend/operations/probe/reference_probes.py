"""Probes of references with ``sendcloud:letter``, the cheapest label: no postage, and a fee that is refunded when it is cancelled.

Every letter is cancelled in the end. Sources: Sendcloud, guide "Creating test labels"; for the fee, help centre, article 360025143911 (0.08 to
0.10 EUR a label depending on the plan; on the free plan none for 50 labels a month, then 0.15 EUR each), read in November 2026.
"""

from collections.abc import Iterator

from exactsend.domain.ids import Reference
from exactsend.errors import ApiError, ExactSendError, Refused
from exactsend.http.messages import Json, Reply
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.sendcloud import replies, wire
from exactsend.sendcloud.models import SenderAddress, Shipment

LETTER = "sendcloud:letter"
NUMBER = "exactsend-probe"
"""The order number of every probe's letters; no order in Exact has it."""
LIGHT, _TOO_HEAVY = "0.100", "40.000"
_ATTEMPTS, _SECONDS_BETWEEN = 10, 3.0


class CostsMoney(ExactSendError):
    """The letter without postage is not available, so the probe creates none."""

    code = "probe_not_free"


def require_free(context: ProbeContext, *, to_country: str = "") -> SenderAddress:
    """The sender of the letters, if Sendcloud offers them without postage to that country (default: the sender's own).

    Raises:
        CostsMoney: Sendcloud does not offer them, or they have a price.
    """
    senders = context.services.sendcloud.sender_addresses()
    if not senders:
        raise CostsMoney("Sendcloud has no sender address, so the probe can't create a letter")
    sender = senders[0]
    offered = context.services.sendcloud.shipping_options(
        shipping_option_code=LETTER,
        from_address={"country_code": sender.country_code},
        to_address={"country_code": to_country or sender.country_code},
        parcels=[{"weight": {"value": LIGHT, "unit": "kg"}}],
        calculate_quotes=True,
    )
    letter = next((option for option in offered or [] if option.code == LETTER), None)
    if letter is None:
        raise CostsMoney(
            f"this Sendcloud account does not offer {LETTER}, the label without postage, so the probe creates no label",
            hint='Enable the carrier "Sendcloud" (unstamped letter) in Sendcloud under Settings > Carriers.',
        )
    prices = [quote.price.total for quote in letter.quotes if quote.price.total]
    if any(price.value for price in prices):
        raise CostsMoney(f"{LETTER} has a price in this Sendcloud account, so the probe creates no label")
    return sender


def probe_references(context: ProbeContext) -> Iterator[ProbeFinding]:
    """Whether and how Sendcloud refuses a used reference, also one of a cancelled or failed shipment."""
    sender = require_free(context)
    yield _probe_used_reference(context, sender)
    yield _probe_after_cancel(context, sender)
    yield _probe_after_failure(context, sender)


# ── one question each ────────────────────────────────────────────────────────────────────────────


def _probe_used_reference(context: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question = "reference_used_again"
    context.report_progress("creating a letter, then another with the same reference")
    first = make_letter(context, context.reference(1), letter_request(sender))
    if not first.is_live:
        return ProbeFinding(question, "", "Sendcloud could not announce the letter")
    reply = _announce(context, context.reference(1), letter_request(sender))
    return _used_reference_verdict(question, reply, first)


def _used_reference_verdict(question: str, reply: Reply, first: Shipment) -> ProbeFinding:
    """What the answer to a used reference means."""
    if reply.status == wire.CONFLICT:
        return ProbeFinding(question, "refused", f"409, {body_text(reply)}")
    second = replies.read(reply, Shipment)
    if second.id == first.id:
        return ProbeFinding(question, "same_shipment", f"{reply.status}, the same shipment")
    return ProbeFinding(
        question, "second_shipment", f"{reply.status}, another shipment with the same reference"
    )


def body_text(reply: Reply) -> str:
    """Where an answer has the shipment, in words for the report."""
    try:
        document = reply.json()
    except ApiError:
        return "an unreadable body"
    match document:
        case {"data": {"id": _}}:
            return "the shipment under data"
        case {"id": _}:
            return "the bare shipment"
        case {"errors": list()} | list():
            return "errors without a shipment"
        case _:
            return "another body"


def _probe_after_cancel(context: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question, reference = "reference_after_cancel", context.reference(2)
    context.report_progress("cancelling a letter, then using its reference again")
    shipment = make_letter(context, reference, letter_request(sender))
    if not shipment.is_live:
        return ProbeFinding(question, "", "Sendcloud could not announce the letter")
    context.services.sendcloud.cancel(wire.cancel(shipment.id))
    if not _is_cancelled(context, shipment):
        return ProbeFinding(question, "", "the cancellation is still queued")
    return _reference_verdict(question, _announce(context, reference, letter_request(sender)))


def _is_cancelled(context: ProbeContext, shipment: Shipment) -> bool:
    for _ in range(_ATTEMPTS):
        found = context.services.sendcloud.shipment(shipment.id)
        if found is not None and found.is_cancelled:
            return True
        context.wait(_SECONDS_BETWEEN)
    return False


def _probe_after_failure(context: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question, reference = "reference_after_failure", context.reference(3)
    context.report_progress("creating a letter that is too heavy, then using its reference again")
    try:
        shipment = make_letter(context, reference, letter_request(sender, kilograms=_TOO_HEAVY))
    except Refused:
        return ProbeFinding(question, "", "Sendcloud refuses a letter that is too heavy, so none failed")
    if not shipment.is_failed:
        return ProbeFinding(question, "", "a letter that is too heavy does not fail")
    return _reference_verdict(question, _announce(context, reference, letter_request(sender)))


def _reference_verdict(question: str, reply: Reply) -> ProbeFinding:
    if reply.status == wire.CONFLICT:
        return ProbeFinding(question, "kept", f"409, {body_text(reply)}")
    return ProbeFinding(question, "free", f"{reply.status}, a new shipment")


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


def letter_request(sender: SenderAddress, *, kilograms: str = LIGHT) -> dict[str, Json]:
    """The request for an unstamped letter from the shop to itself."""
    home: dict[str, Json] = {
        "name": "exactsend probe",
        "address_line_1": sender.address_line_1,
        "postal_code": sender.postal_code,
        "city": sender.city,
        "country_code": sender.country_code,
    }
    if sender.house_number:
        home["house_number"] = sender.house_number
    return {
        "from_address": {"sender_address_id": sender.id},
        "to_address": home,
        "ship_with": {"type": "shipping_option_code", "properties": {"shipping_option_code": LETTER}},
        "parcels": [{"weight": {"value": kilograms, "unit": "kg"}}],
        "order_number": NUMBER,
    }


def make_letter(context: ProbeContext, reference: Reference, request: dict[str, Json]) -> Shipment:
    """Create a letter and wait until Sendcloud has announced it, or failed to.

    Raises:
        Refused: Sendcloud created none, so none is left to cancel.
        CostsMoney: Sendcloud created another label than an unstamped letter.
    """
    try:
        reply = _announce(context, reference, request)
    except Refused:
        context.record_label_gone(reference)
        raise
    shipment = replies.read_announced(reply, reference)
    if shipment.shipping_option.shipping_option_code not in {LETTER, ""}:
        raise CostsMoney(
            f"Sendcloud created a {shipment.shipping_option.shipping_option_code} label instead of an unstamped letter; the probe cancels it"
        )
    for _ in range(_ATTEMPTS):
        if shipment.is_failed or shipment.is_printable:
            break
        context.wait(_SECONDS_BETWEEN)
        shipment = context.services.sendcloud.shipment(shipment.id) or shipment
    return shipment


def _announce(context: ProbeContext, reference: Reference, request: dict[str, Json]) -> Reply:
    """Ask for a letter and return the raw answer. The ledger records the intent first (S3)."""
    body: dict[str, Json] = {**request, "external_reference_id": reference}
    with context.uninterrupted():
        context.record_label_intent(reference)
        return context.services.sendcloud_transport.send(wire.announce(body, with_rules=False))
