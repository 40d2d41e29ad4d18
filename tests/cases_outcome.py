"""What came of a case: what arrived at Sendcloud, how both sides stand, and where that differs from what the file promises."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from exactsend.domain.records import ProblemRecord
from exactsend.domain.shown_problem import shown
from exactsend.sandbox.sendcloud.structure import problems
from exactsend.views.data.ledger_queries import ledger_queries
from exactsend.views.text.record_view import found_lines
from tests.cases_file import Case, Tree, words
from tests.cases_steps import Play
from tests.cases_world import opened
from tests.end_to_end.shop import Shop

ABSENT, PRESENT = "<absent>", "<present>"
MISSING = object()


def broken_promises(case: Case, folder: Path) -> list[str]:
    """Play the case; everything that came out otherwise than it says."""
    promises = case.promises
    with opened(case, folder) as (shop, furnished):
        play = Play(shop, furnished)
        for step in promises["steps"]:
            play.step(dict(step) if isinstance(step, dict) else step)
        return [
            *differences(promises.get("arrives", {}), arrived(shop), "arrives"),
            *differences(promises.get("stands", {}), standing(play), "stands"),
            *differences_of_problems(words(promises.get("problems", [])), problem_codes(shop)),
            *differences(promises.get("exit", 0), play.exit_status, "exit"),
            *(f"not the vendor's structure: {name}" for name in unsound_bodies(shop)),
        ]


def differences_of_problems(promised: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    """A promise may leave out the field."""
    named = [name if name in promised else name.partition(" at ")[0] for name in found]
    if sorted(promised) != sorted(named):
        yield f"problems should be {sorted(promised)} and are {list(found)}"


def unsound_bodies(shop: Shop) -> list[str]:
    """Bodies that differ from the vendor's API description."""
    sent = [
        (f"{call.method} {call.path.removeprefix('/api/v3')}", call.body)
        for call in shop.sandbox.calls
        if call.api == "sendcloud" and call.body is not None
    ]
    return [f"{name} {problem}" for name, body in sent for problem in problems(name, body, strict=True)]


def arrived(shop: Shop) -> Tree:
    """The last body of each incoming order and each label request, by order number; ``call`` says which call it was."""
    found: Tree = {"orders": {}, "shipments": {}}
    for call in shop.sandbox.writes("sendcloud"):
        if call.path == "/api/v3/orders":
            found["orders"].update({row["order_number"]: row for row in cast("list[Tree]", call.body)})
    for call in shop.purchases:
        body = cast("Tree", call.body)
        found["shipments"][body["order_number"]] = {**body, "call": call.path.rpartition("/")[2]}
    return found


def standing(play: Play) -> Tree:
    """How both sides stand, what is remembered, and what a person is told of it."""
    shop = play.shop
    labels = Counter(label.order_number for label in shop.panel.labels())
    return {
        "incoming": shop.incoming(),
        "labels": dict(labels),
        "paid": shop.paid(),
        "orders": {
            str(order.number): {"left_out": order.excluded}
            for order in shop.records.orders()
            if order.excluded
        },
        "deliveries": {str(number): _delivery(shop, number) for number in shop.office.delivery_numbers()},
        "told": {
            str(problem.code): f"{shown(problem).message} ({problem.detail}) → {shown(problem).remedy}"
            for problem in problems_of(shop)
        },
        "reported": dict(play.reported),
    }


def _delivery(shop: Shop, number: int) -> Tree:
    row, record = shop.office.delivery(number), shop.records.delivery(shop.delivery_id(number))
    document = shop.office.document(number)
    return {
        "TrackingNumber": row.text("TrackingNumber"),
        "Remarks": row.text("Remarks"),
        "document": document.text("Subject") if document else "",
        "attachments": [attachment.name.rpartition(".")[2] for attachment in shop.office.attachments(number)],
        "left_out": record.excluded if record else "",
        "explained": _explained(shop, number),
    }


def _explained(shop: Shop, number: int) -> str:
    """What ``explain`` says of it."""
    found = ledger_queries(shop.wiring, shop.division).search(str(number))
    return "\n".join(found_lines(found, named=False)) if found else ""


def problem_codes(shop: Shop) -> list[str]:
    """What ``errors`` lists: ``code at Field``, or the code alone where no field is named."""
    return sorted(
        f"{problem.code} at {shown(problem).field}" if shown(problem).field else str(problem.code)
        for problem in problems_of(shop)
    )


def problems_of(shop: Shop) -> list[ProblemRecord]:
    """The problems that ``errors`` lists."""
    return [view.problem for view in ledger_queries(shop.wiring, shop.division).problems()]


def differences(expected: object, actual: object, at: str = "") -> Iterator[str]:
    """Where what is does not have what was promised. Tables may have more; lists may not."""
    if expected == ABSENT:
        if actual is not MISSING:
            yield f"{at} should be absent and is {actual!r}"
    elif actual is MISSING:
        yield f"{at} is absent"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for name, below in expected.items():
            yield from differences(below, actual.get(name, MISSING), f"{at}.{name}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for place, (wanted, found) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(wanted, found, f"{at}[{place}]")
    elif not _is_met(expected, actual):
        yield f"{at} should be {expected!r} and is {actual!r}"


def _is_met(expected: object, actual: object) -> bool:
    """Text between slashes is a regular expression for the whole."""
    if expected == PRESENT:
        return actual not in ("", None)
    if isinstance(expected, str) and expected.startswith("/") and expected.endswith("/"):
        return isinstance(actual, str) and re.fullmatch(expected[1:-1], actual) is not None
    return expected == actual and type(expected) in (type(actual), int, float)
