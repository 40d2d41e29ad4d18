"""Runs that end before the sync begins are kept like any other: ``status``, metrics, report and history show how they ended."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exactsend.engine import division_run
from exactsend.ledger.last_run import LAST_RUN
from exactsend.system.lock import Lock
from tests.cli.person import renew_keys
from tests.shop import Shop


def last_run(shop: Shop) -> dict[str, Any]:
    (row,) = json.loads(shop.run("status", "--json").out)["divisions"]
    assert row["last_status"] == row["last_run"]["status"]
    return dict(row["last_run"])


def folder(shop: Shop) -> Path:
    return shop.state / "1234567"


def runs_in_history(shop: Shop) -> list[int]:
    """The exit statuses of all runs that the ledger knows of."""
    files = [*(folder(shop) / "history").glob("*.jsonl"), folder(shop) / "journal.jsonl"]
    events = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    return [event["facts"]["exit_status"] for event in events if event["event"] == "run_ended"]


def test_a_run_that_ends_well_keeps_no_file(shop: Shop) -> None:
    shop.run("sync")

    assert last_run(shop) | {"seconds": 0.0} == {
        "status": 0, "at": "2026-11-23T09:00:00Z", "seconds": 0.0, "calls": last_run(shop)["calls"], "error": None,
    }  # fmt: skip
    assert not (folder(shop) / LAST_RUN).exists()


@pytest.mark.parametrize("is_first", [True, False])
def test_a_service_that_is_down_is_the_end_of_the_last_run(shop: Shop, *, is_first: bool) -> None:
    if not is_first:
        shop.run("sync")
        shop.pass_time(minutes=5)
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=503, times=None)

    assert shop.run("sync").status == 7

    last = last_run(shop)
    assert (last["status"], last["calls"]["exact"]) == (7, 0)
    assert last["calls"]["sendcloud"] > 0
    assert last["error"]["code"] == "broken"
    assert "Sendcloud failed on GET" in last["error"]["message"]
    assert runs_in_history(shop) == ([7] if is_first else [0, 7])


def test_refused_keys_end_with_4_and_name_connect(shop: Shop) -> None:
    renew_keys(shop, "others", "secret")

    finished = shop.run("sync", "--json")

    assert finished.status == 4
    assert "run: exactsend connect" in finished.err
    (run,) = json.loads(finished.out)["runs"]
    assert run["error"]["code"] == "login_needed"
    assert (last_run(shop)["status"], last_run(shop)["error"]["code"]) == (4, "login_needed")
    assert runs_in_history(shop) == [4]


def test_keys_that_are_refused_in_the_middle_of_a_run_end_it_with_4(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("POST", "/api/v3/orders", status=401, times=None)

    assert shop.run("sync").status == 4
    assert last_run(shop)["status"] == 4


def test_other_accounts_behind_the_keys_are_the_end_of_the_last_run(shop: Shop) -> None:
    shop.run("sync")
    shop.env |= {
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "sandbox2-public",
        "EXACTSEND_SENDCLOUD_SECRET_KEY": "sandbox2-secret",
    }

    assert shop.run("sync").status == 3

    assert (last_run(shop)["status"], last_run(shop)["error"]["code"]) == (3, "wrong_account")
    assert runs_in_history(shop) == [0, 3]


def test_a_missing_secret_is_the_end_of_the_last_run(shop: Shop) -> None:
    shop.env.pop("EXACTSEND_SENDCLOUD_SECRET_KEY")

    assert shop.run("sync").status == 4

    assert last_run(shop)["status"] == 4


def test_a_sign_in_that_is_over_is_the_end_of_the_last_run(shop: Shop) -> None:
    shop.pass_time(minutes=40 * 24 * 60)

    assert shop.run("sync").status == 4

    assert last_run(shop)["error"]["code"] == "login_needed"


def test_a_bug_is_the_end_of_the_last_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(division_run, "identify", broken)

    assert shop.run("sync").status == 70

    assert (last_run(shop)["status"], last_run(shop)["error"]["code"]) == (70, "bug")


# ── the lock ─────────────────────────────────────────────────────────────────────────────────────


def held(shop: Shop) -> Lock:
    return Lock(folder(shop) / "lock").acquire(
        run_id="other", clock=shop.clock, sleep=lambda _: None, wait=timedelta(0)
    )


def test_a_run_that_found_the_division_held_is_kept_without_touching_the_ledger(shop: Shop) -> None:
    shop.run("sync")
    shop.pass_time(minutes=5)
    before = {path: path.read_bytes() for path in folder(shop).rglob("*") if path.is_file()}

    with held(shop):
        before[folder(shop) / "lock"] = (folder(shop) / "lock").read_bytes()
        assert shop.run("sync").status == 75
        after = {path: path.read_bytes() for path in folder(shop).rglob("*") if path.is_file()}

    assert {path.name for path in after if after[path] != before.get(path)} == {LAST_RUN}
    assert (folder(shop) / LAST_RUN).stat().st_mode & 0o777 == 0o600
    assert (last_run(shop)["status"], last_run(shop)["error"]["code"]) == (75, "locked")
    assert last_run(shop)["at"] == "2026-11-23T09:05:00Z"


def test_it_counts_until_another_run_ends(shop: Shop) -> None:
    with held(shop):
        shop.run("sync")

    shop.run("sync")

    assert last_run(shop)["status"] == 0


def test_a_run_that_ends_after_it_counts_though_its_file_stayed(shop: Shop) -> None:
    with held(shop):
        shop.run("sync")
    kept = (folder(shop) / LAST_RUN).read_bytes()
    shop.pass_time(minutes=5)
    shop.run("sync")
    (folder(shop) / LAST_RUN).write_bytes(kept)

    assert last_run(shop)["status"] == 0


# ── what leaves no trace ─────────────────────────────────────────────────────────────────────────


def test_a_dry_run_leaves_none_however_it_ends(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=503, times=None)

    assert shop.run("sync", "--dry-run").status == 7

    assert not folder(shop).exists()


@pytest.mark.parametrize("content", ["", "[", '{"status": "x"}', "\udcff"])
def test_a_file_that_cannot_be_read_changes_nothing(shop: Shop, content: str) -> None:
    shop.run("sync")
    (folder(shop) / LAST_RUN).write_text(content, errors="surrogateescape")

    assert last_run(shop)["status"] == 0


def test_a_file_that_cannot_be_written_changes_nothing(shop: Shop) -> None:
    shop.run("sync")
    (folder(shop) / LAST_RUN).mkdir()
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=503, times=None)

    finished = shop.run("sync")

    assert finished.status == 7
    assert "last_run_not_kept" in finished.err
    assert last_run(shop)["status"] == 7  # the ledger has it


def test_what_a_service_says_is_kept_masked(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead(
        "GET", "/auth/metadata", status=400, text='{"errors": [{"detail": "ask jan@example.com"}]}',
        content_type="application/json", times=None,
    )  # fmt: skip
    shop.run("sync")

    assert "jan@example.com" not in (folder(shop) / LAST_RUN).read_text()
    assert "<email>" in last_run(shop)["error"]["message"]
