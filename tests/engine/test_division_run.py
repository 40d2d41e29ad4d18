"""One division's run as a whole: its lock, its accounts, and what its endings mean."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.domain.ids import Division
from exactsend.domain.record_store import RecordStore
from exactsend.engine.division_run import RunOptions, locked_ledger, run_division
from exactsend.engine.wiring import Wiring
from exactsend.errors import ConfigError, ExitStatus, WrongAccount
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings
from tests.end_to_end.shop import MANUAL, Shop, open_shop
from tests.installation import SECRETS

SOON = timedelta(minutes=5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runner"


def test_a_good_run_is_remembered(folder: Path) -> None:
    with open_shop(folder) as shop:
        run = shop.run()
        schedule = shop.records.schedule
        assert run.exit_status is ExitStatus.DONE
        assert (schedule.last_run, schedule.last_good_run, schedule.last_status) == (
            shop.clock(),
            shop.clock(),
            0,
        )


def test_a_run_that_needs_a_person_is_a_good_one_and_one_that_was_stopped_is_not(folder: Path) -> None:
    with open_shop(
        folder,
        labels={**MANUAL, "create_automatically": "true", "start_date": "2026-11-20", "max_per_run": "1"},
    ) as shop:
        shop.run()
        good = shop.clock()
        for _ in range(2):
            shop.office.deliver(shop.place("Dorpsstraat"))
        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert shop.records.schedule.last_good_run == good
        assert shop.run(after=SOON, max_labels=2).exit_status is ExitStatus.ATTENTION
        assert shop.records.schedule.last_good_run == shop.clock()


def test_what_was_noted_at_a_moment_that_lies_ahead_is_done_again(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        years = shop.clock() + timedelta(days=1_461)
        names = ("hourly", "entries_looked", "deep_poll", "last_good_run")
        with locked_ledger(shop.wiring, shop.division) as ledger:
            records = RecordStore(ledger)
            wrong = records.schedule.replace(
                hourly=years, entries_looked=years, deep_poll=years, last_good_run=years
            )
            records.note("a_clock_was_wrong", wrong)

        shop.run(after=SOON)

        assert {getattr(shop.records.schedule, name) for name in names} == {shop.clock()}


def test_both_services_of_a_run_share_its_patience(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.with_hooks(max_wait=timedelta(minutes=1))
        for api in ("exact", "sendcloud"):
            shop.sandbox.faults.answer_instead("GET", "", status=429, headers={"Retry-After": "40"}, api=api)

        assert shop.run().exit_status is ExitStatus.API


def test_a_dry_run_is_no_run(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run(dry_run=True)
        assert shop.records.schedule.last_run is None
        assert not (shop.process.state / "1234567").exists()


def test_a_dry_run_takes_no_lock(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        with held(shop):
            assert shop.run(dry_run=True).exit_status is ExitStatus.DONE


def test_a_division_that_is_held_is_left_to_its_holder(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        with held(shop):
            run = shop.run(after=SOON)
        assert run.exit_status is ExitStatus.LOCKED
        assert shop.sandbox.calls_since(shop.mark) == []


def held(shop: Shop):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the lock's own type
    lock = shop.wiring.lock(shop.division)
    return lock.acquire(run_id="other", clock=shop.clock, sleep=lambda _: None, wait=timedelta(0))


def test_a_stopped_service_ends_with_7_and_loses_nothing(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        shop.sandbox.faults.lose_call("GET", "/api/v3", times=None)
        run = shop.run(after=SOON)
        assert run.exit_status is ExitStatus.API
        assert run.error is not None
        assert "Sendcloud" in run.error.message
        shop.sandbox.faults.clear()
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        assert shop.paid() == 1


def test_calls_are_counted_even_when_the_run_ends_badly(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.sandbox.faults.lose_call("GET", "/api/v1/1234567/", times=None)
        run = shop.run()
        assert run.error is not None
        assert run.calls["exact"] > 0
        assert run.calls["sendcloud"] > 0


def test_another_account_behind_the_keys_is_status_3_and_writes_nothing(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.place()
        shop.run()
        shop.process.environ.update(  # type: ignore[attr-defined]  # a dict here
            EXACTSEND_SENDCLOUD_PUBLIC_KEY="sandbox2-public", EXACTSEND_SENDCLOUD_SECRET_KEY="sandbox2-secret"
        )
        shop.restart()
        run = shop.run(after=SOON)
        assert isinstance(run.error, WrongAccount)
        assert run.exit_status is ExitStatus.CONFIG
        assert shop.written == []


def test_two_divisions_with_one_integration_are_status_3(folder: Path) -> None:
    second = (
        '[divisions.second]\ncode = 7654321\n[divisions.second.labels]\nshipping_option = "postnl:standard"\n'
    )
    keys = {
        f"EXACTSEND_{name}_SENDCLOUD_{part}_KEY": SECRETS[f"EXACTSEND_SENDCLOUD_{part}_KEY"]
        for name in ("SANDBOX", "SECOND")
        for part in ("PUBLIC", "SECRET")
    }
    with open_shop(folder, more=second, secrets={**SECRETS, **keys}) as shop:
        shop.run()
        run = shop.run(division="second")
        assert isinstance(run.error, ConfigError)
        assert run.exit_status is ExitStatus.CONFIG
        assert "7001" in run.error.message


def test_nor_may_one_of_another_configuration_with_the_same_state_have_it(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        elsewhere = replace(shop.division, name="elsewhere", code=Division(7654321))
        run = run_division(replace_settings(shop, elsewhere), elsewhere, RunOptions())

        assert run.exit_status is ExitStatus.CONFIG
        assert run.error is not None
        assert run.error.message == "divisions 1234567 and elsewhere share the Sendcloud integration 7001"


def replace_settings(shop: Shop, division: DivisionSettings) -> Wiring:
    """The same state behind a configuration that has this division alone."""
    return Wiring(replace(shop.settings, divisions={division.name: division}), shop.process)


def test_divisions_of_one_sendcloud_account_count_their_calls_together(folder: Path) -> None:
    with open_shop(folder) as shop, shop.wiring.services(shop.division, pinned=None) as first:
        other_keys = shop.wiring.sendcloud_transport("other", "keys")
        second = replace(first, sendcloud_transport=other_keys)
        assert other_keys._allowance is not first.sendcloud_transport._allowance

        for systems in (first, second):
            shop.wiring.share_account(systems, "the account")

        assert other_keys._allowance is first.sendcloud_transport._allowance


def test_a_division_that_was_revoked_is_an_error_not_an_empty_list(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.place()
        shop.run()
        shop.office.revoke_consent()
        run = shop.run(after=SOON)
        assert run.exit_status is ExitStatus.LOGIN
        assert shop.incoming() == ["4711"]


def test_a_blocked_division_waits(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        shop.office.block_division()
        assert shop.run(after=timedelta(hours=1)).exit_status is ExitStatus.API
        shop.office.unblock_division()
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE


def test_a_damaged_ledger_stops_everything_before_the_first_call(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        for name in ("ledger.json", "ledger.json.1"):
            (shop.process.state / "1234567" / name).write_text("{")
        shop.restart()
        run = shop.run(after=SOON)
        assert run.exit_status is ExitStatus.LEDGER
        assert [call for call in shop.sandbox.calls_since(shop.mark) if call.is_write] == []


def test_a_ledger_of_yesterday_buys_nothing_twice(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.run()
        delivery = shop.office.deliver(shop.place())
        ledger = shop.process.state / "1234567"
        shutil.copytree(ledger, folder / "backup")
        shop.run(after=SOON)
        shutil.rmtree(ledger)
        shutil.copytree(folder / "backup", ledger)
        shop.office.edit_delivery(delivery, TrackingNumber="")
        shop.run(after=SOON)
        shop.run(after=SOON)
        assert shop.paid() == 1
        assert shop.office.tracking(delivery)
        assert shop.office.remarks(delivery).count("Track & trace") == 1
        assert len(shop.office.attachments(delivery)) == 1


def test_the_configuration_may_change_between_two_runs(folder: Path) -> None:
    with open_shop(folder, labels=MANUAL) as shop:
        shop.run()
        delivery = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        config = folder / "config.toml"
        config.write_text(
            config.read_text().replace(
                "create_automatically = false", "create_automatically = true\nstart_date = 2026-11-20"
            )
        )
        shop.settings = load_settings(config)
        shop.restart()
        shop.office.edit_delivery(delivery, Description="changed")
        shop.run(after=SOON)
        assert shop.paid() == 1
        assert shop.incoming() == []
