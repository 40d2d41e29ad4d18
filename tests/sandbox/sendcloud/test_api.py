"""Keys, limits, pages and what is not there."""

import base64

import pytest

from tests.sandbox.sendcloud.shop import OTHER_KEYS, Shop, answered, assert_as_documented, order


def test_keys_tell_whose_they_are(shop: Shop) -> None:
    assert shop.told("/user/auth/metadata") == {"user_id": 4242, "integration_id": 7001}
    other = shop.call("GET", "/user/auth/metadata", keys=OTHER_KEYS)
    assert answered(other)["data"] == {"user_id": 4343, "integration_id": 7002}


def test_wrong_keys_are_refused(shop: Shop) -> None:
    response = shop.call("GET", "/user/auth/metadata", keys=("sandbox-public", "sandbox2-secret"))

    assert response.status_code == 401
    assert response.json == {
        "errors": [
            {
                "status": "401",
                "code": "authentication_failed",
                "detail": "Invalid username/password.",
                "source": {"pointer": "/data"},
            }
        ]
    }


def test_a_second_integration_of_an_account_has_keys_of_its_own(shop: Shop) -> None:
    account = shop.sendcloud.accounts[0]
    account.add_integration(public_key="app", secret_key="key", integration_id=7099, shop_name="App")

    response = shop.call("GET", "/user/auth/metadata", keys=("app", "key"))

    assert answered(response)["data"] == {"user_id": 4242, "integration_id": 7099}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/orders", 405)])
def test_what_is_not_there_is_refused_in_json(shop: Shop, method: str, path: str, status: int) -> None:
    response = shop.call(method, path)

    assert response.status_code == status
    assert answered(response)["errors"][0]["status"] == str(status)


def test_a_body_that_is_no_json_is_refused(shop: Shop) -> None:
    assert shop.post("/orders").status_code == 400


def test_an_unknown_partner_is_refused(shop: Shop) -> None:
    response = shop.call("GET", "/orders", Sendcloud_Partner_Id="9f7c")

    assert response.status_code == 400


def test_a_hundred_writes_a_minute_are_allowed(shop: Shop) -> None:
    statuses = [shop.call("DELETE", "/orders/1").status_code for _ in range(101)]

    assert statuses == [404] * 100 + [429]
    refused = shop.call("DELETE", "/orders/1")
    assert refused.data == b""
    assert "Retry-After" not in refused.headers
    assert shop.get("/orders").status_code == 200
    shop.wait(minutes=1)
    assert shop.call("DELETE", "/orders/1").status_code == 404


def test_the_keys_of_an_account_share_its_allowance(shop: Shop) -> None:
    account = shop.sendcloud.accounts[0]
    account.add_integration(public_key="app", secret_key="key", integration_id=7099, shop_name="App")
    for _ in range(100):
        shop.call("DELETE", "/orders/1")

    shop.behaviour.retry_after = 30
    refused = shop.call("DELETE", "/orders/1", keys=("app", "key"))

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    assert shop.call("DELETE", "/orders/1", keys=OTHER_KEYS).status_code == 404


def follow(shop: Shop, path: str, relation: str = "next") -> list[list[str]]:
    """The order ids of each page, following the Link header."""
    pages = []
    while path:
        response = shop.get(path)
        pages.append([row["order_id"] for row in answered(response)["data"]])
        links = response.headers.get("Link", "").split(", ")
        found = [link.split(">")[0].removeprefix("<") for link in links if f'rel="{relation}"' in link]
        path = found[0].split("/api/v3")[1] if found else ""
    return pages


def test_pages_are_linked_forth_and_back(shop: Shop) -> None:
    shop.post("/orders", [order(str(n)) for n in range(5)])

    assert follow(shop, "/orders?page_size=2") == [["4", "3"], ["2", "1"], ["0"]]
    last = shop.get("/orders?page_size=2&cursor=" + base64.urlsafe_b64encode(b"p=000752000001").decode())
    assert [row["order_id"] for row in answered(last)["data"]] == ["0"]
    assert 'rel="prev"' in last.headers["Link"]


def test_rows_of_the_same_position_are_neither_lost_nor_repeated(shop: Shop) -> None:
    shop.post("/orders", [order(str(n)) for n in range(5)])

    pages = follow(shop, "/orders?page_size=2&sort=order_number")

    assert sorted(row for page in pages for row in page) == ["0", "1", "2", "3", "4"]


def test_a_row_that_goes_meanwhile_takes_no_other_with_it(shop: Shop) -> None:
    shop.post("/orders", [order(str(n)) for n in range(4)])
    first = shop.get("/orders?page_size=2")
    shop.panel.delete_order("4711")

    path = first.headers["Link"].split(">")[0].split("/api/v3")[1]

    assert [row["order_id"] for row in shop.told(path)] == ["1", "0"]


@pytest.mark.parametrize("cursor", ["nonsense", "YWJj"])
def test_a_bad_cursor_is_not_found(shop: Shop, cursor: str) -> None:
    assert shop.get(f"/orders?cursor={cursor}").status_code == 404


@pytest.mark.parametrize(
    "call",
    [
        "GET /user/auth/metadata",
        "GET /integrations",
        "GET /addresses/sender-addresses",
        "GET /contracts",
        "GET /parcels/statuses",
    ],
)
def test_settings_have_the_documented_form(shop: Shop, call: str) -> None:
    assert_as_documented(call, shop.get(call.removeprefix("GET ")))


def test_a_sender_address_is_found_by_its_id(shop: Shop) -> None:
    assert shop.told("/addresses/sender-addresses/18")["city"] == "Antwerpen"
    assert shop.get("/addresses/sender-addresses/99").status_code == 404


def test_an_integration_is_found_by_its_id(shop: Shop) -> None:
    assert shop.told("/integrations/7001")["service_point_carriers"] == ["dpd", "postnl"]
    assert shop.get("/integrations/7002").status_code == 404


def test_the_statuses_are_the_vendors_35(shop: Shop) -> None:
    listed = shop.told("/parcels/statuses")

    assert len(listed) == 35
    assert listed[5] == {"code": "NO_LABEL", "message": "No label"}


def test_further_statuses_can_be_listed(shop: Shop) -> None:
    shop.behaviour.extra_statuses = ("STOLEN_BY_GULLS",)

    assert shop.told("/parcels/statuses")[-1] == {"code": "STOLEN_BY_GULLS", "message": "Stolen by gulls"}


def test_errors_may_come_as_a_bare_list(shop: Shop) -> None:
    shop.behaviour.errors_bare = True

    assert answered(shop.get("/nothing"))[0]["code"] == "not_found"
