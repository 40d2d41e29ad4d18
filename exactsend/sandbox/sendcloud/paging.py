"""Pages of a listing, linked by the ``Link`` header.

A cursor is a place in the order of the rows (position, and how many of the same position lie before), not a page
number: rows that move meanwhile neither vanish nor appear twice for that reason alone.
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
    """Some rows and the header that leads to the others."""

    rows: list[Item]
    headers: dict[str, str]


def page(
    request: Request, rows: Sequence[tuple[str, Item]], *, size: int, descending: bool = False
) -> Page[Item]:
    """The page that the request's cursor asks for.

    The rows stand in the order of the listing, each with its position: a text that sorts that way.
    """
    positions = [position for position, _ in rows]
    backwards, place = _place(request.args.get("cursor", ""), positions, descending=descending)
    start = max(0, place - size) if backwards else place
    end = place if backwards else min(len(rows), place + size)
    links = [_link(request, positions, end, "next")] if end < len(rows) else []
    links += [_link(request, positions, start, "prev")] if start > 0 else []
    return Page([row for _, row in rows[start:end]], {"Link": ", ".join(links)} if links else {})


def _place(cursor: str, positions: Sequence[str], *, descending: bool) -> tuple[bool, int]:
    if not cursor:
        return False, 0
    fields = _read(cursor)
    reached = [at for at, p in enumerate(positions) if (p <= fields["p"] if descending else p >= fields["p"])]
    first = reached[0] if reached else len(positions)
    return fields.get("r") == "1", min(first + int(fields.get("o", "0")), len(positions))


def _read(cursor: str) -> dict[str, str]:
    try:
        fields = dict(parse_qsl(urlsafe_b64decode(cursor).decode()))
        return {**fields, "o": str(int(fields.get("o", "0"))), "p": fields["p"]}
    except (binascii.Error, UnicodeDecodeError, ValueError, KeyError) as wrong:
        raise SendcloudRefusal(404, error(404, "not_found", "Invalid cursor", pointer="/data")) from wrong


def _link(request: Request, positions: Sequence[str], at: int, relation: str) -> str:
    position = positions[at]
    ties = sum(1 for before in positions[:at] if before == position)
    fields = {"r": "1"} if relation == "prev" else {}
    cursor = urlsafe_b64encode(urlencode({**fields, "o": ties, "p": position}).encode()).decode()
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f'<{request.base_url}?{urlencode([*query, ("cursor", cursor)])}>; rel="{relation}"'
