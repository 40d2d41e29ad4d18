"""Addresses of the two services' own pages, as far as they are known. What is not known is not made up.

Sendcloud: the pages "Incoming orders" and "Created labels" of the panel are widely linked to, and public projects hand them a number to
search for (``?search=``); the vendor documents neither, nor an address of a single order or shipment. A panel that does not search by its
address shows the whole list. Exact: the site is known; an address of a single order or delivery is not.
"""

from dataclasses import dataclass
from urllib.parse import quote

from exactsend.engine.wiring import host_of

_REAL_SENDCLOUD = "panel.sendcloud.sc"
"""Its API; people work at another address."""
_PANEL = "https://app.sendcloud.com/v2/shipping/list"


@dataclass(frozen=True)
class Links:
    """Where a person goes on. Empty where no address is known."""

    incoming_orders: str
    labels: str

    def order(self, number: str) -> str:
        """The incoming orders, searched for one of them."""
        return _searched(self.incoming_orders, number)

    def label(self, number: str) -> str:
        """The labels, searched for that of an order."""
        return _searched(self.labels, number)


def _searched(page: str, number: str) -> str:
    return f"{page}?search={quote(number, safe='')}" if page and number else page


def links_for(sendcloud_url: str) -> Links:
    """The panel's pages behind an API address; none behind another one than the real service's, such as the sandbox's."""
    if host_of(sendcloud_url) != _REAL_SENDCLOUD:
        return Links("", "")
    return Links(incoming_orders=f"{_PANEL}/orders", labels=f"{_PANEL}/labels")
