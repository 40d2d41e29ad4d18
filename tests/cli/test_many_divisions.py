"""Many divisions in one command: who goes first, what they share, and that a bad one holds up no other."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.large_world import FIRST_OF_MANY, many_divisions
from exactsend.sandbox.server import RecordedCall
from exactsend.sandbox.world import World
from exactsend.system.lock import Lock
from tests.shop import Shop

NAMES = ("first", "second", "third", "fourth", "fifth")
CODES = {name: FIRST_OF_MANY + number for number, name in enumerate(NAMES, start=1)}
DIVISION = """
[divisions.{name}]
code = {code}
[divisions.{name}.labels]
create_automatically = true
start_date = 2026-11-20
shipping_option = "postnl:standard"
"""
TABLES = {name: DIVISION.format(name=name, code=code) for name, code in CODES.items()}
MINUTE = timedelta(minutes=1)
TOKEN_LIFE = 11
"""Minutes after which every token has expired."""


def siblings(clock: SettableClock) -> World:
    """Five divisions whose integrations belong to one Sendcloud account."""
    world = many_divisions(clock, 0)
    for number, (name, code) in enumerate(CODES.items(), start=1):
        world.exact.add_division(code, name)
        starting_worlds.add_warehouses_and_methods(Office(world.exact, division=code))
        world.sendcloud.accounts[0].add_integration(
            public_key=f"public-{number}",
            secret_key=f"secret-{number}",
            integration_id=9000 + number,
            shop_name=name,
        )
    return world


def opened(folder: Path, world: Any) -> Shop:  # noqa: ANN401 - what makes a world
    shop = Shop(folder, config="".join(TABLES.values()), world=world)
    for number, name in enumerate(NAMES, start=1):
        shop.env[f"EXACTSEND_{name.upper()}_SENDCLOUD_PUBLIC_KEY"] = f"public-{number}"
        shop.env[f"EXACTSEND_{name.upper()}_SENDCLOUD_SECRET_KEY"] = f"secret-{number}"
    return shop


@pytest.fixture
def five(tmp_path: Path) -> Iterator[Shop]:
    """Five divisions of one sign-in, each with a Sendcloud account of its own, after a first run of each."""
    with opened(tmp_path, partial(many_divisions, count=len(NAMES))) as shop:
        shop.connect()
        assert shop.run("sync", "--all").status == 0
        yield shop
        assert shop.sandbox.crashes == []


@pytest.fixture
def of_one_account(tmp_path: Path) -> Iterator[Shop]:
    """The same with one Sendcloud account for all."""
    with opened(tmp_path, siblings) as shop:
        shop.connect()
        assert shop.run("sync", "--all").status == 0
        yield shop
        assert shop.sandbox.crashes == []


def calls_of(name: str, calls: list[RecordedCall]) -> list[int]:
    """Where among these calls those to a division's Exact stand."""
    return [place for place, call in enumerate(calls) if f"/{CODES[name]}/" in call.path]


def in_order_of_start(calls: list[RecordedCall]) -> list[str]:
    return sorted(NAMES, key=lambda name: calls_of(name, calls)[0])


def statuses(out: str) -> dict[str, int]:
    return {run["division"]: run["exit_status"] for run in json.loads(out)["runs"]}


# ── fair order ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_division_whose_last_run_is_oldest_goes_first(five: Shop, jobs: int) -> None:
    aged = ["fourth", "second", "fifth", "first", "third"]
    for name in aged:
        five.pass_time(minutes=1)
        five.run("sync", "-d", name)
    mark = len(five.sandbox.calls)

    five.run("sync", "--all", "--jobs", str(jobs))

    began = in_order_of_start(five.sandbox.calls_since(mark))
    # Which of two that begin in the same moment calls first is chance: side by side each is within a place of its turn.
    assert set(began[:jobs]) == set(aged[:jobs])
    assert all(abs(began.index(name) - turn) < jobs for turn, name in enumerate(aged))


def test_one_that_never_ran_goes_before_all_others(five: Shop) -> None:
    (five.state / str(CODES["fifth"])).rename(five.folder / "elsewhere")
    mark = len(five.sandbox.calls)

    five.run("sync", "--all", "--jobs", "1")

    assert in_order_of_start(five.sandbox.calls_since(mark))[0] == "fifth"


