"""The question what the price of a customs item means, asked with one unstamped letter that needs a customs paper."""

from collections.abc import Iterator

from exactsend.errors import ApiError
from exactsend.http.messages import Json
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.operations.probe.reference_probes import LIGHT, NUMBER, letter, made_of, require_free
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
"""A public building in a country that customs stand before; nothing is ever posted."""
_PRICE, _TOTAL = "13.37", "26.74"
"""Amounts that stand in no paper by chance."""


def ask_about_prices(bench: ProbeContext) -> Iterator[ProbeFinding]:
    """Is the price of a customs item that of a piece or that of the line: the customs paper of two pieces shows it."""
    question = "customs_price"
    sender = require_free(bench, to_country="CH")
    bench.tell("making a letter that needs a customs paper")
    try:
        made = made_of(bench, bench.reference(4), _declared(sender))
        paper = (
            bench.services.sendcloud.document_pdf(made.parcels[0].id, CUSTOMS_DECLARATION)
            if made.is_live and made.parcels
            else b""
        )
    except ApiError:
        paper = b""
    if not paper:
        yield ProbeFinding(question, "", "no customs paper was made for a letter")
        return
    yield _read_off(bench, question, paper)


def _read_off(bench: ProbeContext, question: str, paper: bytes) -> ProbeFinding:
    """What the paper says, where its text can be read as it stands; else a person looks."""
    if _shows(paper, _TOTAL):
        return ProbeFinding(question, "per_piece", f"two pieces at {_PRICE} are worth {_TOTAL}")
    if _shows(paper, _PRICE):
        return ProbeFinding(question, "per_line", f"two pieces at {_PRICE} are worth {_PRICE}")
    path = bench.folder / "probe-customs.pdf"
    replace(path, paper, name="paper")
    return ProbeFinding(
        question,
        "",
        f"look at {path.name} in the division's state folder: two pieces with the price {_PRICE} are worth {_TOTAL} (per"
        f" piece) or {_PRICE} (per line)",
    )


def _shows(paper: bytes, amount: str) -> bool:
    return amount.encode() in paper or amount.replace(".", ",").encode() in paper


def _declared(sender: SenderAddress) -> dict[str, Json]:
    """An unstamped letter to another country, with two pieces that customs are told of."""
    item: dict[str, Json] = {
        "description": "Paper sample",
        "quantity": 2,
        "hs_code": "482030",
        "origin_country": "NL",
        "weight": {"value": 0.02, "unit": "kg"},
        "price": {"value": _PRICE, "currency": "EUR"},
    }
    return {
        **letter(sender),
        "to_address": dict(_ABROAD),
        "parcels": [{"weight": {"value": LIGHT, "unit": "kg"}, "parcel_items": [item]}],
        "customs_information": {"invoice_number": NUMBER, "export_reason": "commercial_sample"},
    }
