"""Whose consignment it is (T2): the account and the contact person, as Exact's records name them.

Chooses records; what is taken from them is decided in ``recipient`` and ``address``.
"""

from exactsend.exact.models import Account, Contact
from exactsend.trade.consignment import Consignment


def account_id(consignment: Consignment) -> str:
    """The delivery's account, for orders the one delivered to, else the one that ordered; empty where none is named."""
    delivery, order = consignment.delivery, consignment.order
    return (delivery and delivery.delivery_account) or order.deliver_to or order.ordered_by or ""


def account_of(consignment: Consignment) -> Account | None:
    """The record of that account."""
    return consignment.directory.accounts.get(account_id(consignment))


def contact_of(consignment: Consignment) -> Contact | None:
    """The delivery's contact person, else the order's, else the one who ordered if of the same account."""
    delivery, order = consignment.delivery, consignment.order
    contacts = consignment.directory.contacts
    named = (delivery and delivery.delivery_contact) or order.deliver_to_contact_person
    if named:
        return contacts.get(named)
    orderer = contacts.get(order.ordered_by_contact_person or "")
    return orderer if orderer is not None and orderer.account == account_id(consignment) else None
