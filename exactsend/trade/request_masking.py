"""A request and its answer as the ledger keeps them for "what did we send?": nothing in them names or finds a person (S15).

What may be kept is listed; all else is masked, since a field that this list does not know may hold anything. Free text is never on it: what an item
is called, what an order is described by and what stands in remarks may name somebody.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from exactsend.domain.ids import parse_reference
from exactsend.errors import ApiError, ExactSendError, Refused
from exactsend.http.messages import Call, Json, Reply
from exactsend.trade.masking import masked

JsonObject = dict[str, Json]

KEPT = frozenset(
    {
        # ids and numbers, ours and those of the two services
        "id", "order_id", "order_number", "external_reference_id", "item_id", "sender_address_id", "contract_id",
        "commercial_invoice_number", "invoice_number",
        # what is sent, how, and what it is worth
        "quantity", "value", "unit", "currency", "price", "hs_code", "country_of_origin", "origin_country", "country_code",
        "type", "shipping_option_code", "apply_shipping_rules", "apply_shipping_defaults", "mime_type", "dpi",
        "shipment_type", "export_type", "export_reason", "code", "order_created_at",
        # Exact's
        "TrackingNumber", "Document", "Type", "Account", "SalesOrderNumber", "FileName",
    }
)  # fmt: skip
"""The fields of requests that are kept as they are sent; each is an id, a number, a code or a day."""
_WHOLLY_MASKED = frozenset({"tax_numbers"})
_SHOWS_A_PERSON = re.compile(r"@|://")
"""Whatever the field: an e-mail address or a link is not kept."""
MOST_ROWS = 50
"""Of a list, such as the lines of an order, so many are kept."""

MOST_ANSWERED, LONGEST_ID, MOST_ERRORS = 100, 100, 20
"""Of an answer no more rows are kept than the largest push has, and no longer ids: a service may say anything."""
_ANSWERED = frozenset({"id", "order_id", "tracking_number", "code", "status", "parcels", "data", "d", "ID"})
"""The fields of answers that are kept."""


def request_kept(call: Call) -> Json:
    """The body of a request, masked."""
    return _kept(call.body)


def _kept(body: Json) -> Json:
    if isinstance(body, dict):
        return {field: _kept_field(field, value) for field, value in body.items()}
    if isinstance(body, list):
        return [*map(_kept, body)]
    return body


def _kept_field(field: str, value: Json) -> Json:
    if field in _WHOLLY_MASKED:
        return f"<{field}>"
    if field == "Attachment" and isinstance(value, str):
        return f"<{_bytes_in(value)} bytes>"
    if field == "Subject" and _is_our_subject(value):
        return value
    if isinstance(value, dict):
        return _kept(value)
    if isinstance(value, list):
        rows: list[Json] = [_kept_field(field, number) for number in value[:MOST_ROWS]]
        return [*rows, f"… and {len(value) - MOST_ROWS} more"] if len(value) > MOST_ROWS else rows
    if value in (None, ""):
        return value
    return value if field in KEPT and not _SHOWS_A_PERSON.search(str(value)) else f"<{field}>"


def _bytes_in(base64_text: str) -> int:
    return len(base64_text) * 3 // 4 - base64_text[-2:].count("=")


def _is_our_subject(value: Json) -> bool:
    """Whether a document's subject has nothing in it but the program's name and a reference of ours, or a shipment's number."""
    name, _, reference = str(value).partition(" ")
    return name == "exactsend" and (parse_reference(reference) is not None or reference.isdigit())


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def answer_kept(call: Call, answer: Reply | ExactSendError) -> JsonObject:
    """What came back: the status, the ids and codes in it, and what was found wrong, masked."""
    if isinstance(answer, ExactSendError):
        return _failure(call, answer)
    told: JsonObject = {"status": answer.status}
    # Nothing more is kept of what can't be read: the run itself tells of that.
    with suppress(ValueError, RecursionError):
        document = _parsed(answer.body)
        told |= _told(document)
        if errors := list(_errors(call, document)):
            told["errors"] = errors
    return told


def _parsed(body: bytes) -> Json:
    """The document; numbers that are no JSON of ours stay text, since what is kept must be written down whatever it was."""
    document: Json = json.loads(body, parse_float=str, parse_constant=str) if body else None
    return document


def _told(document: Json) -> JsonObject:
    """The ids and codes of an answer: of the one thing that it is about, or of each under ``data``."""
    found = _ids("", document)
    if not isinstance(found, dict):
        return {}
    inner = found.get("data")
    told = inner if isinstance(inner, dict) else found
    # Beside the call's own status: "queued", where a label is to be cancelled.
    return {"result" if name == "status" else name: value for name, value in told.items()}


def _ids(field: str, value: Json) -> Json:
    if isinstance(value, dict):
        return {
            name: _ids(name, inner)
            for name, inner in value.items()
            if name in _ANSWERED and inner is not None
        }
    if isinstance(value, list):
        return [_ids(field, number) for number in value[:MOST_ANSWERED]]
    if isinstance(value, str) and (len(value) > LONGEST_ID or _SHOWS_A_PERSON.search(value)):
        return f"<{field}>"
    return value


def _errors(call: Call, document: Json) -> Iterator[Json]:
    """What a shipment that was made, and failed, says of why."""
    inner = document.get("data", document) if isinstance(document, dict) else None
    found = inner.get("errors") if isinstance(inner, dict) else None
    for value in found[:MOST_ERRORS] if isinstance(found, list) else ():
        if isinstance(value, dict):
            yield _error(call, value.get("code"), value.get("detail"))


def _failure(call: Call, failed: ExactSendError) -> JsonObject:
    status = failed.http_status if isinstance(failed, ApiError) else None
    told: JsonObject = {"status": status, "error": failed.code}
    problems = failed.problems if isinstance(failed, Refused) else ()
    if problems:
        return told | {
            "errors": [
                _error(call, problem.code, problem.detail, problem.pointer)
                for problem in problems[:MOST_ERRORS]
            ]
        }
    return told | {"message": _said(call, failed.message)}


def _error(call: Call, code: Json, detail: Json, pointer: str = "") -> Json:
    fields = {"code": code, "pointer": pointer, "detail": _said(call, str(detail or ""))}
    return {field: value for field, value in fields.items() if value}


def _said(call: Call, text: str) -> str:
    return masked(text, call.body)
