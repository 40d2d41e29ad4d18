"""Addresses of pages of the two services, where they are known.

Sendcloud: many public sites link to the panel's pages "Incoming orders" and "Created labels", and public projects append a number to
search for (``?search=``). The vendor documents neither, nor an address of a single order or shipment. A panel that ignores the parameter
shows the whole list. Exact: the address of the site is known, that of a single order or delivery is not.
"""

from dataclasses import dataclass
from urllib.parse import quote

from exactsend.engine.wiring import host_of

_REAL_SENDCLOUD = "panel.sendcloud.sc"
"""The API; the panel has another address."""
_PANEL = "https://app.sendcloud.com/v2/shipping/list"


@dataclass(frozen=True)
class PanelLinks:
    """Addresses in Sendcloud's panel; empty where none is known."""

    incoming_orders: str
    labels: str

    def order(self, number: str) -> str:
        """The incoming orders, searched for an order number."""
        return _search_url(self.incoming_orders, number)

    def label(self, number: str) -> str:
        """The labels, searched for an order number."""
        return _search_url(self.labels, number)


def _search_url(page: str, number: str) -> str:
    return f"{page}?search={quote(number, safe='')}" if page and number else page


def links_for(sendcloud_url: str) -> PanelLinks:
    """The panel's pages for the real service; none for another API address, such as the sandbox's."""
    if host_of(sendcloud_url) != _REAL_SENDCLOUD:
        return PanelLinks("", "")
    return PanelLinks(incoming_orders=f"{_PANEL}/orders", labels=f"{_PANEL}/labels")
