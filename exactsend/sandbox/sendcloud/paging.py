"""Pages of a listing, linked by the ``Link`` header.

A cursor is a sort key and the number of rows with the same key before it, not a page number. So rows that are added or
removed meanwhile do not make others vanish or appear twice.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from werkzeug import Request

from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """The rows of a page, and the header with the links to other pages."""

    rows: list[Item]
    headers: dict[str, str]


def page(
    request: Request, rows: Sequence[tuple[str, Item]], *, size: int, descending: bool = False
) -> Page[Item]:
    """The page at the request's cursor.

    The rows are in the order of the listing, each with its sort key.
    """
    sort_keys = [sort_key for sort_key, _ in rows]
    backwards, index = _index(request.args.get("cursor", ""), sort_keys, descending=descending)
    start = max(0, index - size) if backwards else index
    end = index if backwards else min(len(rows), index + size)
    links = [_link(request, sort_keys, end, "next")] if end < len(rows) else []
    links += [_link(request, sort_keys, start, "prev")] if start > 0 else []
    return Page([row for _, row in rows[start:end]], {"Link": ", ".join(links)} if links else {})


def _index(cursor: str, sort_keys: Sequence[str], *, descending: bool) -> tuple[bool, int]:
    if not cursor:
        return False, 0
    fields = _read(cursor)
    reached = [
        index
        for index, key in enumerate(sort_keys)
        if (key <= fields["p"] if descending else key >= fields["p"])
    ]
    first = reached[0] if reached else len(sort_keys)
    return fields.get("r") == "1", min(first + int(fields.get("o", "0")), len(sort_keys))


def _read(cursor: str) -> dict[str, str]:
    try:
        fields = dict(parse_qsl(urlsafe_b64decode(cursor).decode()))
        return {**fields, "o": str(int(fields.get("o", "0"))), "p": fields["p"]}
    except (binascii.Error, UnicodeDecodeError, ValueError, KeyError) as wrong:
        raise SendcloudRefusal(404, error(404, "not_found", "Invalid cursor", pointer="/data")) from wrong


def _link(request: Request, sort_keys: Sequence[str], index: int, relation: str) -> str:
    sort_key = sort_keys[index]
    ties = sum(1 for before in sort_keys[:index] if before == sort_key)
    fields = {"r": "1"} if relation == "prev" else {}
    cursor = urlsafe_b64encode(urlencode({**fields, "o": ties, "p": sort_key}).encode()).decode()
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f'<{request.base_url}?{urlencode([*query, ("cursor", cursor)])}>; rel="{relation}"'
