"""What happens in a case: each step of its file as somebody's work in Exact, in Sendcloud's panel, or a run of exactsend."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from tests.cases_file import Tree
from tests.cases_world import Furnished
from tests.end_to_end.shop import Shop, outcomes

SOON = timedelta(minutes=5)


class Play:
    """The steps of a case, one after another."""

    def __init__(self, shop: Shop, furnished: Furnished) -> None:
        self.shop = shop
        self.furnished = furnished
        self.exit_status = -1
        self.reported: Counter[str] = Counter()
        """How often the runs reported each reason."""

    def step(self, step: str | Tree) -> None:
        """One step, as text, or as a table where Exact's fields go with it."""
        text, fields = (step, {}) if isinstance(step, str) else (step.pop("do"), step)
        verb, _, rest = text.partition(" ")
        steps: dict[str, Callable[[str, Tree], object]] = {
            "sync": lambda _, __: self._sync(),
            "wait": lambda minutes, _: self.shop.clock.advance(timedelta(minutes=int(minutes.split()[0]))),
            "deliver": self._deliver,
            "split": self._split,
            "edit": self._edit,
            "cancel": lambda number, _: self.shop.office.cancel_order(int(number)),
            "delete": lambda number, _: self.shop.office.delete_order(int(number)),
            "approve": lambda number, _: self.shop.office.approve_order(int(number)),
            "unapprove": lambda number, _: self.shop.office.unapprove_order(int(number)),
            "undeliver": lambda number, _: self.shop.office.delete_delivery(int(number)),
            "label-in-panel": lambda what, _: self.shop.panel.make_label(*what.split()),
            "link-document": lambda number, _: self.shop.office.link_document(int(number), "Packing list"),
            "delete-in-panel": lambda number, _: self.shop.panel.delete_order(number),
            "cancel-label-in-panel": lambda number, _: self.shop.panel.cancel_label(number),
            "shipment-without-label": lambda number, _: self.shop.panel.make_shipment_without_label(number),
            "status": lambda what, _: self._status(*what.split()),
            "carrier-back": lambda _, __: setattr(self.shop.behaviour, "carriers_down", frozenset()),
            "add-line": lambda what, _: self.shop.office.add_line(
                int(what.split()[0]), what.split()[1], 1, 20.0
            ),
            "delete-address": lambda name, _: self.shop.office.delete_address(
                self.furnished.ids["addresses", name]
            ),
            "lose-answer": lambda path, _: self.shop.sandbox.faults.lose_answer("POST", path),
            "lose-call": lambda path, _: self.shop.sandbox.faults.lose_call("POST", path),
            "refuse": lambda path, _: self.shop.sandbox.faults.answer_instead(
                "GET", path, status=503, times=None
            ),
            "refuse-labels": self._refuse_labels,
        }
        steps[verb](rest, fields)

    def _sync(self) -> None:
        run = self.shop.run(after=SOON)
        self.exit_status = int(run.exit_status)
        self.reported.update(outcome.reason for outcome in outcomes(run))

    def _refuse_labels(self, status: str, fields: Tree) -> None:
        """``402``, with what Sendcloud says: no label is made from now on."""
        answer = json.dumps({"errors": [{"status": status, "code": "invalid", "detail": fields["says"]}]})
        self.shop.sandbox.faults.answer_instead(
            "POST", "announce", status=int(status), text=answer, content_type="application/json", times=None
        )

    def _status(self, number: str, code: str) -> None:
        self.shop.panel.set_status(self.shop.panel.labels(number)[-1], code)

    def _deliver(self, what: str, fields: Tree) -> None:
        """``4711``, ``4711 + 4712`` or ``4711: 1 MUG, 2 LAMP``."""
        numbers, _, listed = what.partition(":")
        picked = [part.split() for part in listed.split(",") if part]
        orders = [int(number) for number in numbers.split("+")]
        quantities = {code: float(quantity) for quantity, code in picked} or None
        self.shop.office.deliver(orders, quantities, **self.furnished.resolved(fields))

    def _split(self, what: str, _: Tree) -> None:
        """``20001: 1 MUG at B2``: from another storage location."""
        found = re.fullmatch(r"(\d+): (\d+) (\w+) at (\w+)", what)
        assert found is not None, what
        self.shop.office.split_delivery_line(int(found[1]), found[3], found[4], float(found[2]))

    def _edit(self, what: str, fields: Tree) -> None:
        """``orders 4711``, ``addresses door``, ``items MUG``, ``lines 4711 MUG`` and so on."""
        table, name, *item = what.split()
        office, values = self.shop.office, self.furnished.resolved(fields)
        edits: dict[str, Callable[[], None]] = {
            "orders": lambda: office.edit_order(int(name), **values),
            "lines": lambda: office.edit_order_line(int(name), *item, **values),
            "deliveries": lambda: office.edit_delivery(int(name), **values),
            "delivered": lambda: office.edit_delivery_line(int(name), *item, **values),
            "addresses": lambda: office.correct_address(self.furnished.ids[table, name], **values),
            "accounts": lambda: office.correct_account(self.furnished.ids[table, name], **values),
            "contacts": lambda: office.correct_contact(self.furnished.ids[table, name], **values),
            "items": lambda: office.correct_item(name, **values),
        }
        edits[table]()
