"""The prices of a consignment (T9): net after discount, in one currency.

Uses no exchange rates: takes Exact's amounts in the order's own currency, or in the division's.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from exactsend.domain.problems import Code, hold
from exactsend.exact.models import SalesOrderLine
from exactsend.http.messages import Json
from exactsend.trade.amounts import bounded, json_number, positive, to_cents
from exactsend.trade.consignment import Consignment, Goods
from exactsend.trade.text import clean

ORDER_CURRENCIES = frozenset({"EUR", "GBP", "USD"})
"""The currencies of incoming orders (Sendcloud, Orders API v3)."""


@dataclass(frozen=True)
class Pricing:
    """A currency, and which of Exact's amounts to use."""

    currency: str
    of_division: bool
    """True: the amounts in the division's currency; False: those in the order's own."""

    def line_total(self, goods: Goods) -> Decimal | None:
        """The net amount of these goods, not below zero; None if Exact has none.

        A delivery of a part of the line has that share of its amount.
        """
        line = goods.order_line
        if line is None:
            return None
        amount, ordered = self._amount(line), positive(line.quantity)
        if amount is None or ordered is None:
            return None
        return to_cents(max(bounded(amount) * bounded(goods.quantity) / ordered, Decimal(0)))

    def number(self, amount: Decimal) -> dict[str, Json]:
        """A price in an incoming order, which has numbers."""
        return {"value": json_number(amount), "currency": self.currency}

    def text(self, amount: Decimal) -> dict[str, Json]:
        """A price in a shipment, which has text."""
        return {"value": f"{to_cents(amount):f}", "currency": self.currency}

    def _amount(self, line: SalesOrderLine) -> Decimal | None:
        return line.amount_dc if self.of_division else line.amount_fc


def order_pricing(consignment: Consignment) -> Pricing:
    """The prices of an incoming order.

    Raises:
        Held: Sendcloud accepts neither the order's currency nor the division's.
    """
    found = _pricing(consignment, ORDER_CURRENCIES)
    if found is None:
        raise hold(Code.CURRENCY_UNKNOWN, {"name": consignment.name})
    return found


def shipment_pricing(consignment: Consignment) -> Pricing | None:
    """The prices of a shipment, in any currency; None if Exact has none."""
    return _pricing(consignment, None)


def _pricing(consignment: Consignment, taken: Collection[str] | None) -> Pricing | None:
    own = {_code(order.currency) for order in consignment.orders}
    candidates = [Pricing(own.pop(), of_division=False)] if len(own) == 1 else []
    candidates.append(Pricing(_code(consignment.directory.division_currency), of_division=True))
    return next(
        (price for price in candidates if price.currency and (taken is None or price.currency in taken)),
        None,
    )


def _code(written: str) -> str:
    code = clean(written).upper()
    return code if re.fullmatch(r"[A-Z]{3}", code) else ""
