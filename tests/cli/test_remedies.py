"""Every advice that names a command is followed to its end, as a person types it: none is refused, and none destroys anything."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

from exactsend.sandbox.sendcloud.behaviour import SendcloudBehaviour
from tests.problem_templates import templates
from tests.shop import AUTOMATIC, MANUAL, Shop

COMMAND = re.compile(
    r"exactsend (labels (?:accept|cancel|create|retry) --(?:delivery|order) \d+(?: --(?:another|shipment) [\w-]+)?)"
)
TEMPLATES = tuple(templates())
PLACEHOLDERS = {"accept", "cancel", "create", "retry"}
OTHER_TOWN = {"postal_code": "1011 AB", "city": "Amsterdam"}


def behaviour(shop: Shop) -> SendcloudBehaviour:
    return shop.sandbox.world.sendcloud.behaviour


def sync(shop: Shop, minutes: float = 5) -> None:
    shop.pass_time(minutes=minutes)
    shop.run("sync")


def labelled(shop: Shop) -> None:
    """Delivery 20001 of order 4711, with its label written back."""
    sync(shop)
    shop.office.deliver(4711)
    sync(shop)
    assert len(shop.panel.labels("4711")) == 1


def beside(shop: Shop, **address: str) -> None:
    """A second label under the same number, made by hand."""
    (label,) = shop.panel.labels("4711")
    to = {**{name: str(value) for name, value in label.to_address.items()}, **address}
    shop.panel.make_label_elsewhere("4711", label.integration_id, to_address=to, option="postnl:standard")


# ── how each of them comes about ─────────────────────────────────────────────────────────────────


def truncated(shop: Shop) -> None:
    shop.sandbox.world.exact.behaviour.tracking_number_length = 8
    labelled(shop)


def kept_by_the_carrier(shop: Shop) -> None:
    labelled(shop)
    shop.panel.set_status(shop.panel.labels("4711")[0], "CANCELLATION_FAILED")
    sync(shop)


def cancelled_in_exact(shop: Shop) -> None:
    labelled(shop)
    shop.office.cancel_order(4711)
    sync(shop)


def deleted_in_exact(shop: Shop) -> None:
    labelled(shop)
    shop.office.delete_delivery(20001)
    sync(shop, minutes=61)


def two_labels(shop: Shop) -> None:
    labelled(shop)
    shop.pass_time(minutes=5)
    beside(shop)
    sync(shop)


def perhaps_two(shop: Shop) -> None:
    labelled(shop)
    shop.pass_time(minutes=5)
    beside(shop, **OTHER_TOWN)
    sync(shop)


def differing(shop: Shop) -> None:
    sync(shop)
    shop.office.deliver(4711)
    behaviour(shop).lookups_lag = timedelta(minutes=3)
    shop.sandbox.faults.lose_answer("POST", "/shipments/announce")
    sync(shop)
    address = shop.office.order(4711).text("DeliveryAddress")
    shop.office.correct_address(address, AddressLine1="Nieuwegracht 5")
    sync(shop)


def changed(shop: Shop) -> None:
    labelled(shop)
    shop.office.edit_delivery_line(20001, "MUG", QuantityDelivered=1)
    sync(shop)
    sync(shop)


def elsewhere(shop: Shop) -> None:
    account = shop.sandbox.world.sendcloud.accounts[0]
    account.add_integration(public_key="app", secret_key="app", integration_id=7003, shop_name="App")
    sync(shop)
    (entry,) = (order for order in shop.panel.incoming() if order.order_number == "4711")
    to = {name: str(value) for name, value in entry.shipping_address.items()} | OTHER_TOWN
    shop.panel.make_label_elsewhere("4711", 7003, to_address=to, option="postnl:standard")
    shop.office.deliver(4711)
    sync(shop)


def made_again(shop: Shop) -> None:
    labelled(shop)
    shop.office.delete_delivery(20001)
    shop.office.deliver(4711)
    sync(shop, minutes=1)
    sync(shop, minutes=61)


def made_by_hand_then_changed(shop: Shop) -> None:
    sync(shop)
    shop.panel.make_label("4711")
    sync(shop)
    shop.office.change_quantity(4711, "MUG", 7)
    sync(shop)


def made_by_hand_then_cancelled(shop: Shop) -> None:
    sync(shop)
    shop.panel.make_label("4711")
    sync(shop)
    shop.office.cancel_order(4711)
    sync(shop)


def cancelled_in_panel(shop: Shop) -> None:
    labelled(shop)
    shop.pass_time(minutes=5)
    shop.panel.cancel_label("4711")
    sync(shop)


def taken(shop: Shop) -> None:
    sync(shop)
    sync(shop)
    shop.panel.delete_order("4711")
    shop.office.deliver(4711)
    sync(shop)
    shop.pass_time(minutes=5)


def ambiguous(shop: Shop) -> None:
    sync(shop)
    shop.office.deliver(4711)
    sync(shop)
    first = shop.panel.make_label("4711")
    shop.panel.make_return(shop.panel.make_return(first))
    sync(shop)


def one_for_two(shop: Shop) -> None:
    sync(shop)
    sync(shop)
    shop.panel.make_label("4711")
    shop.pass_time(minutes=5)
    for pieces in ({"MUG": 2.0}, None):
        delivery = shop.office.deliver(4711, pieces)
        shop.office.edit_delivery_line(delivery, "MUG", QuantityDelivered=4)
    sync(shop)


def carrier_down(shop: Shop) -> None:
    behaviour(shop).carrier_down = "postnl"
    sync(shop)
    shop.office.deliver(4711)
    sync(shop)


def carrier_down_for_days(shop: Shop) -> None:
    carrier_down(shop)
    for _ in range(20):
        sync(shop, minutes=24 * 60)


def too_heavy(shop: Shop) -> None:
    shop.office.correct_item("MUG", NetWeight=40)
    sync(shop)
    shop.office.deliver(4711)
    sync(shop)


def not_the_next(shop: Shop) -> str:
    labelled(shop)
    return shop.run("labels", "create", "4711", "--another", "7", "--yes").out


def vanished(shop: Shop) -> str:
    sync(shop)
    sync(shop)
    shop.office.deliver(4711)
    sync(shop)
    shop.panel.delete_order("4711")
    asked = shop.run("labels", "create", "4711", "--yes").out
    shop.pass_time(minutes=5)
    return asked


def is_over(shop: Shop) -> None:
    behaviour(shop).carrier_down = None


def nothing(_: Shop) -> None:
    """Nothing happens before the advice is followed."""


@dataclass(frozen=True)
class Advice:
    """How an advice comes about."""

    begins: str
    """The beginning of its template."""
    happens: Callable[[Shop], str | None]
    """What is told in passing only is given back."""
    labels: dict[str, int]
    """How many live labels there are once a command is followed, by the command."""
    config: str = AUTOMATIC
    first: Callable[[Shop], None] = nothing
    """What the advice says is to be done, or over, before."""


ADVICE = (
    Advice("All of them are in the remarks", truncated, {"accept": 1}),
    Advice("Cancel the label with", cancelled_in_exact, {"accept": 1, "cancel": 0}),
    Advice("Cancel the label with", deleted_in_exact, {"accept": 1, "cancel": 0}),
    Advice("If the parcel is not to go", kept_by_the_carrier, {"accept": 1, "cancel": 0}),
    Advice("Cancel the one that is not used", two_labels, {"cancel": 1}),
    Advice("Look at it in Sendcloud's panel", perhaps_two, {"accept": 2}),
    Advice("Check the label", differing, {"accept": 1, "cancel": 0}),
    Advice(
        "Compare the label with Exact. If it must be replaced, cancel it with",
        changed,
        {"accept": 1, "cancel": 0},
    ),
    Advice(
        "Compare the label with Exact. If it must be replaced, cancel it in",
        made_by_hand_then_changed,
        {"accept": 1},
    ),
    Advice("Cancel the label in Sendcloud's panel", made_by_hand_then_cancelled, {"accept": 1}),
    Advice("If it is this delivery's label", elsewhere, {"accept": 1, "create": 2}),
    Advice("If it is this delivery's label", made_again, {"accept": 1, "create": 2}),
    Advice("If it needs another one", cancelled_in_panel, {"accept": 0, "create": 1}),
    Advice("Make the label in the panel", taken, {"accept": 0, "create": 1}),
    Advice("Cancel in Sendcloud's panel", ambiguous, {"accept": 3}, MANUAL),
    Advice("Look which of them it is for", one_for_two, {"accept": 1}, MANUAL),
    Advice("{cure}; it is tried again by itself", carrier_down, {"retry": 1}, first=is_over),
    Advice("When that is over", carrier_down_for_days, {"retry": 1}, first=is_over),
    Advice("{cure}; the next run goes on with it. To try", too_heavy, {"create": 0}),
    Advice("To buy it", not_the_next, {"create": 2}),
    Advice("Look in the panel whether", vanished, {"create": 1}, MANUAL),
)


FOLLOWED_ELSEWHERE = "Look in Sendcloud's panel whether it has one"
"""In ``end_to_end/test_closed_records.py``: it takes a year and a damaged history to come about."""


SAME_ADVICE = "; the next run goes on with it. To try it as it is: {create}."
"""What several remedies end with, which differ in what is to be corrected first: one of them is followed."""


def commands_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name} & PLACEHOLDERS


def template_of(advice: Advice) -> str:
    (found,) = [template for template in TEMPLATES if template.startswith(advice.begins)]
    return found


def test_every_advice_that_names_a_command_is_followed_here() -> None:
    with_commands = {
        template
        for template in TEMPLATES
        if commands_of(template)
        and not template.startswith(FOLLOWED_ELSEWHERE)
        and (not template.endswith(SAME_ADVICE) or template.startswith("{cure}"))
    }

    assert {template_of(advice) for advice in ADVICE} == with_commands
    assert all(commands_of(template_of(advice)) == advice.labels.keys() for advice in ADVICE)


def given(shop: Shop, advice: Advice) -> str:
    """The advice as a person reads it, with the message before it."""
    passing = advice.happens(shop)
    errors = json.loads(shop.run("errors", "--json").out)["errors"]
    parts = [re.escape(part) for part, *_ in Formatter().parse(template_of(advice)) if part]
    texts = [f"{error['message']} {error['remedy']}" for error in errors] + ([passing] if passing else [])
    return next(text for text in texts if re.search(".*".join(parts), text))


def command_in(text: str, name: str) -> list[str]:
    """The command as it stands there; ID is one of those that the message names, the last."""
    (line,) = {row for row in COMMAND.findall(text) if row.startswith(f"labels {name} ")}
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text)
    return [ids[-1] if word == "ID" else word for word in line.split()]


def every_command() -> Iterator[object]:
    for advice in ADVICE:
        for name in sorted(advice.labels):
            yield pytest.param(advice, name, id=f"{name} after {advice.happens.__name__}")


@pytest.mark.parametrize(("advice", "name"), list(every_command()))
def test_the_command_does_what_the_advice_says(tmp_path: Path, advice: Advice, name: str) -> None:
    with Shop(tmp_path, config=advice.config) as shop:
        shop.connect()
        text = given(shop, advice)
        advice.first(shop)
        mark = len(shop.sandbox.calls)

        finished = shop.run(*command_in(text, name), "--yes")

        bought = [call for call in shop.sandbox.calls_since(mark) if "/announce" in call.path]
        assert len(bought) == (1 if name in {"create", "retry"} else 0)
        if advice.happens is not too_heavy:  # what the carrier refuses all the same
            assert finished.status == 0, finished
        assert len(shop.panel.labels("4711")) == advice.labels[name]
        for minutes in (5, 30, 24 * 60):
            sync(shop, minutes=minutes)
        assert len(shop.panel.labels("4711")) == advice.labels[name]
        assert shop.sandbox.crashes == []
