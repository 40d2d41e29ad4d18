"""The world of a case: what is in Exact, what stands at Sendcloud, and a connected shop between the two.

Nothing happens here yet: see ``cases_steps``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from exactsend.domain.policy import Policy
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.sendcloud.catalogue import ShippingOption
from exactsend.sandbox.sendcloud.starting_data import DPD, INPOST_GB, POSTNL
from exactsend.sandbox.world import World
from tests.cases_file import USUAL, Case, Tree, laid_over
from tests.end_to_end.shop import Shop

DIVISION = "[divisions.sandbox]\ncode = 1234567\n"


class Furnished:
    """An office whose rows are called by the names in the case file."""

    REFERENCES: Mapping[str, str] = MappingProxyType(
        {
            "Account": "accounts",
            "OrderedBy": "accounts",
            "DeliverTo": "accounts",
            "DeliveryAccount": "accounts",
            "OrderedByContactPerson": "contacts",
            "DeliverToContactPerson": "contacts",
            "DeliveryContact": "contacts",
            "DeliveryAddress": "addresses",
        }
    )
    CODED: Mapping[str, str] = MappingProxyType(
        {"ShippingMethod": "ShippingMethods", "WarehouseID": "Warehouses", "Warehouse": "Warehouses"}
    )

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ids: dict[tuple[str, str], str] = {}

    def fill(self, tables: Tree) -> None:
        """Enter everything that the case says is in Exact."""
        for attribute, value in tables.get("division", {}).items():
            setattr(self.office.division, attribute, value)
        for code in tables.get("methods", []):
            self.office.add_shipping_method(code, code)
        for code in tables.get("warehouses", []):
            self.office.add_warehouse(code, code)
        for code, fields in tables.get("items", {}).items():
            more = {name: value for name, value in fields.items() if name != "Description"}
            self.office.add_item(
                code, fields.get("Description", f"Item {code}"), weight=None, **self.resolved(more)
            )
        for table, add in {
            "accounts": self._add_account,
            "contacts": self._add_contact,
            "addresses": self._add_address,
            "orders": self._place,
        }.items():
            for name, fields in tables.get(table, {}).items():
                add(name, dict(fields))

    def resolved(self, fields: Tree) -> dict[str, Any]:
        """The fields with ids for names, and nothing for empty text."""
        return {field: self._value(field, value) for field, value in fields.items()}

    def _value(self, field: str, value: object) -> object:
        if value == "":
            return None
        if field in self.REFERENCES:
            return self.ids[self.REFERENCES[field], str(value)]
        if field in self.CODED:
            return self.office.row_id(self.CODED[field], "Code", str(value))
        return value

    def _add_account(self, name: str, fields: Tree) -> None:
        fields = {**USUAL["exact"]["accounts"]["customer"], **fields}
        visited = fields.pop("visiting_address", True)
        line, postcode, city = fields.pop("AddressLine1"), fields.pop("Postcode"), fields.pop("City")
        account = self.office.add_account(
            fields.pop("Name"), address_line=line, postcode=postcode, city=city,
            country=fields.pop("Country"), **self.resolved(fields),
        )  # fmt: skip
        if not visited:
            self.office.delete_address(self.office.row("Addresses", "Account", account).key)
        self.ids["accounts", name] = account

    def _add_contact(self, name: str, fields: Tree) -> None:
        fields = {"Account": "customer", **fields}
        owner = self.ids["accounts", fields.pop("Account")]
        self.ids["contacts", name] = self.office.add_contact(
            owner, fields.pop("FullName"), **self.resolved(fields)
        )

    def _add_address(self, name: str, fields: Tree) -> None:
        fields = {**USUAL["exact"]["addresses"]["door"], "Main": False, **fields}
        added = {"type": fields.pop("Type"), "main": fields.pop("Main"), "postcode": fields.pop("Postcode")}
        owner, line = self.ids["accounts", fields.pop("Account")], fields.pop("AddressLine1")
        self.ids["addresses", name] = self.office.add_address(
            owner, line, city=fields.pop("City"), country=fields.pop("Country"), **added,
            **self.resolved(fields),
        )  # fmt: skip

    def _place(self, number: str, fields: Tree) -> None:
        fields = {**USUAL["exact"]["orders"]["4711"], **fields}
        lines = fields.pop("lines")
        account = self.ids["accounts", fields["OrderedBy"]]
        priced = [(line["Item"], line["Quantity"], line.get("NetPrice", 10.0)) for line in lines]
        placed = self.office.place_order(account, priced, **self.resolved(fields))
        assert str(placed) == number, f"orders are numbered from 4711 on, so this one is {placed}"
        for row, line in zip(self.office.order_lines(placed), lines, strict=True):
            more = {
                field: value for field, value in line.items() if field not in {"Item", "Quantity", "NetPrice"}
            }
            self.office.division.change("SalesOrderLines", row, self.resolved(more))


def stock(world: World, tables: Tree) -> None:
    """What stands at Sendcloud: what the account has other than usual, and how the service behaves."""
    sendcloud = world.sendcloud
    account = sendcloud.accounts[0]
    senders = {str(address.address_id): address for address in account.sender_addresses}
    account.sender_addresses[:] = _replaced(senders, tables.get("senders", {}))
    points = {str(point.point_id): point for point in sendcloud.service_points}
    sendcloud.service_points[:] = _replaced(points, tables.get("points", {}))
    options = {option.code: option for option in account.options}
    account.options[:] = [
        *_replaced(options, tables.get("options", {})),
        *_further(options, tables.get("options", {})),
    ]
    rules = {str(rule.rule_id): rule for rule in account.rules}
    account.rules[:] = _replaced(rules, tables.get("rules", {}))
    defaults = {str(rule.rule_id): rule for rule in account.preferred_options}
    account.preferred_options[:] = _replaced(defaults, tables.get("defaults", {}))
    for switch, value in tables.get("behaviour", {}).items():
        setattr(sendcloud.behaviour, switch, value)


def _replaced(rows: dict[str, Any], changes: Tree) -> list[Any]:
    kept = {key: row for key, row in rows.items() if changes.get(key) is not False}
    return [replace(row, **changes.get(key, {})) for key, row in kept.items()]


CARRIERS = {carrier.code: carrier for carrier in (POSTNL, DPD, INPOST_GB)}


def _further(options: dict[str, ShippingOption], tables: Tree) -> Iterator[ShippingOption]:
    """Options that the account has not from the beginning: like another one, of a carrier by its code."""
    for code, fields in tables.items():
        if code not in options:
            more = {name: value for name, value in fields.items() if name not in {"like", "carrier"}}
            yield replace(options[fields["like"]], code=code, carrier=CARRIERS[fields["carrier"]], **more)


@contextmanager
def opened(case: Case, folder: Path) -> Iterator[tuple[Shop, Furnished]]:
    """The shop of a case, connected and not run yet."""

    def world(clock: SettableClock) -> World:
        stocked = starting_worlds.empty(clock)
        stock(stocked, case.promises.get("sendcloud", {}))
        return stocked

    with Shop(folder, config=DIVISION, world=world) as shop:
        furnished = Furnished(shop.office)
        furnished.fill(laid_over(USUAL["exact"], case.promises.get("exact", {})))
        decided = replace(shop.division, policy=Policy.model_validate(case.config))
        shop.settings = replace(shop.settings, divisions=MappingProxyType({"sandbox": decided}))
        shop.connect()
        yield shop, furnished