# ── one token ────────────────────────────────────────────────────────────────────────────────────


def test_divisions_of_one_sign_in_renew_its_tokens_once(five: Shop) -> None:
    five.pass_time(minutes=TOKEN_LIFE)
    mark = len(five.sandbox.calls)

    assert five.run("sync", "--all", "--jobs", "5").status == 0

    renewals = [call for call in five.sandbox.calls_since(mark) if "oauth2/token" in call.path]
    assert len(renewals) == 1
    assert all(calls_of(name, five.sandbox.calls_since(mark)) for name in NAMES)


# ── shared allowances ────────────────────────────────────────────────────────────────────────────


def deliver_everywhere(shop: Shop) -> None:
    """One order and its delivery in each division."""
    for number, code in enumerate(CODES.values()):
        office = Office(shop.sandbox.world.exact, lock=shop.sandbox.world.lock, division=code)
        customer = office.add_account(
            "Customer", address_line="Oudegracht 231", postcode=f"351{number} NK", city="Utrecht"
        )
        office.add_item("MUG", "Mug", weight=0.4)
        office.deliver(office.place_order(customer, [("MUG", 1, 10.0)], method="PNL"))


def most_writes_in_a_minute(calls: list[RecordedCall]) -> int:
    moments = [call.at for call in calls if call.api == "sendcloud" and call.is_write]
    assert moments
    return max(sum(at <= other < at + MINUTE for other in moments) for at in moments)


@pytest.mark.parametrize("one_process", [True, False])
def test_divisions_of_one_sendcloud_account_share_its_writes(
    of_one_account: Shop, monkeypatch: pytest.MonkeyPatch, *, one_process: bool
) -> None:
    """Three a minute here; in one process and in one for each division, as with a timer for each."""
    shop = of_one_account
    monkeypatch.setattr(
        "exactsend.engine.wiring.SendcloudAllowance", partial(SendcloudAllowance, writes_per_minute=3)
    )
    shop.pass_time(minutes=5)
    deliver_everywhere(shop)
    mark = len(shop.sandbox.calls)

    if one_process:
        shop.run("sync", "--all", "--jobs", "3")
    else:
        for name in NAMES:
            shop.run("sync", "-d", name)

    calls = shop.sandbox.calls_since(mark)
    assert len([call for call in calls if "/announce" in call.path]) == len(NAMES)
    assert most_writes_in_a_minute(calls) <= 3


def test_a_process_that_holds_the_counters_for_long_stops_no_run(of_one_account: Shop) -> None:
    """It may have been stopped by a person. What is counted late is counted all the same."""
    shop = of_one_account
    shop.pass_time(minutes=5)
    deliver_everywhere(shop)
    held = [lock_of(path, shop) for path in (shop.state / "sign-in").glob("*.calls.lock")]
    before = shop.clock()

    finished = shop.run("sync", "-d", "first", "--json")

    for lock in held:
        lock.release()
    assert statuses(finished.out) == {"first": 0}
    assert len(held) >= 1
    assert shop.clock() - before < timedelta(minutes=2)


def lock_of(path: Path, shop: Shop) -> Lock:
    return Lock(path).acquire(run_id="stopped", clock=shop.clock, sleep=shop.pass_time)


def test_the_calls_of_a_day_are_those_of_all_divisions_together(five: Shop) -> None:
    def told_by_status() -> int:
        (row, *_) = json.loads(five.run("status", "--all", "--json").out)["divisions"]
        spent: int = row["exact_calls_today"]
        return spent

    limit = told_by_status() + 7
    text = five.config_path.read_text()
    five.config_path.write_text(text.replace("[sendcloud]", f"max_calls_per_day = {limit}\n[sendcloud]", 1))
    five.pass_time(minutes=60)  # longer than an idle division rests
    mark = len(five.sandbox.calls)

    finished = five.run("sync", "--all", "--jobs", "3", "--json")

    made = [call for call in five.sandbox.calls_since(mark) if re.match(r"/api/v1/\d+/", call.path)]
    assert len(made) == 7
    assert finished.status == 7
    assert told_by_status() == limit


