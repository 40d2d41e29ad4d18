"""What a system administrator asks who does not know the trade. Each test is a question and its answer."""

import json
import shutil
import stat
from datetime import timedelta

from exactsend.system.lock import Lock
from tests.shop import AUTOMATIC, Shop


def test_did_it_run_last_night(night: Shop) -> None:
    night.pass_time(minutes=30)
    assert night.run("status", "--max-age", "60").status == 0  # for a monitor
    night.pass_time(minutes=60)
    late = night.run("status", "--max-age", "60")

    assert late.status == 1
    assert late.err == "exactsend: sandbox: the last good run was 90 min ago\n"
    (row,) = json.loads(night.run("status", "--json").out)["divisions"]
    assert (row["last_good_run"], row["age_minutes"]) == ("2026-11-23T09:05:00Z", 90)
    assert row["next_due"] == "2026-11-23T09:10:00Z"  # and it is past that
    assert row["last_run_seconds"] is not None
    assert row["last_run_calls"]["exact"] > 0
    assert row["last_status"] == 1


def test_is_it_stuck_or_are_there_two_at_once(shop: Shop) -> None:
    lock = Lock(shop.state / "1234567" / "lock")
    shop.run("sync")
    with lock.acquire(run_id="another", clock=shop.clock, sleep=shop.pass_time):
        finished = shop.run("sync")

    assert finished.status == 75
    assert "another" in finished.err


def test_why_exit_code_3(shop: Shop) -> None:
    shop.configure(AUTOMATIC + "[divisions.sandbox.orders]\nlook_back_dais = 3\nstart_date = 5\n")
    finished = shop.run("sync")

    assert finished.status == 3
    assert "look_back_dais" in finished.err
    assert "look_back_days" in finished.err  # the nearest key there is
    assert "start_date" in finished.err  # every problem at once


def test_exact_asks_for_a_login_what_do_i_do_at_3_in_the_morning(shop: Shop) -> None:
    shop.run("sync")
    shop.pass_time(minutes=31 * 24 * 60)
    finished = shop.run("sync")

    assert finished.status == 4
    assert "exactsend connect" in finished.err


def test_how_large_does_it_get_and_what_may_i_delete(night: Shop) -> None:
    (row,) = json.loads(night.run("status", "--json").out)["divisions"]
    note = (night.state / "1234567" / "README.txt").read_text()

    assert row["ledger_bytes"] == sum(
        path.stat().st_size for path in (night.state / "1234567").rglob("*") if path.is_file()
    )
    assert "Do not edit or delete anything here" in note


def test_where_are_the_secrets_and_who_can_read_them(night: Shop) -> None:
    for path in night.state.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_is_personal_data_in_the_logs(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    log = shop.run("sync", "-vv", "--log-format", "json").err

    for word in ("Marieke", "Jansen", "Oudegracht", "3511 NK", "vandijk", "612345678"):
        assert word not in log


def test_can_i_restore_yesterdays_backup_without_doubles(shop: Shop) -> None:
    shop.run("sync")
    backup = shop.folder / "backup"
    shutil.copytree(shop.state / "1234567", backup)
    shop.deliver_all()
    shop.run("sync")
    paid = len(shop.panel.labels())
    shutil.rmtree(shop.state / "1234567")
    shutil.copytree(backup, shop.state / "1234567")
    shop.pass_time(minutes=timedelta(hours=20) / timedelta(minutes=1))
    shop.run("sync")

    assert len(shop.panel.labels()) == paid


def test_is_it_us_exact_or_sendcloud(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", "/api/v1/1234567/", status=503, times=None)
    exact = shop.run("sync")
    shop.sandbox.faults.clear()
    shop.sandbox.faults.answer_instead("GET", "/shipments", status=503, times=None)
    sendcloud = shop.run("sync")

    assert (exact.status, sendcloud.status) == (7, 7)
    assert "Exact" in exact.err
    assert "Sendcloud" in sendcloud.err


def test_is_the_connection_all_right(night: Shop) -> None:
    finished = night.run("doctor")

    assert finished.status == 0
    for checked in ("sign-in", "rights", "Exact's clock", "configuration"):
        assert checked in finished.out
    (row,) = json.loads(night.run("status", "--json").out)["divisions"]
    assert row["sign_in_days_left"] == 29
    assert row["exact_calls_left_this_minute"] is not None


def test_has_a_vendor_changed_its_answers(night: Shop) -> None:
    former = night.folder / "shapes.txt"
    former.write_text(night.run("doctor", "--shapes").out, encoding="utf-8")
    night.pass_time(minutes=2)
    night.sandbox.world.altered.leave_out("crm/Accounts", "Name")

    finished = night.run("doctor", "--shapes", "--compare", str(former))
    night.sandbox.world.altered.restore()

    assert finished.out.splitlines()[0] == "new: exact crm/Accounts: missing Name: in 5 of 5; read as none"
    assert finished.status == 1
