"""``exactsend report`` and ``monitoring.report_file``: what is written, how, and that it never changes how a run ends."""

import gc
import json
import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from exactsend.views.dashboard import page
from exactsend.views.dashboard.page_file import write_report
from tests.cli.test_refused_questions import a_refusal, remember
from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Shop
from tests.views.dashboard.example_shops import Trade, build


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        yield shop


def report_of(shop: Shop, *argv: str) -> str:
    path = shop.folder / "report.html"
    assert shop.run("report", "-o", str(path), *argv).status == 0
    return path.read_text(encoding="utf-8")


def words(html: str) -> str:
    """What stands on the page, without its tags."""
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


# ── what it tells ────────────────────────────────────────────────────────────────────────────────


def test_it_tells_what_the_other_commands_tell(shop: Shop) -> None:
    text = words(report_of(shop))
    (error,) = json.loads(shop.run("errors", "--json").out)["errors"]
    labels = json.loads(shop.run("labels", "list", "--json").out)["deliveries"]
    (status,) = json.loads(shop.run("status", "--json").out)["divisions"]

    assert "1 thing needs a person." in text
    assert error["remedy"] in text
    assert all(number in text for label in labels for number in label["tracking_numbers"])
    assert f"{status['sign_in_days_left']} days left" in text
    assert f"{status['exact_calls_left']:,} left" in text
    assert f"{status['parcels_towards_max_per_day']} of 200 allowed" in text


def test_it_tells_what_is_refused_and_what_ended_the_last_run(shop: Shop) -> None:
    remember(shop, a_refusal())
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=401, times=None)
    shop.run("sync")

    text = words(report_of(shop))

    assert "The division does not run well, 1 thing needs a person and 1 request is refused." in text
    assert (
        "Exact refuses sync/Deleted (403) since 23 Nov 2026, 08:30 Deleted orders are noticed only when"
        in text
    )
    assert "you must sign in: exactsend connect (status 4) Sendcloud refused GET" in text


def test_what_is_too_much_for_one_page_is_said_with_the_command_that_lists_it(tmp_path: Path) -> None:
    wiring = build(tmp_path, {"acme": Trade(300, failing=130, silent_for=timedelta(days=9))})

    write_report(tmp_path / "report.html", wiring, [*wiring.settings.divisions.values()])

    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count('<li class="card problem"') == 100
    assert "Showing 100 of 130 for acme. To list all: exactsend errors --division acme" in words(html)


def test_nobody_is_named(shop: Shop) -> None:
    html = report_of(shop)
    names = {str(address["name"]) for order in shop.panel.incoming() for address in [order.shipping_address]}

    assert names
    assert not [name for name in (*names, "Marieke", "Amsterdam", "@") if name in words(html)]


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.connect()
        text = words(report_of(shop))

    assert "The division does not run well." in text
    assert "No good run yet" in text
    assert "Last good run never" in text
    assert "Next run not known too few runs yet" in text


def test_a_division_that_cannot_be_read_is_told_of_and_stops_no_other(shop: Shop) -> None:
    shop.configure(TWO_DIVISIONS.replace("code = 7654321", 'code = "none"'))
    path = shop.folder / "report.html"

    finished = shop.run("report", "--all", "-o", str(path))

    text = words(path.read_text(encoding="utf-8"))
    assert finished.status == 3
    assert "second: the configuration of division second has errors" in finished.err
    assert (
        "second Can't be read the configuration of division second has errors: divisions.second.code" in text
    )
    assert "One division does not run well and 1 thing needs a person." in text


def test_the_divisions_that_are_named_are_the_only_ones_on_it(shop: Shop) -> None:
    shop.env |= SECOND_SECRETS
    shop.configure(TWO_DIVISIONS)

    assert "second" in words(report_of(shop, "--all"))
    assert "second" not in words(report_of(shop, "--division", "sandbox"))


