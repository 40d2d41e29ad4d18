"""The input of the mapping: what one run has read, as frozen values. No I/O.

``gather`` fills these; ``plan`` and ``trade`` only read them. A record missing here was not found or not asked for;
``gather`` asks for everything that an order or a delivery refers to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from exactsend.domain.templates import sentence
from exactsend.exact.models import (
    DELIVERY,
    VISIT,
    Account,
    Address,
    Contact,
    GoodsDelivery,
    Item,
    SalesOrder,
    SalesOrderLine,
)
from exactsend.exact.query_results import UnreadableRow

ADDRESSES_OF = "of "
"""The prefix of an account id whose addresses, not the account itself, could not be read."""


@dataclass(frozen=True)
class UnreadRecord:
    """A record that an order or a delivery refers to, and that could not be read."""

    what: str
    """The kind of record."""
    why: UnreadableRow


@dataclass(frozen=True)
class Directory:
    """The accounts, contacts, addresses, items and shipping methods read in a run, by id."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    addresses: Mapping[str, Address] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    shipping_method_codes: Mapping[str, str] = field(default_factory=dict)
    """Exact's shipping method id → its code."""
    division_currency: str = "EUR"
    unread: Mapping[str, UnreadRecord] = field(default_factory=dict)
    """The unreadable ones by id; an account's addresses by ``ADDRESSES_OF`` and its id."""

    def delivery_address_of(self, account: str) -> Address | None:
        """The account's main delivery address (type 4); None if it has none that was read."""
        return self._main_address(account, DELIVERY)

    def visiting_address_of(self, account: str) -> Address | None:
        """The account's main visiting address (type 1); None if it has none that was read."""
        return self._main_address(account, VISIT)

    def _main_address(self, account: str, kind: int) -> Address | None:
        return next(
            (
                address
                for address in self._by_account.get(account, ())
                if address.type == kind and address.main
            ),
            None,
        )

    @cached_property
    def _by_account(self) -> Mapping[str, Sequence[Address]]:
        found: dict[str, list[Address]] = {}
        for address in self.addresses.values():
            found.setdefault(address.account or "", []).append(address)
        return found


@dataclass(frozen=True)
class Goods:
    """One line of goods in the parcel."""

    line_id: str
    """Exact's id of the sales order line."""
    quantity: Decimal
    description: str
    unit_code: str = ""
    """The unit that ``quantity`` counts."""
    item: Item | None = None
    order_line: SalesOrderLine | None = None


@dataclass(frozen=True)
class Consignment:
    """What goes to one address: an order, the rest of one, or a delivery (S1)."""

    incoming_number: str
    """Its incoming order's number: ``4711``, or ``4711/20001`` for a delivery's own."""
    orders: tuple[SalesOrder, ...]
    """Lowest order number first; never empty."""
    goods: tuple[Goods, ...]
    directory: Directory
    delivery: GoodsDelivery | None = None
    """None for an order, or the rest of one, that is not delivered."""

    @property
    def order(self) -> SalesOrder:
        """The order with the lowest number, which names the consignment."""
        return self.orders[0]

    @property
    def name(self) -> str:
        """Its name in messages."""
        if self.delivery is not None:
            return sentence("delivery {number}", number=self.delivery.delivery_number)
        return sentence("order {number}", number=self.order.order_number)
