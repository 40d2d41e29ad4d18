"""``exactsend doctor --shapes`` over real HTTP: each difference that can be switched on is found, and nothing is written or let out."""

from collections import Counter
from pathlib import Path

import pytest

from exactsend.domain.request_purposes import PURPOSES
from tests.cli.test_json import document
from tests.shop import TWO_DIVISIONS, Finished, Shop

MOST_CALLS = {"exact": 31, "sendcloud": 13}


def found(finished: Finished) -> list[str]:
    """What differs."""
    return [line.removeprefix("! ") for line in finished.out.splitlines() if line.startswith("!")]


def test_where_nothing_is_altered_nothing_differs(shop: Shop) -> None:
    finished = shop.run("doctor", "--shapes")

    assert finished.status == 0
    assert "\n0 differences from what the program expects\n" in finished.out
    assert "exact salesorder/GoodsDeliveries: 200, 5 rows\n" in finished.out


def test_it_asks_by_get_alone_and_little(shop: Shop) -> None:
    mark = len(shop.sandbox.calls)

    shop.run("doctor", "--shapes")

    calls = shop.sandbox.calls_since(mark)
    assert {call.method for call in calls if call.path != "/api/oauth2/token"} == {"GET"}
    asked = Counter(call.api for call in calls if call.path != "/api/oauth2/token")
    assert all(asked[api] <= most for api, most in MOST_CALLS.items()), asked


def test_everything_that_runs_read_is_asked_for(shop: Shop) -> None:
    told = shop.run("doctor", "--shapes").out

    read = {
        f"{service} {endpoint.partition('?')[0]}" for service, method, endpoint in PURPOSES if method == "GET"
    }
    others = {f"{service} {method} {endpoint}" for service, method, endpoint in PURPOSES if method != "GET"}
    assert {name for name in read if f"\n{name}: 200" not in told} == set()
    assert {name for name in others if name not in " ".join(told.split())} == set()


def test_each_difference_is_found(shop: Shop) -> None:
    altered = shop.sandbox.world.altered
    altered.leave_out("salesorder/SalesOrders", "YourRef")
    altered.leave_out("salesorder/GoodsDeliveries", "TrackingNumber")
    altered.leave_out("salesorder/GoodsDeliveries", "GoodsDeliveryLines.QuantityDelivered")
    altered.put("salesorder/SalesOrders", "Status", None)
    altered.put("bulk/SalesOrder/SalesOrders", "Status", 14)
    altered.put("crm/Accounts", "Name", ["a", "list"])
    altered.put("crm/Addresses", "AddressLine1", "x" * 81)
    altered.put("crm/Contacts", "Account", "no id")
    altered.put("logistics/Items", "NetWeight", "heavy")
    altered.put("sales/ShippingMethods", "Active", "perhaps")
    altered.put("inventory/Warehouses", "ID", 17)
    altered.put("sync/SalesOrder/SalesOrderHeaders", "Timestamp", None)
    altered.leave_out("v3/shipments", "external_reference_id")
    altered.put("v3/shipments", "parcels.status.code", "TELEPORTED")
    altered.put("v3/shipments", "parcels.weight", "heavy")
    altered.put("v3/shipments", "parcels.tracking_number", "9" * 300)
    altered.put("v3/integrations", "service_point_carriers", "postnl")
    altered.leave_out("v3/contracts", "carrier.code")

    assert sorted(found(shop.run("doctor", "--shapes"))) == sorted(
        [
            "exact salesorder/SalesOrders: missing YourRef: in 5 of 5; read as none",
            "exact salesorder/GoodsDeliveries: missing TrackingNumber: in 5 of 5; not read without it",
            "exact salesorder/GoodsDeliveries: missing GoodsDeliveryLines[].QuantityDelivered: in 7 of 7; not read without it",
            "exact salesorder/SalesOrders: null Status: in 5 of 5; not read without it",
            "exact bulk/SalesOrder/SalesOrders: code 14: not known; Status in 2 of 2",
            "exact crm/Accounts: type Name: list instead of text in 5 of 5; read as none",
            "exact crm/Addresses: longer AddressLine1: 81 characters, 80 foreseen; read whole",
            "exact crm/Contacts: type Account: text instead of guid in 1 of 1; read as none",
            "exact logistics/Items: type NetWeight: text instead of number in 4 of 4; read as none",
            "exact sales/ShippingMethods: type Active: text instead of flag in 5 of 5; read as none",
            "exact inventory/Warehouses: type ID: number instead of guid in 2 of 2; not read",
            "exact sync/SalesOrder/SalesOrderHeaders: null Timestamp: in 10 of 10; not read without it",
            "sendcloud shipments: missing external_reference_id: in 5 of 5; not read without it",
            "sendcloud shipments: code TELEPORTED: not known; parcels[].status.code in 5 of 5",
            "sendcloud shipments: type parcels[].weight: text instead of object in 5 of 5; read as none",
            "sendcloud shipments: longer parcels[].tracking_number: 300 characters, 255 foreseen; read whole",
            "sendcloud integrations: type service_point_carriers: text instead of list in 1 of 1; read as none",
            "sendcloud contracts: missing carrier.code: in 4 of 4; read as none",
        ]
    )


