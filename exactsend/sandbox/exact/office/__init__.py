"""What a shop's staff do in Exact itself, without the API.

Orders and deliveries are found by number; items, warehouses and shipping methods by code; accounts by name; addresses by
the id that ``add_address`` returned. Fields have Exact's names. Each change raises the same row versions as in Exact: the
header's for a header, the line's for a line.
"""

from exactsend.sandbox.exact.office.administration import Administration
from exactsend.sandbox.exact.office.deliveries import Attachment, Deliveries
from exactsend.sandbox.exact.office.master_data import DELIVERY, INVOICE, POSTAL, VISIT, MasterData
from exactsend.sandbox.exact.office.orders import OrderLine, Orders

__all__ = ["DELIVERY", "INVOICE", "POSTAL", "VISIT", "Attachment", "Office", "OrderLine"]


class Office(Deliveries, Orders, MasterData, Administration):
    """The staff of a division."""