# ── one bad division ─────────────────────────────────────────────────────────────────────────────


def test_bad_divisions_hold_up_no_other_and_each_has_its_own_ending(of_one_account: Shop) -> None:
    """One with wrong tables, one that Exact blocks, one whose Exact is not reached: the others do their work."""
    shop = of_one_account
    shop.configure(
        "".join(TABLES.values()).replace(
            f"code = {CODES['first']}\n", f"code = {CODES['first']}\ncolour = 1\n"
        )
    )
    shop.pass_time(minutes=5)
    deliver_everywhere(shop)
    Office(shop.sandbox.world.exact, division=CODES["second"]).block_division()
    shop.sandbox.faults.lose_call("*", f"/{CODES['third']}/", times=None)

    finished = shop.run("sync", "--all", "--jobs", "2", "--json")

    assert statuses(finished.out) == {"first": 3, "second": 7, "third": 7, "fourth": 0, "fifth": 0}
    assert finished.status == 3
    bought = {run["division"] for run in json.loads(finished.out)["runs"] if run["counts"].get("label_buy")}
    assert bought == {"fourth", "fifth"}


def test_while_one_waits_for_an_answer_the_others_come_to_their_end(five: Shop) -> None:
    five.sandbox.faults.slow("GET", f"/{CODES['first']}/", seconds=3)
    mark = len(five.sandbox.calls)

    finished = five.run("sync", "--all", "--jobs", "2", "--json")

    calls = five.sandbox.calls_since(mark)
    after_the_wait = calls_of("first", calls)[1]
    assert all(calls_of(name, calls)[-1] < after_the_wait for name in NAMES[1:])
    assert statuses(finished.out) == dict.fromkeys(NAMES, 0)


# ── labels of several divisions in one account ───────────────────────────────────────────────────


def by_hand(shop: Shop, name: str, number: str) -> None:
    """Somebody makes the label of an order of a division in the panel."""
    shop.panel.make_label(number, integration_id=9001 + NAMES.index(name))


def test_a_label_that_is_another_divisions_delivery_stops_nothing_though_the_numbers_are_the_same(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, siblings) as shop:
        shop.connect()
        shop.configure("".join(name.replace("create_automatically = true", "") for name in TABLES.values()))
        offices = [Office(shop.sandbox.world.exact, division=CODES[name]) for name in ("first", "second")]
        numbers = [place_an_order(office) for office in offices]
        assert numbers[0] == numbers[1]
        shop.run("sync", "--all")
        shop.pass_time(minutes=5)
        shop.run("sync", "--all")
        by_hand(shop, "first", str(numbers[0]))
        shop.pass_time(minutes=5)

        deliveries = [office.deliver(number) for office, number in zip(offices, numbers, strict=True)]
        shop.run("sync", "--division", "first")
        bought = shop.run("labels", "create", "--division", "second", str(deliveries[1]), "--yes")

        assert bought.status == 0, bought
        assert offices[0].tracking(deliveries[0])
        assert offices[1].tracking(deliveries[1])


def place_an_order(office: Office) -> int:
    office.add_item("CUP", "Cup", weight=0.3)
    account = office.add_account("Customer", email="c@shop.example")
    address = office.add_address(account, "Kanaalstraat 12", postcode="3531 GV", city="Utrecht", main=True)
    return office.place_order(account, [("CUP", 2, 12.5)], address=address)


def test_an_advice_names_the_division_where_there_are_several(tmp_path: Path) -> None:
    with opened(tmp_path, siblings) as shop:
        shop.connect()
        office = Office(shop.sandbox.world.exact, division=CODES["second"])
        number = place_an_order(office)
        shop.run("sync", "--all")
        delivery = office.deliver(number)
        shop.pass_time(minutes=5)
        shop.run("sync", "--all")
        shop.pass_time(minutes=5)
        shop.panel.cancel_label(str(number))
        shop.run("sync", "--all")

        (error,) = json.loads(shop.run("errors", "--all", "--json").out)["errors"]
        line = f"exactsend labels create --division second --delivery {delivery} --another 2"

        assert line in error["remedy"]
        assert shop.run(*line.split()[1:], "--yes").status == 0
