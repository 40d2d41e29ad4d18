"""A person's hand in Exact: what a shop's staff does in the program, without the API.

Orders and deliveries are named by number, items, warehouses and shipping methods by code, accounts by name,
addresses by the id that ``add_address`` returned. Fields of an edit bear Exact's own names. Each change moves the row
versions that it moves in Exact: the header's for a header, the line's for a line.
"""

from exactsend.sandbox.exact.office.administration import Administration
from exactsend.sandbox.exact.office.deliveries import Attachment, Deliveries
from exactsend.sandbox.exact.office.master_data import DELIVERY, INVOICE, POSTAL, VISIT, MasterData
from exactsend.sandbox.exact.office.orders import OrderLine, Orders

__all__ = ["DELIVERY", "INVOICE", "POSTAL", "VISIT", "Attachment", "Office", "OrderLine"]


class Office(Deliveries, Orders, MasterData, Administration):
    """The staff of one division."""
