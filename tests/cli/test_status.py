"""status: all divisions in one table, and what somebody should do soon."""

import json
import re
from pathlib import Path
from typing import Any

from tests.shop import SECOND_SECRETS, TWO_DIVISIONS, Shop


def standing(shop: Shop) -> dict[str, Any]:
    (row,) = json.loads(shop.run("status", "--json").out)["divisions"]
    return dict(row)


def cells(shop: Shop) -> dict[str, str]:
    """The one row of the table, by its headings."""
    heading, row = shop.run("status").out.splitlines()
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", heading)]
    ends = [*starts[1:], None]
    return {
        heading[start:end].strip(): row[start:end].strip() for start, end in zip(starts, ends, strict=True)
    }


def test_a_division_stands_in_one_row(busy: Shop) -> None:
    row = cells(busy)

    assert row["last good run"] == "2026-11-23 09:05 UTC"
    assert row["next due"] == "09:10"
    assert (row["status"], row["errors"], row["sign-in"]) == ("1", "1", "29 days")
    assert (row["orders"], row["labels"], row["new errors"]) == ("6 / 6", "6 / 6", "1 / 1")
    assert row["ledger"].endswith(" kB")


def test_a_division_that_never_ran_is_known_as_far_as_it_goes(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        row = cells(shop)

    assert row["last good run"] == "never"
    assert {row[name] for name in ("next due", "status", "sign-in", "calls left")} == {"not known"}
    assert {row[name] for name in ("age", "took", "calls")} == {"-"}
    assert row["ledger"] == "0 bytes"


def test_how_long_the_last_run_took_and_what_it_cost_in_calls_is_remembered(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead(
        "GET", "/shipments", status=503
    )  # the pause before the repetition takes its time
    (run,) = json.loads(shop.run("sync", "--json").out)["runs"]
    row = standing(shop)

    assert row["last_run_calls"] == run["calls"]
    assert row["last_run_seconds"] > 0


def test_a_run_that_failed_is_remembered_with_them_too(shop: Shop) -> None:
    shop.run("sync")
    shop.sandbox.faults.answer_instead("GET", "/api/v1/1234567/", status=503, times=None)
    shop.run("sync")
    row = standing(shop)

    assert row["last_status"] == 7
    assert row["last_run_calls"]["exact"] > 0


def test_the_next_run_is_due_when_as_much_time_has_passed_as_between_the_last_two(shop: Shop) -> None:
    shop.run("sync")
    assert standing(shop)["next_due"] is None

    shop.pass_time(minutes=15)
    shop.run("sync")

    assert standing(shop)["next_due"] == "2026-11-23T09:30:00Z"


def test_orders_labels_and_errors_are_counted_by_day(busy: Shop) -> None:
    assert standing(busy)["today"] == standing(busy)["seven_days"] == {"orders": 6, "labels": 6, "errors": 1}


def test_what_was_done_yesterday_is_not_of_today(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")
    shop.pass_time(minutes=24 * 60)

    row = standing(shop)
    assert row["today"] == {"orders": 0, "labels": 0, "errors": 0}
    assert row["seven_days"] == {"orders": 6, "labels": 6, "errors": 1}

    shop.pass_time(minutes=8 * 24 * 60)
    shop.run("sync")
    assert standing(shop)["seven_days"] == {"orders": 0, "labels": 0, "errors": 0}


def test_an_error_that_is_cured_was_met_all_the_same(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(4715)
    shop.run("sync")
    shop.panel.edit_order("4715", house_number="12")
    shop.panel.make_label("4715")
    shop.pass_time(minutes=5)
    shop.run("sync")

    row = standing(shop)
    assert (row["errors"], row["today"]["errors"]) == (0, 1)


def test_a_sign_in_that_ends_soon_is_said(shop: Shop) -> None:
    shop.run("sync")
    shop.pass_time(minutes=19 * 24 * 60)
    assert shop.run("status").err == ""

    shop.pass_time(minutes=24 * 60)
    assert shop.run("status").err == (
        "exactsend: sandbox: the sign-in to Exact expires in 10 days unless a run uses it; "
        "to sign in again: exactsend connect\n"
    )


def test_all_divisions_stand_in_one_table(tmp_path: Path) -> None:
    with Shop(tmp_path, config=TWO_DIVISIONS) as shop:
        shop.env |= SECOND_SECRETS
        lines = shop.run("status", "--all").out.splitlines()

    assert [line.split()[0] for line in lines] == ["division", "sandbox", "second"]


def test_a_dry_run_leaves_all_as_it_was(shop: Shop) -> None:
    before = standing(shop)
    shop.run("sync", "--dry-run")
    after = standing(shop)

    assert {name for name in before if before[name] != after[name]} <= {
        "exact_calls_today",
        "exact_calls_left",
        "exact_calls_left_this_minute",
    }


def test_a_last_good_run_that_is_too_old_ends_with_1(shop: Shop) -> None:
    assert shop.run("status", "--max-age", "60").status == 1
    shop.run("sync")
    assert shop.run("status", "--max-age", "60").status == 0
    shop.pass_time(minutes=61)

    finished = shop.run("status", "--max-age", "60")

    assert finished.status == 1
    assert finished.err == "exactsend: sandbox: the last good run was 61 min ago\n"


def test_a_dry_run_is_no_good_run(shop: Shop) -> None:
    shop.run("sync", "--dry-run")

    assert shop.run("status", "--max-age", "60").status == 1
