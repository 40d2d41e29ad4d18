"""Measures the page of 20,000 deliveries: how long it takes to write, how large it is, how soon it opens and searches.

    python -m tests.views.dashboard.measure [DELIVERIES]

Not a test: what it prints depends on the machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from playwright.sync_api import Page

from tests.views.dashboard.browser import opened, started
from tests.views.dashboard.example_shops import NOW, Trade, build

ROWS = 20_000
ROUNDS = 5

Figures = dict[str, float]


def measured(deliveries: int = ROWS) -> Figures:
    """The figures, by name; seconds and megabytes. On a busy machine the processor's seconds say more than those of the clock."""
    with tempfile.TemporaryDirectory() as folder:
        town = Path(folder)
        build(town, {"acme": Trade(deliveries, waiting=40, failing=20)}, now=NOW)
        path = town / "report.html"
        before = getrusage(RUSAGE_CHILDREN)
        writing = _median(lambda: _write(town, path))
        after = getrusage(RUSAGE_CHILDREN)
        spent = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
        return {
            "deliveries": deliveries,
            "write_s": writing,
            "write_cpu_s": spent / ROUNDS,
            "size_mb": path.stat().st_size / 1e6,
            **_in_the_browser(path),
        }


def _median(do: Callable[[], object]) -> float:
    return statistics.median(_seconds(do) for _ in range(ROUNDS))


def _seconds(do: Callable[[], object]) -> float:
    began = perf_counter()
    do()
    return perf_counter() - began


def _write(town: Path, path: Path) -> None:
    """The whole command, from the start of the interpreter to its end."""
    since = "366d"  # the town's clock is not this machine's
    command = [sys.executable, "-m", "exactsend", "report", "--output", str(path), "--since", since]
    places = {"EXACTSEND_CONFIG": str(town / "config.toml"), "EXACTSEND_STATE_DIR": str(town / "state")}
    subprocess.run(command, check=True, env={**os.environ, **places}, stdout=subprocess.DEVNULL)


def _in_the_browser(path: Path) -> Figures:
    opening: list[float] = []
    searching: list[float] = []
    with started() as browser:
        for _ in range(ROUNDS):
            with opened(browser, path) as looked:
                began = perf_counter()
                looked.page.reload()
                looked.page.wait_for_selector("[data-rows] tr:nth-child(50)")
                opening.append(perf_counter() - began)
                searching.append(_search(looked.page))
    return {"open_s": statistics.median(opening), "search_s": statistics.median(searching)}


def _search(page: Page) -> float:
    """From a letter typed to the rows shown, as the page's own clock has it."""
    taken = page.evaluate(
        """() => new Promise((done) => {
            const box = document.querySelector("[data-search]");
            const began = performance.now();
            box.value = "3sabcd1 postnl";
            box.dispatchEvent(new Event("input", { bubbles: true }));
            requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
        })"""
    )
    return float(taken) / 1000


if __name__ == "__main__":
    print(json.dumps(measured(*map(int, sys.argv[1:])), indent=1))  # noqa: T201
