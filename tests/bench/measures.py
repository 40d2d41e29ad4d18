"""What is measured, and the limit for each."""

import os
import statistics
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from exactsend.engine.wiring import now_utc, sleep
from exactsend.ledger.store import Ledger
from tests.bench.sandbox_process import Served
from tests.bench.shop import PROGRAM, Ran, Shop, measured

LATENCY = 0.08
"""Seconds that an answer of the real services is on its way, roughly."""
STARTS = 15
DIVISIONS = 200
CALLS_A_MINUTE = 60
"""What Exact allows an app in a division."""


@dataclass(frozen=True)
class Measure:
    """A number that was measured, and the limit for it; None: there is none."""

    what: str
    value: float
    unit: str
    limit: float | None = None


def start_up() -> Iterator[Measure]:
    """How quick a person or a shell is answered, beyond what Python itself takes."""
    bare = quickest([sys.executable, "-c", "pass"])
    yield Measure("bare Python", bare, "ms")
    asked = {**os.environ, "_EXACTSEND_COMPLETE": "complete_bash"}
    asked |= {"COMP_WORDS": "exactsend s", "COMP_CWORD": "1"}
    yield Measure("`--version`, over bare Python", quickest([str(PROGRAM), "--version"]) - bare, "ms", 60)
    yield Measure("completion, over bare Python", quickest([str(PROGRAM)], asked) - bare, "ms", 60)
    yield Measure("`--help`, over bare Python", quickest([str(PROGRAM), "--help"]) - bare, "ms", 120)


def quickest(command: list[str], environ: dict[str, str] | None = None) -> float:
    """Milliseconds, of many times the shortest."""
    return min(measured(command, environ).wall for _ in range(STARTS)) * 1000


def _cpu(command: list[str]) -> float:
    """Milliseconds of the processor, of several times the one in the middle."""
    return statistics.median(measured(command).cpu for _ in range(9)) * 1000


def idle_runs(folder: Path) -> Iterator[Measure]:
    """A run with nothing to do, with nothing behind it and with 100,000 deliveries behind it."""
    with Served("small") as served:
        bare = _cpu([sys.executable, "-c", "pass"])
        # Without a configuration a run ends where its own work would begin.
        loading = _cpu([str(PROGRAM), "sync", "--config", str(folder / "missing.toml")])
        yield Measure("loading what a run needs, over bare Python", loading - bare, "ms")
        for deliveries, behind in ((0, "nothing"), (100_000, "100,000 deliveries")):
            shop = Shop(folder / str(deliveries), served)
            if deliveries:
                # In a process of its own, so that this one stays small.
                measured([sys.executable, "-m", "tests.bench.history", str(shop.ledger), str(deliveries)])
            shop.run("sync")
            history = _history_bytes(shop)
            idle = [shop.run("sync") for _ in range(9)]
            took = statistics.median(run.cpu for run in idle) * 1000
            yield Measure(
                f"idle run, its own work beyond loading, {behind} in the ledger", took - loading, "ms", 200
            )
            yield Measure(
                f"idle run, loading and own work together, over bare Python, {behind} in the ledger",
                took - bare,
                "ms",
            )
            yield Measure(
                f"idle run, memory, {behind} in the ledger", max(run.memory for run in idle), "MB", 100
            )
            if not deliveries:
                trace = (_history_bytes(shop) - history) / len(idle)
                yield Measure("what an idle run adds to the history", trace, "bytes", 400)
        yield from _questions(shop)
        yield from _ledger(shop.ledger)


def _history_bytes(shop: Shop) -> int:
    return sum(path.stat().st_size for path in (shop.ledger / "history").glob("*.jsonl"))


QUESTIONS = {
    "`explain` of a delivery closed long ago": ("explain", "50000", "--offline"),
    "`errors`": ("errors",),
    "`labels list`": ("labels", "list"),
    "`labels list --since` of everything": ("labels", "list", "--since", "3000d", "--json"),
    "`history --since 7d`": ("history", "--since", "7d"),
}


def _questions(shop: Shop) -> Iterator[Measure]:
    """What people ask of 100,000 deliveries, with all that loading takes."""
    for name, command in QUESTIONS.items():
        ran = [shop.run(*command) for _ in range(3)]
        yield Measure(f"{name}, of 100,000 deliveries: time", min(run.wall for run in ran), "s")
        yield Measure(f"{name}, of 100,000 deliveries: memory", max(run.memory for run in ran), "MB", 100)


