"""Everything that the simulated Exact stores: apps, sign-ins, divisions and their rows.

``api`` answers calls from it; ``office`` changes it as people do.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.broken_fields import BrokenFields
from exactsend.sandbox.exact.call_limits import CallMeter, Limits
from exactsend.sandbox.exact.refusals import Refusals
from exactsend.sandbox.exact.rows import StoredRow, StoredTable, StoredValue
from exactsend.sandbox.exact.structure import entities
from exactsend.sandbox.exact.tokens import SignIns
from exactsend.sandbox.exact.user_rights import UserRights

_FIRST_VERSION = 5_000_000
_FIRST_ORDER = 4711
_FIRST_DELIVERY = 20001

_DELETED_TYPES = {
    "Accounts": 2,
    "Addresses": 3,
    "DocumentAttachments": 4,
    "Contacts": 5,
    "Documents": 6,
    "Items": 9,
    "GoodsDeliveries": 16,
    "GoodsDeliveryLines": 17,
    "SalesOrders": 32,
    "SalesOrderLines": 33,
}
_TABLES = (
    StoredTable("SalesOrders", "OrderID", ("OrderNumber",)),
    StoredTable("SalesOrderLines", "ID", ("OrderID", "OrderNumber")),
    StoredTable("GoodsDeliveries", "EntryID", ("DeliveryNumber",)),
    StoredTable("GoodsDeliveryLines", "ID", ("ID", "EntryID", "SalesOrderNumber", "SalesOrderLineID")),
    StoredTable("Accounts", "ID", ("Code", "Name")),
    StoredTable("Contacts", "ID", ("Account",)),
    StoredTable("Addresses", "ID", ("Account", "Warehouse")),
    StoredTable("Items", "ID", ("Code",)),
    StoredTable("Warehouses", "ID", ("Code",)),
    StoredTable("ShippingMethods", "ID", ("Code",)),
    StoredTable("Documents", "ID", ("Subject", "SalesOrderNumber")),
    StoredTable("DocumentAttachments", "ID", ("Document",)),
    StoredTable("DocumentTypes", "ID"),
    StoredTable("Currencies", "Code"),
    StoredTable("Deleted", "ID"),
)


@dataclass(frozen=True)
class User:
    """The user who signs in."""

    id: str
    name: str


@dataclass
class App:
    """An app registered in Exact's App Center."""

    client_id: str
    client_secret: str
    redirect_uri: str
    rights: dict[str, str] = field(default_factory=dict)
    """``read`` or ``manage`` by scope; a missing scope was not granted."""


@dataclass(frozen=True)
class BackUp:
    """A copy of a division's rows, with the next row version and the next numbers."""

    tables: Mapping[str, StoredTable]
    next_version: int
    next_numbers: Mapping[str, int]


