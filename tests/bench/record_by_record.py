"""What one would write with the public client ``exactonline``: each order, and then each record that it refers to, by its key.

Runs in an environment that has that client and nothing of this program: ``python record_by_record.py SETTINGS.ini ORDERS``.
"""

import sys

from exactonline.api import ExactApi  # type: ignore[import-not-found]  # installed where this runs
from exactonline.http import opt_secure  # type: ignore[import-not-found]  # likewise
from exactonline.resource import GET  # type: ignore[import-not-found]  # likewise
from exactonline.storage.ini import IniStorage  # type: ignore[import-not-found]  # likewise

ORDER = "$select=OrderID,OrderNumber,DeliverTo,DeliverToContactPerson,DeliveryAddress,SalesOrderLines/Item,SalesOrderLines/Quantity"
REFERRED = (
    ("crm/Accounts", "DeliverTo", "ID,Name,Email,Phone"),
    ("crm/Contacts", "DeliverToContactPerson", "ID,FullName,Email,Phone"),
    ("crm/Addresses", "DeliveryAddress", "ID,AddressLine1,Postcode,City,Country"),
)


def main() -> None:
    """Read as many open orders as are asked for, whole."""
    opt_secure.protocols = ("http",)  # the sandbox speaks no https
    api = ExactApi(storage=IniStorage(sys.argv[1]))
    most = int(sys.argv[2])
    where = "$filter=Status+eq+12+and+ApprovalStatus+eq+2"
    orders = api.restv1(GET(f"salesorder/SalesOrders?{ORDER}&$expand=SalesOrderLines&{where}&$top={most}"))
    for order in orders:
        for path, field, fields in REFERRED:
            if order[field]:
                api.restv1(GET(f"{path}?$select={fields}&$filter=ID+eq+guid'{order[field]}'"))
        for line in order["SalesOrderLines"]["results"]:
            api.restv1(GET(f"logistics/Items?$select=ID,NetWeight&$filter=ID+eq+guid'{line['Item']}'"))
    assert len(orders) == most, len(orders)


if __name__ == "__main__":
    main()
