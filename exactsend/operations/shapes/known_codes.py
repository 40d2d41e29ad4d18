"""The codes that the program knows, by model and field. A code is the vendor's name, not an account's value."""

import re
from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel

from exactsend.exact.models import CANCELLED, COMPLETE, OPEN, PARTIAL, SalesOrder
from exactsend.http.messages import Json
from exactsend.sendcloud.parcels import Parcel, Status
from exactsend.sendcloud.statuses import STATUSES

KNOWN_STATUSES = frozenset(status.code for status in STATUSES)
NO_CODE = "(no-code)"
"""Reported instead of a value that does not have the form of a code."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,40}|[0-9]{1,3}", re.ASCII)

_KNOWN: Mapping[tuple[type[BaseModel], str], frozenset[str]] = {
    (Status, "code"): KNOWN_STATUSES,
    (Parcel, "status"): KNOWN_STATUSES,
    (SalesOrder, "Status"): frozenset(map(str, (OPEN, PARTIAL, COMPLETE, CANCELLED))),
}


def known_codes(model: type[BaseModel], name: str) -> frozenset[str]:
    """The codes that a field may have; empty if it has none."""
    return _KNOWN.get((model, name), frozenset())


def unknown_codes(value: Json, known: Collection[str]) -> Iterator[str]:
    """The value's code, if it is not a known one."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return
    code = str(value).upper().replace("-", "_")
    if code not in known:
        yield code if _CODE.fullmatch(code) else NO_CODE
