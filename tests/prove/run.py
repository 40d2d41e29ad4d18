"""Plays campaigns in several lanes at once and tells what came of them: the table of ``scripts/prove``."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.prove.campaigns import CAMPAIGNS
from tests.prove.trial import ALL, Verdict

ROOT = Path(__file__).parents[2]
QUICK = 12
RULES = "rules-taken-out"
TWICE, WRONGLY, LOST = "labels bought twice", "labels taken wrongly", "deliveries lost"
STRUCK = "struck"
QUIET = frozenset({TWICE, WRONGLY, LOST, STRUCK, "runs"})
"""Counts that have their own column, or need none."""
UNITS = {**{campaign.name: campaign.unit for campaign in CAMPAIGNS}, RULES: "rules taken out"}
"""What is played, and what a trial of it counts as."""
MOST_SHOWN = 40


def main(arguments: Sequence[str]) -> int:
    """Prove it; 1 where something is not as promised."""
    parser = argparse.ArgumentParser(
        prog="scripts/prove", description="Break runs in every way and count what was paid twice or lost."
    )
    parser.add_argument("--quick", action="store_true", help=f"every {QUICK}th trial")
    parser.add_argument(
        "--all",
        action="store_true",
        help="every trial of the large products too, of which a sample is played otherwise",
    )
    parser.add_argument(
        "--lanes", type=int, default=os.cpu_count() or 2, metavar="N", help="processes side by side"
    )
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(UNITS))
    told = parser.parse_args(arguments)
    if told.all:
        os.environ[ALL] = "1"
    began = time.monotonic()
    verdicts = list(played(told.campaigns, every=QUICK if told.quick else 1, lanes=told.lanes))
    sys.stdout.write(table(verdicts, time.monotonic() - began) + "\n")
    return 1 if any(verdict.findings for verdict in verdicts) else 0


def played(campaigns: Sequence[str], *, every: int = 1, lanes: int = 1) -> list[Verdict]:
    """The verdicts of all lanes.

    Raises:
        RuntimeError: a lane broke down.
    """
    unknown = set(campaigns) - set(UNITS)
    if unknown:
        raise RuntimeError(f"there is no campaign {', '.join(sorted(unknown))}")
    verdicts: list[Verdict] = []
    broken = [campaign for campaign in campaigns if campaign != RULES]
    if broken or not campaigns:
        verdicts += _in_lanes(lanes, "tests.prove.lane", "--every", str(every), *broken)
    if RULES in campaigns or not campaigns:
        verdicts += _in_lanes(lanes, "tests.rules.play", "--every", str(every))
    return verdicts


def _in_lanes(lanes: int, module: str, *arguments: str) -> list[Verdict]:
    started = [_Lane((module, "--lane", f"{number}/{lanes}", *arguments)) for number in range(lanes)]
    for lane in started:
        lane.thread.join()
        if lane.process.wait():
            raise RuntimeError(f"a lane ended with {lane.process.returncode}")
    return [verdict for lane in started for verdict in lane.verdicts]


@dataclass
class _Lane:
    arguments: Sequence[str]
    verdicts: list[Verdict] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Measuring coverage would double the time and, with processes that are killed, measure little.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environ
        )
        self.thread = Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                told = json.loads(line)
                self.verdicts.append(Verdict(**{**told, "findings": tuple(told["findings"])}))


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def table(verdicts: Sequence[Verdict], seconds: float) -> str:
    """A row for each campaign, what each kind of trial adds up to, and what was not as promised."""
    head = (
        f"{'campaign':32}{'trials':>8}  {'kind':24}{'struck':>8}{'bought twice':>14}{'lost':>6}{'seconds':>9}"
    )
    rows = [
        _row(name, unit, verdicts)
        for name, unit in UNITS.items()
        if any(verdict.campaign == name for verdict in verdicts)
    ]
    total = _counts(verdicts)
    wrong = [verdict for verdict in verdicts if verdict.findings]
    summary = [
        "",
        f"{len(verdicts)} trials: {', '.join(f'{number} {unit}' for unit, number in _by_unit(verdicts).items())}",
        f"labels bought twice: {total[TWICE]}",
        f"labels taken wrongly: {total[WRONGLY]}",
        f"deliveries lost: {total[LOST]}",
        f"trials with anything else not as promised: {len([verdict for verdict in wrong if not any(verdict.counts.get(name) for name in (TWICE, WRONGLY, LOST))])}",
        *(
            f"{name}: {number} (what no program can prevent, see docs/safety.md)"
            for name, number in sorted(total.items())
            if name not in QUIET
        ),
        f"{seconds:.0f} seconds",
    ]
    return "\n".join([head, *rows, *summary, *_findings(wrong)])


def _row(name: str, unit: str, verdicts: Iterable[Verdict]) -> str:
    mine = [verdict for verdict in verdicts if verdict.campaign == name]
    total = _counts(mine)
    seconds = sum(verdict.seconds for verdict in mine)
    return f"{name:32}{len(mine):8}  {unit:24}{total[STRUCK]:8}{total[TWICE]:14}{total[LOST]:6}{seconds:9.1f}"


def _counts(verdicts: Iterable[Verdict]) -> Counter[str]:
    total: Counter[str] = Counter()
    for verdict in verdicts:
        total.update(verdict.counts)
    return total


def _by_unit(verdicts: Sequence[Verdict]) -> Counter[str]:
    return Counter(UNITS[verdict.campaign] for verdict in verdicts)


def _findings(wrong: Sequence[Verdict]) -> Iterator[str]:
    for verdict in wrong[:MOST_SHOWN]:
        yield f"\n{verdict.campaign}: {verdict.trial}"
        yield from (f"  {finding}" for finding in verdict.findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
