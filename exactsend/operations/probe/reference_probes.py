"""Questions about references, asked with ``sendcloud:letter``, the label that costs least: no postage, and a fee that goes when it is cancelled.

Each letter is cancelled in the end. Source: Sendcloud, guide "Creating test labels", and of the fee help centre, article 360025143911 (0.08 to 0.10
EUR a label by plan; on the free plan none, with 50 labels a month, and 0.15 EUR for each one more), read in November 2026.
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
"""The order number of all letters of probes: no order of Exact has it."""
LIGHT, _TOO_HEAVY = "0.100", "40.000"
_LOOKS, _SECONDS = 10, 3.0


class CostsMoney(ExactSendError):
    """The letter without postage is not to be had, so nothing is made."""

    code = "probe_not_free"


def require_free(bench: ProbeContext, *, to_country: str = "") -> SenderAddress:
    """The sender of the letters, where they are offered to that country (else at home) without postage.

    Raises:
        CostsMoney: they are not offered, or have a price.
    """
    senders = bench.services.sendcloud.sender_addresses()
    if not senders:
        raise CostsMoney("Sendcloud has no sender address, so no letter can be made")
    sender = senders[0]
    offered = bench.services.sendcloud.shipping_options(
        shipping_option_code=LETTER,
        from_address={"country_code": sender.country_code},
        to_address={"country_code": to_country or sender.country_code},
        parcels=[{"weight": {"value": LIGHT, "unit": "kg"}}],
        calculate_quotes=True,
    )
    letter = next((option for option in offered or [] if option.code == LETTER), None)
    if letter is None:
        raise CostsMoney(
            f"this Sendcloud account does not offer {LETTER}, the label without postage, so no label is made",
            hint='Enable the carrier "Sendcloud" (unstamped letter) in Sendcloud under Settings > Carriers.',
        )
    prices = [quote.price.total for quote in letter.quotes if quote.price.total]
    if any(price.value for price in prices):
        raise CostsMoney(f"{LETTER} has a price in this Sendcloud account, so no label is made")
    return sender


def ask_about_references(bench: ProbeContext) -> Iterator[ProbeFinding]:
    """Is a used reference refused, with which body, also after a cancelled and a failed shipment."""
    sender = require_free(bench)
    yield _used_again(bench, sender)
    yield _after_cancelling(bench, sender)
    yield _after_failing(bench, sender)


# ── one question each ────────────────────────────────────────────────────────────────────────────


def _used_again(bench: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question = "reference_used_again"
    bench.tell("making a letter, and asking for it once more under the same reference")
    first = made_of(bench, bench.reference(1), letter(sender))
    if not first.is_live:
        return ProbeFinding(question, "", "the letter could not be announced")
    reply = _announced(bench, bench.reference(1), letter(sender))
    return _judged(question, reply, first)


def _judged(question: str, reply: Reply, first: Shipment) -> ProbeFinding:
    """What the answer to a used reference says."""
    if reply.status == wire.CONFLICT:
        return ProbeFinding(question, "refused", f"409, {body_of(reply)}")
    second = replies.read(reply, Shipment)
    if second.id == first.id:
        return ProbeFinding(question, "same_shipment", f"{reply.status}, the same shipment")
    return ProbeFinding(
        question, "second_shipment", f"{reply.status}, another shipment under the same reference"
    )


def body_of(reply: Reply) -> str:
    """Where the shipment stands in an answer."""
    try:
        document = reply.json()
    except ApiError:
        return "without a body that can be read"
    match document:
        case {"data": {"id": _}}:
            return "the shipment under data"
        case {"id": _}:
            return "the bare shipment"
        case {"errors": list()} | list():
            return "errors without a shipment"
        case _:
            return "a body of another form"


def _after_cancelling(bench: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question, reference = "reference_after_cancel", bench.reference(2)
    bench.tell("cancelling a letter, and asking for its reference again")
    made = made_of(bench, reference, letter(sender))
    if not made.is_live:
        return ProbeFinding(question, "", "the letter could not be announced")
    bench.services.sendcloud.cancel(wire.cancel(made.id))
    if not _is_cancelled(bench, made):
        return ProbeFinding(question, "", "the cancellation is still queued")
    return _kept_or_free(question, _announced(bench, reference, letter(sender)))


def _is_cancelled(bench: ProbeContext, made: Shipment) -> bool:
    for _ in range(_LOOKS):
        found = bench.services.sendcloud.shipment(made.id)
        if found is not None and found.is_cancelled:
            return True
        bench.wait(_SECONDS)
    return False


def _after_failing(bench: ProbeContext, sender: SenderAddress) -> ProbeFinding:
    question, reference = "reference_after_failure", bench.reference(3)
    bench.tell("making a letter that is too heavy, and asking for its reference again")
    try:
        made = made_of(bench, reference, letter(sender, kilograms=_TOO_HEAVY))
    except Refused:
        return ProbeFinding(
            question, "", "a letter that is too heavy is refused, so none could be made to fail"
        )
    if not made.is_failed:
        return ProbeFinding(
            question, "", "a letter that is too heavy does not fail, so none could be made to fail"
        )
    return _kept_or_free(question, _announced(bench, reference, letter(sender)))


def _kept_or_free(question: str, reply: Reply) -> ProbeFinding:
    if reply.status == wire.CONFLICT:
        return ProbeFinding(question, "kept", f"409, {body_of(reply)}")
    return ProbeFinding(question, "free", f"{reply.status}, a new shipment")


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


def letter(sender: SenderAddress, *, kilograms: str = LIGHT) -> dict[str, Json]:
    """An unstamped letter from the shop to itself."""
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


def made_of(bench: ProbeContext, reference: Reference, request: dict[str, Json]) -> Shipment:
    """A letter that was not asked for before, once its announcement is decided.

    Raises:
        Refused: none was made, so none is to be put back.
    """
    try:
        reply = _announced(bench, reference, request)
    except Refused:
        bench.label_is_gone(reference)
        raise
    made = replies.read_announced(reply, reference)
    if made.shipping_option.shipping_option_code not in {LETTER, ""}:
        raise CostsMoney(
            f"Sendcloud made {made.shipping_option.shipping_option_code} of an unstamped letter; it is cancelled now"
        )
    for _ in range(_LOOKS):
        if made.is_failed or made.is_printable:
            break
        bench.wait(_SECONDS)
        made = bench.services.sendcloud.shipment(made.id) or made
    return made


def _announced(bench: ProbeContext, reference: Reference, request: dict[str, Json]) -> Reply:
    """The answer as it came. That it is about to be asked for is in the ledger first (S3)."""
    body: dict[str, Json] = {**request, "external_reference_id": reference}
    with bench.uninterrupted():
        bench.intend_label(reference)
        return bench.services.sendcloud_transport.send(wire.announce(body, with_rules=False))