def _ledger(folder: Path) -> Iterator[Measure]:
    def opened() -> Ledger:
        return Ledger.open(folder, run_id="bench", clock=now_utc, program="bench")

    yield Measure("opening a ledger of 100,000 deliveries", _ms(lambda: opened().close()), "ms")
    with opened() as ledger:
        yield Measure("one event in it", _ms(lambda: ledger.record("bench")), "ms")
        yield Measure("one record closed long ago", _ms(lambda: ledger.get("shipments", "s-4711")), "ms")
        ledger.record("bench")
        yield Measure("folding it", _ms(ledger.fold, times=1), "ms")


def _ms(action: Callable[[], object], *, times: int = 9) -> float:
    """Milliseconds, of several times the one in the middle."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def large_division(folder: Path) -> Iterator[Measure]:
    """A division with 8,000 accounts, 10,000 addresses, 6,000 contacts, 2,000 items and 20,000 old orders."""
    with Served("large") as served:
        shop = Shop(folder, served)
        served.ask("latency", LATENCY)
        yield from _run(shop, "first sync of 1,000 orders", exact=40, sendcloud=15)
        shop.run("sync")
        served.ask("calls")
        yield from _run(shop, "nothing new", exact=8, sendcloud=2)
        for orders, name, limit in ((1, "one order changed", 13), (15, "fifteen orders changed", 14)):
            served.ask("change", orders)
            yield from _run(shop, name, exact=limit)
        served.ask("deliver", 1)
        yield from _run(shop, "one delivery, labelled and written back", exact=20)
        yield from _fifty(shop)


def _fifty(shop: Shop) -> Iterator[Measure]:
    """Fifty deliveries in a run, as fast as the services answer, and once more at the pace that both allow."""
    _let_a_minute_pass()
    shop.served.ask("deliver", 50)
    free = yield from _run(shop, "fifty deliveries", exact=175, writes=100)
    yield from _run(shop, "the echo of that", exact=8)
    shop.served.ask("limit", CALLS_A_MINUTE)
    _let_a_minute_pass()
    shop.served.ask("deliver", 50)
    held = yield from _run(shop, "fifty deliveries at the services' pace", writes=100)
    share = (held.wall - free.wall) / held.wall * 100
    yield Measure("fifty deliveries at the services' pace: share of the time that limits force", share, "%")


def _let_a_minute_pass() -> None:
    """As a timer does between two runs: what the last one wrote counts towards Sendcloud's minute."""
    sleep(61)


def _run(
    shop: Shop,
    name: str,
    *,
    exact: int | None = None,
    sendcloud: int | None = None,
    writes: int | None = None,
) -> Generator[Measure, None, Ran]:
    ran = shop.run("sync")
    calls = shop.served.ask("calls")
    yield Measure(f"{name}: calls to Exact", calls.get("exact", 0), "calls", exact)
    yield Measure(f"{name}: calls to Sendcloud", calls.get("sendcloud", 0), "calls", sendcloud)
    if writes is not None:
        yield Measure(f"{name}: writes to Sendcloud", calls["writes"], "calls", writes)
    yield Measure(f"{name}: time", ran.wall, "s")
    yield Measure(f"{name}: memory", ran.memory, "MB")
    return ran


def many_divisions(folder: Path) -> Iterator[Measure]:
    """Two hundred idle divisions of one sign-in, eight at a time."""
    with Served("divisions") as served:
        shop = Shop(folder, served, [f"d{number}" for number in range(1, DIVISIONS + 1)])
        for _ in range(2):
            _all(shop)
        served.ask("latency", LATENCY)
        served.ask("calls")
        ran = _all(shop)
        yield Measure(f"{DIVISIONS} idle divisions, `--jobs 8`: time", ran.wall, "s", 25)
        yield Measure(f"{DIVISIONS} idle divisions: memory", ran.memory, "MB", 100)
        yield Measure(f"{DIVISIONS} idle divisions: calls to Exact", served.ask("calls")["exact"], "calls")


def _all(shop: Shop) -> Ran:
    return shop.run("sync", "--all", "--jobs", "8")
