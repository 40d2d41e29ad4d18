"""The sender address of a consignment's warehouse, and its customs area.

An unmapped warehouse uses Sendcloud's default sender address, which Sendcloud does not name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from exactsend.domain.policy import Policy
from exactsend.sendcloud.models import SenderAddress
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code
from exactsend.trade.customs_areas import area_of


@dataclass(frozen=True)
class TaxNumber:
    """A number that customs identify a party by."""

    name: str
    """VAT, EORI and so on, in Sendcloud's spelling."""
    country_code: str
    value: str


@dataclass(frozen=True)
class Area:
    """Where parcels are sent from, for customs."""

    country: str
    """Two upper-case letters."""
    postal_code: str = ""
    tax_numbers: tuple[TaxNumber, ...] | None = None
    """The sender's own numbers at Sendcloud; None if they were not read."""


def sender_address_id(consignment: Consignment, policy: Policy) -> int | None:
    """The sender address mapped to the warehouse; None for Sendcloud's default."""
    delivery = consignment.delivery
    warehouse = (delivery and delivery.warehouse_code) or consignment.order.warehouse_code
    return policy.warehouses.get(warehouse)


def sender_area(
    consignment: Consignment, policy: Policy, addresses: Sequence[SenderAddress], *, division_country: str
) -> Area:
    """Where the consignment is sent from: the mapped address, the only one, or else the division's country.

    If the mapped one could not be read: any address, provided all are in one customs area.
    """
    mapped = sender_address_id(consignment, policy)
    candidates = addresses if mapped is None else [address for address in addresses if address.id == mapped]
    if len(candidates) == 1 and (country := country_code(candidates[0].country_code)):
        return Area(country, candidates[0].postal_code, _numbers(candidates[0]))
    if (
        not division_country
        and len({area_of(address.country_code, address.postal_code) for address in candidates}) == 1
    ):
        return Area(country_code(candidates[0].country_code), candidates[0].postal_code)
    return Area(country_code(division_country))


def _numbers(address: SenderAddress) -> tuple[TaxNumber, ...]:
    found = (
        (tax_number.name, tax_number.country_code, tax_number.value) for tax_number in address.tax_numbers
    )
    return tuple(TaxNumber(*number) for number in found if all(number))
