"""``scripts/bench``: measure everything, print it beside its limits, and write it into docs/performance.md.

Status 1 where a limit is exceeded.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from exactsend.engine.wiring import now_utc
from tests.bench import measures
from tests.bench.measures import Measure

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGINS, ENDS = "<!-- measured: written by scripts/bench -->", "<!-- end of measured -->"
PARTS: dict[str, Callable[[Path], Iterator[Measure]]] = {
    "start-up": lambda _folder: measures.start_up(),
    "idle runs and the ledger": measures.idle_runs,
    "a large division": measures.large_division,
    "many divisions": measures.many_divisions,
}


def main() -> int:
    """Measure as the command line asks; gives the exit status."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="exactsend-bench-"))
    try:
        tables = [
            (name, list(_told(name, part, folder / str(place))))
            for place, (name, part) in enumerate(PARTS.items())
            if options.only in {None, name}
        ]
        if options.compare:
            from tests.bench import other_programs  # noqa: PLC0415 - installs what it compares with

            tables.append(("compared", list(_told("compared", other_programs.compared, folder / "compared"))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.dry:
        page = PAGE.read_text()
        PAGE.write_text(
            with_part(page, *tables[0]) if options.only else _with_measured(page, _rendered(tables))
        )
    return int(any(is_over(measure) for _, found in tables for measure in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--compare",
        action="store_true",
        help="install other programs in a throw-away environment and measure them too",
    )
    parser.add_argument(
        "--only",
        choices=[*PARTS],
        help="measure this part alone; the others stay in docs/performance.md as they are",
    )
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/performance.md as it is")
    return parser.parse_args()


def _told(name: str, part: Callable[[Path], Iterator[Measure]], folder: Path) -> Iterator[Measure]:
    _say(f"── {name}")
    for measure in part(folder):
        _say(" ".join(f"{cell:>12}" for cell in _cells(measure)[1:]) + f" {measure.what}")
        yield measure


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def is_over(measure: Measure) -> bool:
    """Whether a limit is exceeded."""
    return measure.limit is not None and measure.value > measure.limit


def _cells(measure: Measure) -> tuple[str, ...]:
    value = (
        f"{measure.value:.0f}" if measure.unit == "calls" or measure.value >= 100 else f"{measure.value:.2g}"
    )
    if measure.limit is None:
        return measure.what, f"{value} {measure.unit}", "", ""
    return (
        measure.what,
        f"{value} {measure.unit}",
        f"{measure.limit:g} {measure.unit}",
        f"{measure.value / measure.limit:.2f}",
    )


def _rendered(tables: Sequence[tuple[str, Sequence[Measure]]]) -> str:
    lines = [_when("Measured", " --compare" * (len(tables) > len(PARTS))), ""]
    for name, found in tables:
        lines += [f"### {name.capitalize()}", "", *_table(found), ""]
    return "\n".join(lines)


def _when(what: str, how: str) -> str:
    return f"{what} on {now_utc():%Y-%m-%d} with `scripts/bench{how}` on {_machine()}."


def _table(found: Sequence[Measure]) -> list[str]:
    rows = [f"| {' | '.join(_cells(measure))} |" for measure in found]
    return ["| what | measured | limit | of the limit |", "|---|---|---|---|", *rows]


def with_part(page: str, name: str, found: Sequence[Measure]) -> str:
    """The page with one part measured anew, by itself."""
    before, heading, rest = page.partition(f"### {name.capitalize()}\n")
    end = min(place for mark in ("\n### ", f"\n{ENDS}") if (place := rest.find(mark)) >= 0)
    lines = ["", _when("Measured by itself", f' --only "{name}"'), "", *_table(found), ""]
    return before + heading + "\n".join(lines) + rest[end:]


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; load at the end {load:.1f}"


def _with_measured(page: str, measured: str) -> str:
    before, _, rest = page.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{measured}\n{ENDS}{after}"


if __name__ == "__main__":
    sys.exit(main())
