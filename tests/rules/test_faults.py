"""A fault changes the one spot that its words name, and nothing where there is none or more than one."""

import ast

import pytest

from tests.rules.faults import (
    Fault,
    NoSuchSpot,
    always,
    assigned,
    call,
    code,
    condition,
    done_before_the_block,
    dropped,
    element,
    joined,
    never,
    returned,
    skipped,
    statement,
)

SOURCE = """
def function(order, lock):
    kinds = {A, B}
    if order.is_open and order.is_old or order.number > 1:
        return "open"
    with lock:
        state = send(order, kinds, retry=True)
    return {"state": state, "count": 1}
"""


def changed_lines(fault: Fault, source: str = SOURCE) -> list[str]:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    before = ast.unparse(function).splitlines()
    after = ast.unparse(fault.made_in(function)).splitlines()
    return [line.strip() for line in after if line not in before]


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (never("number"), ["if order.is_open and order.is_old or False:"]),
        (always("is_old"), ["if order.is_open and True or order.number > 1:"]),
        (condition("is_open", "is_old", becomes="order"), ["if order or order.number > 1:"]),
        (skipped("open"), ["pass"]),
        (statement("open", becomes="raise KeyError"), ["raise KeyError"]),
        (done_before_the_block("send"), ["state = send(order, kinds, retry=True)"]),
        (returned("open", becomes="None"), ["return None"]),
        (assigned("kinds", becomes="set()"), ["kinds = set()"]),
        (call("send", becomes="None"), ["state = None"]),
        (element("order", of="send", becomes="None"), ["state = send(None, kinds, retry=True)"]),
        (dropped("retry"), ["state = send(order, kinds)"]),
        (dropped("state"), ["return {'count': 1}"]),
        (joined("A", by="C"), ["kinds = {A, C, B}"]),
        (joined("order", of="send", by="at=2"), ["state = send(order, kinds, retry=True, at=2)"]),
        (code("order . number>1", becomes="False"), ["if order.is_open and order.is_old or False:"]),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_the_spot_with_its_words_is_changed(fault: Fault, changed: list[str]) -> None:
    assert changed_lines(fault) == changed


@pytest.mark.parametrize("fault", [never("is_new"), skipped("state"), code("order", becomes="None")])
def test_no_spot_and_several_are_errors(fault: Fault) -> None:
    with pytest.raises(NoSuchSpot):
        changed_lines(fault)
