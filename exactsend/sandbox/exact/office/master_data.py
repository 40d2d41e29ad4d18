"""Master data: accounts, contacts, addresses, items, warehouses, shipping methods."""

from exactsend.sandbox.exact.office.locked_division import LockedDivision, locked
from exactsend.sandbox.exact.related import padded_account_code
from exactsend.sandbox.exact.rows import StoredRow, StoredValue

VISIT, POSTAL, INVOICE, DELIVERY = 1, 2, 3, 4
"""Address types."""


class MasterData(LockedDivision):
    """Adds and corrects the master data that orders refer to."""

    @locked
    def add_account(
        self,
        name: str,
        *,
        country: str = "NL",
        address_line: str = "Keizersgracht 126",
        postcode: str = "1015 CW",
        city: str = "Amsterdam",
        email: str = "",
        phone: str = "",
        **fields: StoredValue,
    ) -> str:
        """Add a customer with its main visiting address; returns the account's id.

        ``fields``: further fields by Exact's names, such as ``VATNumber``.
        """
        number = len(self.division.table("Accounts")) + 1
        lines: dict[str, StoredValue] = {
            "AddressLine1": address_line,
            "Postcode": postcode,
            "City": city,
            "Country": country,
            "Phone": phone or None,
        }
        account = self.division.add(
            "Accounts",
            {
                "Code": padded_account_code(str(number)),
                "Name": name,
                "Email": email or None,
                "Status": "C",
                "Language": "NL",
                "Blocked": False,
                "IsSupplier": False,
                **lines,
                **fields,
            },
        )
        self.division.add("Addresses", {"Account": account.key, "Type": VISIT, "Main": True, **lines})
        return account.key

    @locked
    def add_contact(
        self, account: str, full_name: str, *, email: str = "", phone: str = "", **fields: StoredValue
    ) -> str:
        """Add a contact of an account; the first is the account's main contact. Returns the id."""
        owner = self.account(account)
        given, _, family = full_name.partition(" ")
        contact = self.division.add(
            "Contacts",
            {
                "Account": owner.key,
                "FirstName": given,
                "LastName": family or given,
                "FullName": full_name,
                "Email": email or None,
                "Phone": phone or None,
                "IsMainContact": owner["MainContact"] is None,
                **fields,
            },
        )
        if owner["MainContact"] is None:
            self.division.change("Accounts", owner, {"MainContact": contact.key})
        return contact.key

    @locked
    def add_address(
        self,
        account: str,
        line: str,
        *,
        postcode: str,
        city: str,
        country: str = "NL",
        type: int = DELIVERY,  # noqa: A002 - Exact's name
        main: bool = False,
        **fields: StoredValue,
    ) -> str:
        """Add an address of an account; returns its id."""
        values: dict[str, StoredValue] = {
            "Account": self.account(account).key,
            "Type": type,
            "Main": main,
            "AddressLine1": line,
            "Postcode": postcode,
            "City": city,
            "Country": country,
        }
        return self.division.add("Addresses", values | fields).key

    @locked
    def add_item(
        self,
        code: str,
        description: str,
        *,
        weight: float | None = 0.5,
        hs_code: str = "",
        origin: str = "",
        is_stock_item: bool = True,
        unit: str = "pc",
        **fields: StoredValue,
    ) -> str:
        """Add an item; ``origin`` is stored in ``FreeTextField_02``, ``weight`` in ``NetWeight``. Returns the id."""
        values: dict[str, StoredValue] = {
            "Code": code,
            "Description": description,
            "NetWeight": weight,
            "StatisticalCode": hs_code or None,
            "FreeTextField_02": origin or None,
            "IsStockItem": is_stock_item,
            "IsSalesItem": True,
            "IsFractionAllowedItem": False,
            "Unit": unit,
            "UnitDescription": "Piece" if unit == "pc" else unit,
        }
        return self.division.add("Items", values | fields).key

    @locked
    def add_warehouse(self, code: str, description: str, *, main: bool = False) -> str:
        """Add a warehouse; returns its id."""
        values: dict[str, StoredValue] = {"Code": code, "Description": description, "Main": int(main)}
        return self.division.add("Warehouses", values).key

    @locked
    def add_shipping_method(self, code: str, description: str) -> str:
        """Add a shipping method; returns its id."""
        return self.division.add(
            "ShippingMethods", {"Code": code, "Description": description, "Active": True}
        ).key

    @locked
    def correct_account(self, account: str, **fields: StoredValue) -> None:
        """Change fields of an account."""
        self.division.change("Accounts", self.account(account), fields)

    @locked
    def correct_contact(self, contact_id: str, **fields: StoredValue) -> None:
        """Change fields of a contact."""
        self.division.change("Contacts", self.row("Contacts", "ID", contact_id), fields)

    @locked
    def correct_address(self, address_id: str, **fields: StoredValue) -> None:
        """Change fields of an address."""
        self.division.change("Addresses", self.row("Addresses", "ID", address_id), fields)

    @locked
    def correct_item(self, code: str, **fields: StoredValue) -> None:
        """Change fields of an item."""
        self.division.change("Items", self.row("Items", "Code", code), fields)

    @locked
    def delete_address(self, address_id: str) -> None:
        """Delete an address."""
        self.division.remove("Addresses", self.row("Addresses", "ID", address_id))

    def account(self, name_or_id: str) -> StoredRow:
        """An account by its name, or by the id that ``add_account`` returned."""
        return self.division.table("Accounts").get(name_or_id) or self.row("Accounts", "Name", name_or_id)

    def address(self, address_id: str) -> StoredRow:
        """The current row of an address."""
        return self.row("Addresses", "ID", address_id)

    def item(self, code: str) -> StoredRow:
        """The current row of an item."""
        return self.row("Items", "Code", code)
