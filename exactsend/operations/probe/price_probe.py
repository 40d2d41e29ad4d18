"""Probes what the price of a customs item means, with one unstamped letter that needs a customs document."""

from collections.abc import Iterator

from exactsend.errors import ApiError
from exactsend.http.messages import Json
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.operations.probe.reference_probes import (
    LIGHT,
    NUMBER,
    letter_request,
    make_letter,
    require_free,
)
from exactsend.sendcloud.models import SenderAddress
from exactsend.sendcloud.parcels import CUSTOMS_DECLARATION
from exactsend.system.durable_files import replace

_ABROAD: dict[str, Json] = {
    "name": "exactsend probe",
    "address_line_1": "Bundesplatz",
    "house_number": "3",
    "postal_code": "3005",
    "city": "Bern",
    "country_code": "CH",
}
"""A public building in a country outside the EU customs union; nothing is ever posted."""
_PRICE, _TOTAL = "13.37", "26.74"
"""Amounts that no document contains by chance."""


def probe_customs_price(context: ProbeContext) -> Iterator[ProbeFinding]:
    """Whether the price of a customs item is per piece or per line, read from the customs document for two pieces."""
    question = "customs_price"
    sender = require_free(context, to_country="CH")
    context.report_progress("creating a letter that needs a customs document")
    try:
        shipment = make_letter(context, context.reference(4), _letter_abroad(sender))
        document = (
            context.services.sendcloud.document_pdf(shipment.parcels[0].id, CUSTOMS_DECLARATION)
            if shipment.is_live and shipment.parcels
            else b""
        )
    except ApiError:
        document = b""
    if not document:
        yield ProbeFinding(question, "", "Sendcloud created no customs document for a letter")
        return
    yield _price_on(context, question, document)


def _price_on(context: ProbeContext, question: str, document: bytes) -> ProbeFinding:
    """What the document says; if its text is compressed, a person must look."""
    if _shows(document, _TOTAL):
        return ProbeFinding(question, "per_piece", f"two pieces at {_PRICE} are worth {_TOTAL}")
    if _shows(document, _PRICE):
        return ProbeFinding(question, "per_line", f"two pieces at {_PRICE} are worth {_PRICE}")
    path = context.folder / "probe-customs.pdf"
    replace(path, document, name="document")
    return ProbeFinding(
        question,
        "",
        f"look at {path.name} in the division's state folder: two pieces with the price {_PRICE} are worth {_TOTAL} (per"
        f" piece) or {_PRICE} (per line)",
    )


def _shows(document: bytes, amount: str) -> bool:
    return amount.encode() in document or amount.replace(".", ",").encode() in document


def _letter_abroad(sender: SenderAddress) -> dict[str, Json]:
    """The request for an unstamped letter to another country with two declared pieces."""
    item: dict[str, Json] = {
        "description": "Paper sample",
        "quantity": 2,
        "hs_code": "482030",
        "origin_country": "NL",
        "weight": {"value": 0.02, "unit": "kg"},
        "price": {"value": _PRICE, "currency": "EUR"},
    }
    return {
        **letter_request(sender),
        "to_address": dict(_ABROAD),
        "parcels": [{"weight": {"value": LIGHT, "unit": "kg"}, "parcel_items": [item]}],
        "customs_information": {"invoice_number": NUMBER, "export_reason": "commercial_sample"},
    }