def test_a_shorter_stretch_of_time_leaves_out_what_is_older_and_done(shop: Shop) -> None:
    (before,) = json.loads(shop.run("report", "--json", "-o", str(shop.folder / "r.html")).out)["divisions"]
    shop.pass_time(minutes=3 * 24 * 60)

    (after,) = json.loads(
        shop.run("report", "--json", "--since", "1d", "-o", str(shop.folder / "r.html")).out
    )["divisions"]

    assert (before["deliveries"], after["deliveries"]) == (7, 1)
    assert after["errors"] == 1, "what still needs a person stays, however old"


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_it_is_one_file_that_loads_nothing(shop: Shop) -> None:
    html = report_of(shop)

    assert not re.findall(r"\b(?:src|srcset|action|formaction|poster)=", html)
    assert {*re.findall(r'<link[^>]*href="(\w+):', html)} == {"data"}
    assert not re.findall(
        r"url\(|@import|fetch\(|XMLHttpRequest|sendBeacon|WebSocket|\son\w+=|\sstyle=", html
    )


def test_its_policy_allows_its_one_style_and_its_one_script_and_nothing_else(shop: Shop) -> None:
    html = report_of(shop)
    policy = html.partition('Content-Security-Policy" content="')[2].partition('"')[0].replace("&#39;", "'")
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)

    assert policy == (
        f"default-src 'none'; style-src '{page._hash(style)}'; script-src '{page._hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_file_is_replaced_at_once_and_keeps_its_mode(shop: Shop) -> None:
    path = shop.folder / "report.html"
    path.write_text("the one before")
    path.chmod(0o640)
    with path.open() as reader:
        report_of(shop)

        assert reader.read() == "the one before"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [candidate.name for candidate in shop.folder.glob("*report.html*")] == ["report.html"]


def test_a_file_that_cannot_be_written_is_said_and_the_one_before_stays(shop: Shop) -> None:
    finished = shop.run("report", "-o", str(shop.folder / "missing" / "report.html"))

    assert finished.status == 2
    assert "can't be written: No such file or directory" in finished.err


@pytest.mark.parametrize("since", ["0d", "367d", "-1", "a week", "", "30h"])
def test_a_stretch_of_time_that_is_none_is_wrong_usage(shop: Shop, since: str) -> None:
    finished = shop.run("report", "-o", str(shop.folder / "r.html"), f"--since={since}")

    assert finished.status == 2
    assert "--since must be a number of days from 1d to 366d" in finished.err


def test_it_says_where_it_stands_and_is_silent_with_quiet(shop: Shop) -> None:
    path = shop.folder / "r.html"

    assert shop.run("report", "-o", str(path)).out == f"Wrote {path}; open it in a browser.\n"
    assert shop.run("report", "-o", str(path), "--quiet").out == ""


def test_the_same_state_gives_the_same_page(shop: Shop) -> None:
    assert report_of(shop) == report_of(shop)


# ── after each run ───────────────────────────────────────────────────────────────────────────────


def watched(shop: Shop, path: Path) -> None:
    shop.configure(f'[monitoring]\nreport_file = "{path}"\n{AUTOMATIC}')


def test_it_is_written_after_each_run(shop: Shop) -> None:
    path = shop.folder / "after.html"
    watched(shop, path)

    shop.run("sync")
    first = path.read_text(encoding="utf-8")
    shop.pass_time(minutes=15)
    shop.run("sync")

    assert "1 thing needs a person." in words(first)
    assert words(path.read_text(encoding="utf-8")) != words(first)


def test_a_dry_run_and_looking_write_none(shop: Shop) -> None:
    watched(shop, shop.folder / "after.html")

    shop.run("sync", "--dry-run")
    shop.run("errors")

    assert not (shop.folder / "after.html").exists()


def test_a_report_that_cannot_be_written_changes_nothing(shop: Shop) -> None:
    status = shop.run("sync").status
    watched(shop, shop.folder / "missing" / "after.html")

    finished = shop.run("sync")

    assert finished.status == status
    assert "WARNING report_failed" in finished.err


def test_nor_does_a_bug_in_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    watched(shop, shop.folder / "after.html")
    monkeypatch.setattr(page, "headline", None)

    finished = shop.run("sync")

    assert finished.status == 1
    assert "was not written: a bug in exactsend (TypeError)" in finished.err


def test_collecting_garbage_goes_on_afterwards(shop: Shop) -> None:
    report_of(shop)

    assert gc.isenabled()