def test_odd_and_missing_headers_are_found(shop: Shop) -> None:
    altered = shop.sandbox.world.altered
    altered.set_header("crm/Accounts", "X-RateLimit-Limit", None)
    altered.set_header("crm/Contacts", "X-RateLimit-Minutely-Remaining", "some")
    altered.set_header("crm/Addresses", "X-RateLimit-Reset", "1")
    altered.set_header("logistics/Items", "Retry-After", "30")
    altered.set_header("inventory/Warehouses", "Date", None)
    altered.set_header("sales/ShippingMethods", "Content-Type", "text/plain")
    altered.set_header("v3/shipments", "Link", None)
    altered.set_header("v3/integrations", "Link", "next please")
    altered.set_header("v3/contracts", "Link", '<https://elsewhere.example/>; rel="next"')
    shop.sandbox.faults.answer_instead(
        "GET", "/parcels/statuses", status=429, headers={"Retry-After": "soon"}
    )

    differing = found(shop.run("doctor", "--shapes"))

    # The tails of crm/Accounts and the others are those of their streams too.
    assert [name.partition(", in ")[0] for name in differing] == [
        "exact headers: header content-type: is not JSON",
        "exact headers: header date: missing",
        "exact headers: header retry-after: asks to wait although the request succeeded",
        "exact headers: header x-ratelimit-limit: missing",
        "exact headers: header x-ratelimit-minutely-remaining: can't be read",
        "exact headers: header x-ratelimit-reset: is outside the period of the limit",
        "sendcloud shipments: header link: missing though there are more rows; not read",
        "sendcloud headers: header link: leads to another host",
        "sendcloud headers: header link: names no usable page",
        "sendcloud headers: header retry-after: can't be read",
    ]


@pytest.mark.parametrize(
    ("status", "sentence", "kind"),
    [
        (403, "Jansen may not", "refused"),
        (400, "Jansen?", "refused"),
        (500, "Jansen fell", "refused"),
        (503, "", "unanswered"),
    ],
)
def test_a_refused_endpoint_is_a_line_and_the_others_go_on(
    shop: Shop, status: int, sentence: str, kind: str
) -> None:
    shop.sandbox.world.exact.refusals.refuse("sales/ShippingMethods", status=status, sentence=sentence)

    finished = shop.run("doctor", "--shapes")

    not_done = (
        "Orders wait whose shipping method decides how they are sent. Deliveries, which name it, go on."
    )
    assert found(finished) == [f"exact sales/ShippingMethods: {kind} -: {status}. {not_done}"]
    assert not sentence or sentence not in finished.out
    assert f"exact sales/ShippingMethods: {status}\n" in finished.out
    assert "exact inventory/Warehouses: 200, 2 rows\n" in finished.out


