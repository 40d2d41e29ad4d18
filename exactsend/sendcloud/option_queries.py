"""Sends queries for shipping options in the form that Sendcloud understands: with address objects, or with flat fields.

The documented form has address objects: ``{"to_address": {"country_code": "NL"}}``. The older form has flat fields,
``{"to_country_code": "NL"}``; they are deprecated, and a query with both is refused (read 2026-11-30).
"""

from collections.abc import Callable

from exactsend.errors import Refused
from exactsend.http.messages import Call, JsonObject, Reply, Sender
from exactsend.sendcloud import wire
from exactsend.sendcloud.replies import data_of

_PREFIXES = {"from_address": "from", "to_address": "to"}
_FLAT_FIELDS = ("country_code", "postal_code")
"""The fields of an address that the older form has."""


class OptionQueries:
    """Sends queries for shipping options, and remembers which form Sendcloud understands."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._uses_flat_fields: bool | None = None
        """None until a response shows it."""

    def send(self, query: JsonObject, prepare: Callable[[Call], Call] = lambda call: call) -> Reply:
        """The response to a query with address objects, which are converted if necessary. ``prepare`` changes each call."""
        call = prepare(wire.shipping_options(query))
        if self._uses_flat_fields is False or _PREFIXES.keys().isdisjoint(query):
            return self._sender.send(call)
        if self._uses_flat_fields is None and (reply := self._reply_if_understood(call)):
            self._uses_flat_fields = False
            return reply
        reply = self._sender.send(prepare(wire.shipping_options(_with_flat_fields(query))))
        self._uses_flat_fields = self._uses_flat_fields or not _ignores_countries(reply)
        return reply

    def _reply_if_understood(self, call: Call) -> Reply | None:
        """The response to a query with address objects; None if Sendcloud does not understand them."""
        try:
            reply = self._sender.send(call)
        except Refused as refused:
            if not _is_about_addresses(refused):
                raise
            return None
        return None if _ignores_countries(reply) else reply


def _with_flat_fields(query: JsonObject) -> JsonObject:
    flat = {
        f"{_PREFIXES[name]}_{field}": address[field]
        for name, address in query.items()
        if name in _PREFIXES and isinstance(address, dict)
        for field in _FLAT_FIELDS
        if field in address
    }
    return {**{name: value for name, value in query.items() if name not in _PREFIXES}, **flat}


def _is_about_addresses(refused: Refused) -> bool:
    return any(
        name in f"{problem.pointer} {problem.detail}" for problem in refused.problems for name in _PREFIXES
    )


def _ignores_countries(reply: Reply) -> bool:
    """Whether a response looks as if the query had no countries: ``null``, or no prices although it asks for them."""
    options = data_of(reply)
    if options is None:
        return True
    query = reply.call.body
    wants_prices = isinstance(query, dict) and query.get("calculate_quotes") is True
    rows = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    return (
        wants_prices
        and bool(rows)
        and all(row.get("quotes") is None and not row.get("quote_error") for row in rows)
    )
