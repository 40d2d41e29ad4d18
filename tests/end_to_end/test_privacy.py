"""No name, address, phone number, e-mail, tracking URL or secret in the state folder or in the log (S15)."""

import logging
import re
from datetime import timedelta

import pytest

from exactsend.domain.shown_problem import shown
from tests.end_to_end.shop import Shop
from tests.installation import SECRETS

SOON = timedelta(minutes=5)
PERSONAL = {
    "Accounts": ("Name", "Email", "Phone", "AddressLine1", "Postcode", "VATNumber", "EORINumber"),
    "Contacts": ("FullName", "FirstName", "LastName", "Email", "Phone"),
    "Addresses": ("AddressLine1", "Postcode"),
    "SalesOrders": ("YourRef",),
    "GoodsDeliveries": ("Remarks",),
}


def personal_strings(shop: Shop) -> set[str]:
    """Every personal value of the shop, in Exact's spelling and as it is sent."""
    found: set[str] = {
        row.text(field)
        for table, fields in PERSONAL.items()
        for row in shop.office.division.table(table)
        for field in fields
    }
    for call in shop.sandbox.writes("sendcloud"):
        for body in call.body if isinstance(call.body, list) else [call.body]:
            if isinstance(body, dict):
                to = body.get("to_address") or body.get("shipping_address") or {}
                found |= {str(value) for name, value in to.items() if name not in {"country_code", "city"}}
    found |= {parcel.tracking_url or "" for label in shop.panel.labels() for parcel in label.parcels}
    return {name for name in found if name and len(name) > 4} | {
        SECRETS["EXACTSEND_EXACT_CLIENT_SECRET"],
        SECRETS["EXACTSEND_SENDCLOUD_SECRET_KEY"],
    }


def told_in(text: str, strings: set[str]) -> list[str]:
    return [string for string in strings if string.casefold() in text.casefold()]


def a_busy_day(shop: Shop) -> None:
    """Labels bought and failed, refused orders and carriers that quote the address."""
    shop.run()
    shop.office.deliver(4711)
    shop.behaviour.announcements_fail_with = "The address Oudegracht 231-A, 3511 NK of Marieke Jansen (marieke@vandijk.example, +31612345678) is wrong"
    shop.run(after=SOON)
    shop.behaviour.announcements_fail_with = None
    for number in (4712, 4713, 4714, 4715):
        shop.office.deliver(number)
    shop.run(after=SOON)
    shop.run(after=timedelta(days=1))


def test_the_ledger_holds_nothing_personal(small_shop: Shop) -> None:
    a_busy_day(small_shop)
    strings = personal_strings(small_shop)
    assert len(strings) > 30
    files = [path for path in (small_shop.process.state / "1234567").rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        assert told_in(path.read_text(), strings) == [], path.name


def test_neither_does_the_log_at_any_level(small_shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="exactsend"):
        a_busy_day(small_shop)
    assert caplog.text
    assert told_in(caplog.text, personal_strings(small_shop)) == []


def test_nor_what_is_told_of_errors(small_shop: Shop) -> None:
    a_busy_day(small_shop)
    strings = personal_strings(small_shop)
    problems = [
        candidate for record in small_shop.records.deliveries() for candidate in record.problems.values()
    ]
    assert problems
    for problem in problems:
        text = f"{shown(problem).message} {shown(problem).remedy} {problem.detail}"
        assert told_in(text, strings) == []
        assert len(problem.detail) <= 300


def test_a_failure_that_shows_later_is_masked_too(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True
    shop.behaviour.announcements_fail_with = "Kanaalstraat 12, 3531 GV is no address of Customer 1 B.V."
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=SOON)
    (problem,) = [candidate for record in shop.records.deliveries() for candidate in record.problems.values()]
    assert told_in(problem.detail, {"Kanaalstraat", "3531 GV", "Customer 1"}) == []


def test_the_same_content_has_another_fingerprint_in_another_ledger(shop: Shop, small_shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    small_shop.run()
    keys = {shop.records.secret, small_shop.records.secret}
    assert None not in keys
    assert len(keys) == 2
    (entry,) = shop.records.open_incoming()
    assert re.fullmatch("[0-9a-f]{64}", entry.fingerprint)