def test_a_field_that_exact_refuses_to_select_is_named_and_the_others_are_read(shop: Shop) -> None:
    shop.sandbox.world.exact.refusals.lack_field("crm/Contacts", "BusinessEmail")
    mark = len(shop.sandbox.calls)

    finished = shop.run("doctor", "--shapes")

    not_done = "Orders and deliveries with a contact person wait. Everything else goes on."
    assert found(finished) == [
        f"exact crm/Contacts: missing BusinessEmail: refused if selected: 400. {not_done}"
    ]
    assert "exact crm/Contacts: 200, 1 row\n" in finished.out
    refused = [call for call in shop.sandbox.calls_since(mark) if call.status >= 400]
    assert len(refused) == 1


def test_a_line_that_lacks_a_field_is_read_without_it(shop: Shop) -> None:
    shop.sandbox.world.exact.refusals.lack_field("salesorder/SalesOrderLines", "NetPrice")

    differing = found(shop.run("doctor", "--shapes"))

    assert [name.partition(": refused")[0] for name in differing] == [
        "exact salesorder/SalesOrders: missing SalesOrderLines[].NetPrice",
        "exact salesorder/SalesOrderLines: missing NetPrice",
    ]


def test_one_service_out_of_reach_keeps_nobody_from_asking_the_other(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", "/api/v3/", status=503, times=None)

    finished = shop.run("doctor", "--shapes")

    assert "exact inventory/Warehouses: 200, 2 rows" in finished.out
    assert (
        "sendcloud shipments: not asked, because Sendcloud can't be reached or refuses everything"
        in finished.out
    )
    assert len([name for name in found(finished) if name.startswith("sendcloud ")]) == 2


def test_what_is_no_list_is_told(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead(
        "GET",
        "/crm/Accounts\\?",
        status=200,
        text='{"d": "nothing"}',
        content_type="application/json",
        times=None,
    )

    assert "exact crm/Accounts: body -: it has no list of results; not read" in found(
        shop.run("doctor", "--shapes")
    )


def test_no_value_of_the_shop_is_told(shop: Shop) -> None:
    told = shop.run("doctor", "--shapes").out + shop.run("doctor", "--shapes", "--json").out
    exact = shop.sandbox.world.exact.divisions[1234567]
    tables = ("SalesOrders", "GoodsDeliveries", "Accounts", "Contacts", "Addresses", "Items", "Documents")
    values = {str(value) for table in tables for row in exact.table(table) for value in row.values.values()}

    told_names = {word.strip(".,;:()") for word in told.replace('"', " ").split()}
    assert {value for value in values if len(value) > 3 and value in told_names} <= {str(shop.clock().date())}
    for secret in ("Jansen", "Oudegracht", "jansen@", "3S", "sandbox-secret"):
        assert secret not in told


def test_the_ledger_stays_as_it_is(shop: Shop) -> None:
    folder = shop.state / "1234567"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    shop.run("doctor", "--shapes")

    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_before_the_first_run_it_says_what_it_could_not_ask_for(tmp_path: Path) -> None:
    with Shop(tmp_path) as fresh:
        assert fresh.run("doctor", "--shapes").status == 4  # nobody signed in yet
        fresh.connect()
        finished = fresh.run("doctor", "--shapes")

    assert found(finished) == []
    assert "sendcloud shipments/{id}: not asked, because there is none to ask for\n" in finished.out


def test_it_takes_one_division(tmp_path: Path) -> None:
    with Shop(tmp_path, config=TWO_DIVISIONS) as two:
        assert two.run("doctor", "--shapes", "--all").status == 2


# ── compared with a former one ───────────────────────────────────────────────────────────────────


@pytest.fixture
def former(shop: Shop, tmp_path: Path) -> Path:
    """The text of a day on which all was well."""
    file = tmp_path / "shapes.txt"
    file.write_text(shop.run("doctor", "--shapes").out, encoding="utf-8")
    shop.pass_time(minutes=2)
    return file


def test_where_nothing_changed_it_says_so(shop: Shop, former: Path) -> None:
    finished = shop.run("doctor", "--shapes", "--compare", str(former))

    assert (finished.status, finished.out) == (0, "nothing is new, gone or changed\n")


def test_what_changed_is_told_with_the_difference_that_it_makes(shop: Shop, former: Path) -> None:
    altered = shop.sandbox.world.altered
    altered.put("crm/Contacts", "FullName", 12)
    altered.put("v3/shipments", "moved_at", "2026-11-23")
    altered.leave_out("v3/integrations", "shop_url")
    altered.leave_out("v3/contracts", "state")
    shop.sandbox.world.exact.refusals.refuse("inventory/Warehouses", status=403, sentence="Forbidden")

    finished = shop.run("doctor", "--shapes", "--compare", str(former))

    assert finished.status == 1
    assert finished.out.splitlines() == [
        "new: sendcloud shipments: row: moved_at (text)",
        "new: sendcloud contracts: missing state: in 4 of 4; read as none",
        "gone: sendcloud integrations: row: shop_url (text)",
        "changed: exact inventory/Warehouses: 403, was 200",
        "changed: exact crm/Contacts: row: FullName is number, was text",
        "not compared, because only one of the two reports has rows: exact inventory/Warehouses",
    ]


def test_a_file_that_is_no_such_text_is_wrong_usage(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    mark = len(shop.sandbox.calls)
    for content in (b"", b"something else\n", b"\xff\xfe"):
        file.write_bytes(content)
        finished = shop.run("doctor", "--shapes", "--compare", str(file))
        assert (finished.status, finished.out) == (2, "")
        assert "is not the output of exactsend doctor --shapes" in finished.err
    assert shop.run("doctor", "--shapes", "--compare", str(tmp_path / "none")).status == 2
    assert shop.sandbox.calls_since(mark) == []


@pytest.mark.parametrize(
    "line", ["--compare x", "--shapes --probe", "--shapes --items", "--shapes --yes", "--shapes --csv x.csv"]
)
def test_options_that_would_be_ignored_are_wrong_usage(shop: Shop, line: str) -> None:
    assert shop.run("doctor", *line.split()).status == 2


# ── the types of telling it ──────────────────────────────────────────────────────────────────────


def test_quiet_tells_only_what_differs(shop: Shop) -> None:
    assert shop.run("doctor", "--shapes", "--quiet").out == ""
    shop.pass_time(minutes=2)
    shop.sandbox.world.altered.leave_out("crm/Accounts", "Name")

    assert shop.run("doctor", "--shapes", "--quiet").out.splitlines() == [
        "1 difference from what the program expects",
        "! exact crm/Accounts: missing Name: in 5 of 5; read as none",
    ]


def test_the_document_has_what_differs_and_all_that_was_seen(shop: Shop, former: Path) -> None:
    shop.sandbox.world.altered.leave_out("crm/Accounts", "Name")

    plain = document(shop.run("doctor", "--shapes", "--json"))
    compared = document(shop.run("doctor", "--shapes", "--json", "--compare", str(former)))

    assert "exact crm/Accounts: missing Name: in 5 of 5; read as none" in [
        finding["message"] for finding in plain["findings"]
    ]
    (accounts,) = [row for row in plain["shapes"] if row["endpoint"] == "crm/Accounts"]
    assert {
        "place": "row",
        "name": "Name",
        "types": {"missing": 5},
        "longest": 0,
        "is_read": True,
    } in accounts["fields"]
    assert compared["compared"]["new"] == ["exact crm/Accounts: missing Name: in 5 of 5; read as none"]
    assert [finding["message"] for finding in compared["findings"]] == compared["compared"]["new"]