class SandboxDivision:
    """A division and its rows."""

    def __init__(
        self, code: int, description: str, *, country: str, currency: str, clock: Clock, user: User
    ) -> None:
        self.code = code
        self.description = description
        self.country = country
        self.currency = currency
        self.blocking_status = 0
        self.moved_at: datetime | None = None
        """``DivisionMoveDate``: the time from which all row versions are different."""
        self.tables: Mapping[str, StoredTable] = {
            table.name: StoredTable(table.name, table.key_field, table.indexed) for table in _TABLES
        }
        self._clock = clock
        self.user = user
        self._next_numbers = {"order": _FIRST_ORDER, "delivery": _FIRST_DELIVERY}
        self._next_version = _FIRST_VERSION
        self._last_sequence = 0

    def table(self, name: str) -> StoredTable:
        """The table of this name."""
        return self.tables[name]

    def add(self, table: str, values: Mapping[str, StoredValue], key: StoredValue = None) -> StoredRow:
        """Store a new row, with the given key or a new one."""
        now, sequence = self._clock(), self._last_sequence + 1
        self._last_sequence = sequence
        rows = self.tables[table]
        own_key = self.new_id(sequence) if key is None else key
        stored: dict[str, StoredValue] = {**values, rows.key_field: own_key}
        stored.setdefault("Created", now)
        stored.setdefault("Modified", stored["Created"])
        row = StoredRow(str(stored[rows.key_field]).lower(), sequence, self._take_version(), now, stored)
        rows.put(row)
        return row

    def add_twin(self, table: str, row: StoredRow, values: Mapping[str, StoredValue]) -> StoredRow:
        """Store another row with the same id and some other values."""
        twin = self.add(table, {**row.values, **values})
        self.tables[table].change(twin, {self.tables[table].key_field: row.key})
        return twin

    def change(self, table: str, row: StoredRow, values: Mapping[str, StoredValue]) -> None:
        """Change fields of a row; its version and ``Modified`` move."""
        self.tables[table].change(row, values)
        self.touch(table, row)

    def touch(self, table: str, row: StoredRow) -> None:
        """Move a row's version and ``Modified`` without changing anything else."""
        row.values["Modified"] = row.changed_at = self._clock()
        row.version = self._take_version()
        self.tables[table].move_to_end(row)

    def remove(self, table: str, row: StoredRow) -> None:
        """Delete a row; ``sync/Deleted`` lists it."""
        self.tables[table].remove(row)
        if table in _DELETED_TYPES:
            self.add(
                "Deleted",
                {
                    "EntityKey": row.key,
                    "EntityType": _DELETED_TYPES[table],
                    "DeletedDate": self._clock(),
                    "DeletedBy": self.user.id,
                },
            )

    @contextmanager
    def dated(self, moment: datetime) -> Iterator[None]:
        """Date everything that is added or changed in this context at that time."""
        clock, self._clock = self._clock, lambda: moment
        yield
        self._clock = clock

    def next_number(self, kind: str) -> int:
        """The next visible number of an ``order`` or a ``delivery``."""
        number = self._next_numbers[kind]
        self._next_numbers[kind] = number + 1
        return number

    def new_id(self, sequence: int) -> str:
        """A guid that is the same in every run with the same actions."""
        return str(uuid5(UUID(int=self.code), str(sequence)))

    def reissue_versions(self) -> None:
        """Give every row a new, lower version, as moving the division to another database does."""
        self._next_version = _FIRST_VERSION // 1000
        self.moved_at = self._clock()
        for table in self.tables.values():
            for row in sorted(table, key=lambda row: row.version):
                row.version = self._take_version()
                table.move_to_end(row)

    def back_up(self) -> BackUp:
        """A back-up of the division."""
        tables = {name: table.copied() for name, table in self.tables.items()}
        return BackUp(tables, self._next_version, dict(self._next_numbers))

    def restore(self, back_up: BackUp) -> None:
        """Replace all rows with a back-up.

        Rows added or changed afterwards get row versions and visible numbers that have been used before. Ids are never
        reused.
        """
        self.tables = {name: table.copied() for name, table in back_up.tables.items()}
        self._next_version = back_up.next_version
        self._next_numbers = dict(back_up.next_numbers)

    def _take_version(self) -> int:
        version = self._next_version
        self._next_version += 1
        return version


class ExactWorld:
    """The state of the simulated Exact."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.behaviour = ExactBehaviour()
        self.refusals = Refusals()
        self.broken_fields = BrokenFields()
        self.metering = CallMeter(clock)
        self.sign_ins = SignIns(clock)
        self.user = User("00000000-0000-4000-8000-000000000001", "Sandbox User")
        self.user_rights = UserRights()
        self.apps: dict[str, App] = {}
        self.divisions: dict[int, SandboxDivision] = {}

    @property
    def limits(self) -> Limits:
        """The call limits; a test may assign smaller ones."""
        return self.metering.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.metering.limits = limits

    def add_app(self, client_id: str, client_secret: str, redirect_uri: str) -> App:
        """Register an app with every right that the sandbox knows."""
        scopes = {entity.scope for entity in entities().values() if entity.scope}
        app = App(client_id, client_secret, redirect_uri, dict.fromkeys(scopes, "manage"))
        self.apps[client_id] = app
        return app

    def add_division(
        self, code: int, description: str, *, country: str = "NL", currency: str = "EUR"
    ) -> SandboxDivision:
        """Add a division that has only Exact's fixed lists."""
        division = SandboxDivision(
            code, description, country=country, currency=currency, clock=self.clock, user=self.user
        )
        self.divisions[code] = division
        for currency_code, name in (("EUR", "Euro"), ("GBP", "Pound"), ("USD", "Dollar"), ("CHF", "Franc")):
            precision = {"AmountPrecision": 2.0, "PricePrecision": 3.0}
            division.add("Currencies", {"Description": name, **precision}, key=currency_code)
        division.add("DocumentTypes", _document_type("Miscellaneous", creatable=True), key=55)
        division.add("DocumentTypes", _document_type("Sales invoice", creatable=False), key=10)
        return division


def _document_type(description: str, *, creatable: bool) -> dict[str, StoredValue]:
    return {
        "Description": description,
        "DocumentIsCreatable": creatable,
        "DocumentIsDeletable": creatable,
        "DocumentIsUpdatable": creatable,
        "DocumentIsViewable": True,
        "TypeCategory": 0,
    }
