"""Chooses the account and contact person of a consignment from Exact's records (T2).

``recipient`` and ``address`` choose the fields.
"""

from exactsend.exact.models import Account, Contact
from exactsend.trade.consignment import Consignment


def account_id(consignment: Consignment) -> str:
    """The account id: the delivery's; for orders the one delivered to, else the one that ordered; empty if there is none."""
    delivery, order = consignment.delivery, consignment.order
    return (delivery and delivery.delivery_account) or order.deliver_to or order.ordered_by or ""


def account_of(consignment: Consignment) -> Account | None:
    """The record of that account."""
    return consignment.directory.accounts.get(account_id(consignment))


def contact_of(consignment: Consignment) -> Contact | None:
    """The contact person: the delivery's, else the order's, else the one who ordered if of the same account."""
    delivery, order = consignment.delivery, consignment.order
    contacts = consignment.directory.contacts
    named = (delivery and delivery.delivery_contact) or order.deliver_to_contact_person
    if named:
        return contacts.get(named)
    orderer = contacts.get(order.ordered_by_contact_person or "")
    return orderer if orderer is not None and orderer.account == account_id(consignment) else None
