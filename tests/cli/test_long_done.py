"""What is long done: left out of lists, listed from a day on, and known by its numbers like anything else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exactsend.domain.record_store import RecordStore
from tests.shop import Shop

DAY = 24 * 60


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose delivery 20001 is long done, so that only the history has it, and 20002 was labelled today."""
    with Shop(tmp_path_factory.mktemp("old")) as shop:
        shop.connect()
        shop.run("sync")
        shop.office.deliver(4711)
        for _ in range(3):
            shop.pass_time(minutes=5)
            shop.run("sync")
        shop.pass_time(minutes=20 * DAY)
        shop.run("sync")
        shop.office.deliver(4712)
        for _ in range(3):
            shop.pass_time(minutes=5)
            shop.run("sync")
        shop.pass_time(minutes=5)
        yield shop


def listed(shop: Shop, *options: str) -> list[str]:
    rows: list[dict[str, Any]] = json.loads(shop.run("labels", "list", "--json", *options).out)["deliveries"]
    return [row["delivery_number"] for row in rows]


def test_what_is_long_done_is_left_out_and_that_is_said(old: Shop) -> None:
    finished = old.run("labels", "list")

    assert [line.split()[0] for line in finished.out.splitlines()] == ["delivery", "20002"]
    assert (
        "deliveries completed long ago are left out; to list those since a day: exactsend labels list --since 90d"
        in finished.err
    )
    assert listed(old) == ["20002"]


def test_from_a_day_on_everything_is_listed(old: Shop) -> None:
    assert listed(old, "--since", "30d") == ["20001", "20002"]
    assert listed(old, "--since", "2026-11-24") == ["20002"]
    assert listed(old, "--since", "0d") == []
    out = old.run("labels", "list", "--since", "30d").out
    assert [line.split()[0] for line in out.splitlines()] == ["delivery", "20001", "20002"]
    assert (
        old.run("labels", "list", "--since", "0d").out
        == "no delivery was seen or labelled since 2026-12-13\n"
    )


def test_many_rows_come_in_tables_of_so_many(old: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsend.cli.label_list.ROWS_OF_A_TABLE", 1)

    out = old.run("labels", "list", "--since", "30d").out

    assert [line.split()[0] for line in out.splitlines()] == ["delivery", "20001", "delivery", "20002"]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_a_long_document_is_written_like_any_other(
    old: Shop, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("exactsend.cli.terminal._ROWS_AT_ONCE", at_once)
    for options in ((), ("--since", "30d"), ("--since", "0d"), ("--waiting",)):
        out = old.run("labels", "list", "--json", *options).out
        assert out == json.dumps(json.loads(out), indent=2) + "\n"


def test_what_waits_has_no_beginning(old: Shop) -> None:
    finished = old.run("labels", "list", "--waiting", "--since", "30d")

    assert finished.status == 2
    assert "exclude each other" in finished.err


def test_a_label_is_not_bought_again_by_any_number(old: Shop) -> None:
    for which in (["4711"], ["20001"], ["--order", "4711"], ["--delivery", "20001"]):
        finished = old.run("labels", "create", *which, "--yes")
        assert finished.status == 1
        assert "delivery 20001 (order 4711) has a live label" in finished.err


def test_the_history_is_not_read_to_answer_for_one_number(old: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor all records of the ledger: what is asked by number is found by number."""

    def refuse(*_arguments: object, **_options: object) -> Iterator[object]:
        raise AssertionError("all records were read")

    monkeypatch.setattr("exactsend.ledger.index.Index.items", refuse)
    monkeypatch.setattr(RecordStore, "orders", refuse)
    monkeypatch.setattr(RecordStore, "deliveries", refuse)

    for number in ("4711", "20001"):
        assert "has a label that was bought" in old.run("explain", number, "--offline").out
        assert "has a live label" in old.run("labels", "create", number, "--yes").err
        assert '"number": 20001' in old.run("ledger", "show", number).out
    assert old.run("errors").status == 0
    assert old.run("labels", "list").status == 0


def test_an_idle_run_leaves_one_short_line(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.connect()
        for _ in range(4):
            shop.run("sync")
            shop.pass_time(minutes=1)
        (path,) = (shop.state / "1234567" / "history").glob("*.jsonl")
        before = path.read_bytes()
        last_run = json.loads(shop.run("status", "--json").out)["divisions"][0]["last_run"]["at"]

        shop.run("sync")

        (line,) = path.read_bytes().removeprefix(before).splitlines()
        assert len(line) < 300
        assert json.loads(line)["facts"] == {"exit_status": 0}
        (now,) = json.loads(shop.run("status", "--json").out)["divisions"]
        assert now["last_run"]["at"] > last_run
        assert now["last_run_calls"]["exact"] > 0
        shop.pass_time(minutes=1)
        assert "nothing is wrong" in shop.run("ledger", "verify").out
