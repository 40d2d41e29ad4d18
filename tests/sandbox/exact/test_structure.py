"""The derived structure, and that it is in step with the specs that it is derived from."""

import os
import runpy
from pathlib import Path

import pytest

from exactsend.sandbox.exact.structure import entities

ROOT = Path(__file__).resolve().parents[3]
SPECS = os.environ.get("EXACTSEND_SPECS")


@pytest.mark.skipif(SPECS is None, reason="EXACTSEND_SPECS names no folder of specs")
def test_the_committed_structure_is_in_step_with_the_specs() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "derive-exact-structure"))

    derived = script["derive"](Path(str(SPECS)))

    assert (ROOT / "exactsend/sandbox/exact/entities.json").read_text(encoding="utf-8") == derived


def test_only_structure_is_kept() -> None:
    text = (ROOT / "exactsend/sandbox/exact/entities.json").read_text(encoding="utf-8")

    assert "note" not in text
    assert "source" not in text


def test_every_endpoint_has_a_scope() -> None:
    assert {path for path, entity in entities().items() if entity.scope is None} == set()
    assert entities()["read/sync/Sync/SyncTimestamp"].scope == "Organization administration"


def test_sync_headers_show_the_rows_of_the_orders() -> None:
    headers = entities()["sync/SalesOrder/SalesOrderHeaders"]

    assert (headers.table, headers.page_size, headers.is_sync) == ("SalesOrders", 1000, True)


def test_a_delivery_takes_tracking_remarks_document_and_lines() -> None:
    fields = entities()["salesorder/GoodsDeliveries"].fields.values()

    writable = {field.name for field in fields if field.put}
    assert writable == {"TrackingNumber", "Remarks", "Document", "GoodsDeliveryLines"}
