"""A small shop at the simulated Sendcloud, called through its API without a socket."""

import io
import json
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from pypdf import PdfReader
from werkzeug import Request
from werkzeug.test import Client, TestResponse

from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.sendcloud.api import SendcloudApi
from exactsend.sandbox.sendcloud.panel import Panel
from exactsend.sandbox.sendcloud.starting_data import add_first_account, add_second_account
from exactsend.sandbox.sendcloud.structure import answer_problems
from exactsend.sandbox.sendcloud.world import SendcloudWorld

KEYS = ("sandbox-public", "sandbox-secret")
OTHER_KEYS = ("sandbox2-public", "sandbox2-secret")
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Shop:
    """One world with the shop's account and another's, and the shop's keys in hand."""

    def __init__(self) -> None:
        self.clock = SettableClock(START)
        self.sendcloud = SendcloudWorld(self.clock)
        self.lock = RLock()
        add_first_account(self.sendcloud)
        add_second_account(self.sendcloud)
        self.panel = Panel(self)
        self.behaviour = self.sendcloud.behaviour
        api = SendcloudApi(self.sendcloud)
        self._client = Client(lambda environ, start: api(Request(environ))(environ, start))

    def call(
        self, method: str, path: str, body: object = None, *, keys: tuple[str, str] = KEYS, **headers: str
    ) -> TestResponse:
        content = None if body is None else json.dumps(body)
        return self._client.open(
            f"/api/v3{path}",
            method=method,
            auth=keys,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            data=content,
            content_type="application/json",
        )

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.call("POST", path, body)

    def told(self, path: str) -> Any:  # noqa: ANN401 - JSON
        response = self.get(path)
        assert response.status_code == 200, response.text
        return answered(response)["data"]

    def announce(self, option: str = "postnl:standard", **changes: object) -> TestResponse:
        return self.post("/shipments/announce", announcement(option, **changes))

    def announced(self, option: str = "postnl:standard", **changes: object) -> Any:  # noqa: ANN401 - JSON
        response = self.announce(option, **changes)
        told = answered(response)["data"]
        assert response.status_code == (self.behaviour.failed_answers if told["errors"] else 201), told
        return told

    def wait(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))


def address(**changes: str) -> dict[str, str]:
    usual = {
        "name": "Ada Peeters",
        "address_line_1": "Kerkstraat",
        "house_number": "12",
        "postal_code": "1017 GC",
        "city": "Amsterdam",
        "country_code": "NL",
        "email": "ada@example.com",
        "phone_number": "+31612345678",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value}


def announcement(option: str = "postnl:standard", **changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "from_address": {"sender_address_id": 17},
        "to_address": address(),
        "ship_with": {"type": "shipping_option_code", "properties": {"shipping_option_code": option}},
        "parcels": [{"weight": {"value": "1.250", "unit": "kg"}}],
        "order_number": "4711",
    }
    return {**usual, **changes}


def customs() -> dict[str, object]:
    """What an export to Switzerland adds to an announcement."""
    item = {
        "description": "Mug",
        "quantity": 2,
        "hs_code": "691200",
        "origin_country": "NL",
        "weight": {"value": 0.4, "unit": "kg"},
        "price": {"value": "12.50", "currency": "EUR"},
    }
    return {
        "to_address": address(postal_code="8001", city="Zürich", country_code="CH"),
        "customs_information": {"invoice_number": "4711/1", "export_reason": "commercial_goods"},
        "parcels": [{"weight": {"value": "1.250", "unit": "kg"}, "parcel_items": [item]}],
    }


def order(order_id: str = "exact-o-1", **changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "order_id": order_id,
        "order_number": "4711",
        "order_details": {
            "integration": {"id": 7001},
            "status": {"code": "open"},
            "order_created_at": "2026-11-20T00:00:00Z",
            "order_items": [item("Mug"), item("Plate")],
        },
        "payment_details": {"total_price": euros(25), "status": {"code": "paid"}},
        "shipping_address": address(),
    }
    return {**usual, **changes}


def item(name: str, **changes: object) -> dict[str, object]:
    return {"item_id": name.lower(), "name": name, "quantity": 1, "total_price": euros(12.5), **changes}


def euros(value: float) -> dict[str, object]:
    return {"value": value, "currency": "EUR"}


def answered(response: TestResponse) -> Any:  # noqa: ANN401 - JSON
    assert response.json is not None, response
    return response.json


def pointers(response: TestResponse) -> list[str]:
    """Where the errors of an answer point."""
    return [error["source"]["pointer"] for error in answered(response)["errors"]]


def pdf_text(response: TestResponse) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages]


def assert_as_documented(call: str, response: TestResponse) -> None:
    """The answer has the form that the vendor's description gives it."""
    assert not answer_problems(call, response.json), response.text
