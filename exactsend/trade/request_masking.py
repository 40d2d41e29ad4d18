"""Requests and answers as the ledger stores them for "what did we send?": without anything that identifies a person (S15).

Lists what may be stored and masks everything else, because an unknown field may hold anything. Free text is never on
the list: item names, order descriptions and remarks may name somebody.
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
        # ids and numbers of ours and of the two services
        "id", "order_id", "order_number", "external_reference_id", "item_id", "sender_address_id", "contract_id",
        "commercial_invoice_number", "invoice_number",
        # contents, shipping method and value
        "quantity", "value", "unit", "currency", "price", "hs_code", "country_of_origin", "origin_country", "country_code",
        "type", "shipping_option_code", "apply_shipping_rules", "apply_shipping_defaults", "mime_type", "dpi",
        "shipment_type", "export_type", "export_reason", "code", "order_created_at",
        # Exact's fields
        "TrackingNumber", "Document", "Type", "Account", "SalesOrderNumber", "FileName",
    }
)  # fmt: skip
"""Request fields stored unmasked; each is an id, a number, a code or a day."""
_WHOLLY_MASKED = frozenset({"tax_numbers"})
_SHOWS_A_PERSON = re.compile(r"@|://")
"""Whatever the field: an e-mail address or a link is not stored."""
MAX_ROWS = 50
"""So many rows of a list are stored, such as an order's lines."""

MAX_ANSWERED, MAX_ID, MAX_ERRORS = 100, 100, 20
"""Limits for answers: rows (the largest push), length of ids, and errors. A service may return anything."""
_ANSWERED = frozenset({"id", "order_id", "tracking_number", "code", "status", "parcels", "data", "d", "ID"})
"""Answer fields that are stored."""


def request_kept(call: Call) -> Json:
    """A request's body, masked."""
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
        rows: list[Json] = [_kept_field(field, number) for number in value[:MAX_ROWS]]
        return [*rows, f"… and {len(value) - MAX_ROWS} more"] if len(value) > MAX_ROWS else rows
    if value in (None, ""):
        return value
    return value if field in KEPT and not _SHOWS_A_PERSON.search(str(value)) else f"<{field}>"


def _bytes_in(base64_text: str) -> int:
    return len(base64_text) * 3 // 4 - base64_text[-2:].count("=")


def _is_our_subject(value: Json) -> bool:
    """Whether a document's subject has only the program's name and our reference, or a shipment's number."""
    name, _, reference = str(value).partition(" ")
    return name == "exactsend" and (parse_reference(reference) is not None or reference.isdigit())


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def answer_kept(call: Call, answer: Reply | ExactSendError) -> JsonObject:
    """An answer's status, ids and codes, and its masked errors."""
    if isinstance(answer, ExactSendError):
        return _failure(call, answer)
    kept: JsonObject = {"status": answer.status}
    # Nothing else is stored of an unreadable answer; the run itself reports it.
    with suppress(ValueError, RecursionError):
        document = _parsed(answer.body)
        kept |= _ids_and_codes(document)
        if errors := list(_errors(call, document)):
            kept["errors"] = errors
    return kept


def _parsed(body: bytes) -> Json:
    """The parsed document. Numbers outside our JSON stay text, because it must be storable whatever it was."""
    document: Json = json.loads(body, parse_float=str, parse_constant=str) if body else None
    return document


def _ids_and_codes(document: Json) -> JsonObject:
    """The ids and codes of an answer: of its single record, or of each under ``data``."""
    found = _ids("", document)
    if not isinstance(found, dict):
        return {}
    inner = found.get("data")
    kept = inner if isinstance(inner, dict) else found
    # The record's own status beside the call's: "queued" for a cancellation.
    return {"result" if name == "status" else name: value for name, value in kept.items()}


def _ids(field: str, value: Json) -> Json:
    if isinstance(value, dict):
        return {
            name: _ids(name, inner)
            for name, inner in value.items()
            if name in _ANSWERED and inner is not None
        }
    if isinstance(value, list):
        return [_ids(field, number) for number in value[:MAX_ANSWERED]]
    if isinstance(value, str) and (len(value) > MAX_ID or _SHOWS_A_PERSON.search(value)):
        return f"<{field}>"
    return value


def _errors(call: Call, document: Json) -> Iterator[Json]:
    """Why a created shipment failed."""
    inner = document.get("data", document) if isinstance(document, dict) else None
    found = inner.get("errors") if isinstance(inner, dict) else None
    for value in found[:MAX_ERRORS] if isinstance(found, list) else ():
        if isinstance(value, dict):
            yield _error(call, value.get("code"), value.get("detail"))


def _failure(call: Call, failed: ExactSendError) -> JsonObject:
    status = failed.http_status if isinstance(failed, ApiError) else None
    kept: JsonObject = {"status": status, "error": failed.code}
    problems = failed.problems if isinstance(failed, Refused) else ()
    if problems:
        return kept | {
            "errors": [
                _error(call, problem.code, problem.detail, problem.pointer)
                for problem in problems[:MAX_ERRORS]
            ]
        }
    return kept | {"message": _said(call, failed.message)}


def _error(call: Call, code: Json, detail: Json, pointer: str = "") -> Json:
    fields = {"code": code, "pointer": pointer, "detail": _said(call, str(detail or ""))}
    return {field: value for field, value in fields.items() if value}


def _said(call: Call, text: str) -> str:
    return masked(text, call.body)
