"""The structure that was derived from the vendor's description, and the checks made with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exactsend.sandbox.sendcloud.structure import StructureProblem, problems, query_problems
from tests.sandbox.sendcloud.shop import address, announcement, customs, item, order

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "exactsend/sandbox/sendcloud/structure.json"


@pytest.mark.skipif("EXACTSEND_SPECS" not in os.environ, reason="EXACTSEND_SPECS names no folder of specs")
def test_the_committed_structure_is_what_the_script_derives(tmp_path: Path) -> None:
    derived = tmp_path / "structure.json"
    script = ROOT / "scripts/derive-sendcloud-structure"

    subprocess.run([sys.executable, script, os.environ["EXACTSEND_SPECS"], "--output", derived], check=True)

    assert derived.read_text() == COMMITTED.read_text()


def test_the_structure_holds_no_prose() -> None:
    structure = json.loads(COMMITTED.read_text())

    used = {word for schema in structure["$defs"].values() for word in keywords(schema)}

    assert not {"description", "title", "summary", "example", "examples", "tags"} & used


def keywords(schema: object) -> Iterator[str]:
    """Every keyword that a schema uses; names of fields are none."""
    if isinstance(schema, list):
        for part in schema:
            yield from keywords(part)
    elif isinstance(schema, dict):
        yield from schema
        for word, part in schema.items():
            yield from keywords(list(part.values()) if word == "properties" else part)


def with_items(*items: object) -> dict[str, Any]:
    """An order with just these items."""
    usual: Any = order()
    return {**usual, "order_details": {**usual["order_details"], "order_items": list(items)}}


def test_what_the_shop_sends_is_sound() -> None:
    export: Any = customs()

    assert problems("POST /orders", [order()], strict=True) == []
    assert problems("POST /shipments/announce", announcement(**export), strict=True) == []


def test_unknown_fields_are_told_only_when_asked_for() -> None:
    body = announcement(colour="red", to_address=address(flor="2"))

    assert problems("POST /shipments/announce", body) == []
    assert problems("POST /shipments/announce", body, strict=True) == [
        StructureProblem("/to_address/flor", "Unknown field", "unknown_field"),
        StructureProblem("/colour", "Unknown field", "unknown_field"),
    ]


def test_free_objects_may_hold_anything() -> None:
    assert problems("POST /orders", [with_items(item("Mug", properties={"a": 1}))], strict=True) == []


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "1"])
def test_a_quantity_is_a_whole_number_above_zero(quantity: object) -> None:
    (problem,) = problems("POST /orders", [with_items(item("Mug", quantity=quantity))])

    assert problem.pointer == "/0/order_details/order_items/0/quantity"


def test_the_nearest_alternative_is_what_is_complained_of() -> None:
    (problem,) = problems("POST /shipments/announce", announcement(from_address={"sender_address_id": "17"}))

    assert problem == StructureProblem(
        "/from_address/sender_address_id", "Input should be a valid integer", "invalid"
    )


def test_nothing_may_be_null_unless_the_vendor_says_so() -> None:
    with_null = announcement(reference=None, order_number=None)

    assert [p.pointer for p in problems("POST /shipments/announce", with_null)] == ["/order_number"]


def test_a_query_is_checked_by_type_and_bounds() -> None:
    assert query_problems("GET /shipments", {"page_size": "100"}) == []
    assert query_problems("GET /shipments", {"page_size": "101"})[0].pointer == "page_size"
    assert query_problems("GET /shipments", {"page_size": "many"})[0].pointer == "page_size"
    assert query_problems("GET /service-points", {})[0] == StructureProblem(
        "country_code", "Field required", "required"
    )
    assert query_problems("GET /shipments", {"reference": "R1"}) == []
    assert query_problems("GET /shipments", {"reference": "R1"}, strict=True)[0].code == "unknown_field"
