"""One of the processes that play the trials: builds a stage once, then forks for each trial, so that all begin alike.

``python -m tests.prove.lane --lane 0/2 --every 1 CAMPAIGN…`` prints a line of JSON for each trial. Has no threads of its own: it
forks only while the services do not run.
"""

import argparse
import json
import logging
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from tests.prove.campaigns import CAMPAIGNS
from tests.prove.services import Services
from tests.prove.shop import Shop, free_port
from tests.prove.struck_run import Effects, fork, run_struck
from tests.prove.trial import Campaign, Effect, Play, Rehearsal, Trial, Verdict, field_names

Found = TypeVar("Found")
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; elsewhere it only takes longer
LONGEST_TRIAL_SECONDS = 120


def main(arguments: list[str]) -> None:
    """Play a share of the trials of the campaigns that are named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lane", default="0/1")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("campaigns", nargs="*")
    told = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    lane, lanes = (int(part) for part in told.lane.split("/"))
    port = free_port()
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        for campaign in CAMPAIGNS:
            if not told.campaigns or campaign.name in told.campaigns:
                for number, trial in enumerate(_chosen(campaign, Path(folder), port, told.every, told.only)):
                    if number % lanes == lane:
                        verdict = _played(campaign, trial, Path(folder))
                        sys.stdout.write(json.dumps(asdict(verdict)) + "\n")
                        sys.stdout.flush()


_staged: dict[object, Shop] = {}


def _chosen(campaign: Campaign, folder: Path, port: int, every: int, only: str) -> Iterator[Trial]:
    shop = _stage(campaign, folder, port)
    trials = campaign.trials(in_fork(lambda: rehearse(shop, folder, campaign.rehearsed)))
    return (trial for number, trial in enumerate(trials) if number % every == 0 and only in trial.name)


def _stage(campaign: Campaign, folder: Path, port: int) -> Shop:
    if campaign.stage not in _staged:
        place = folder / f"stage{len(_staged)}"
        place.mkdir()
        _staged[campaign.stage] = campaign.stage(place, port)
    return _staged[campaign.stage]


def _played(campaign: Campaign, trial: Trial, folder: Path) -> Verdict:
    began = time.monotonic()
    shop = _staged[campaign.stage]
    try:
        findings, counts = in_fork(lambda: _play(shop, trial, folder))
    except Hung:
        findings, counts = ["it hung, or died"], {}
    return Verdict(campaign.name, trial.name, tuple(findings), counts, time.monotonic() - began)


def _play(shop: Shop, trial: Trial, folder: Path) -> tuple[list[str], dict[str, int]]:
    place = Path(tempfile.mkdtemp(dir=folder))
    try:
        shop.moved_to(place)
        shop.counts.clear()
        trial.play(shop)
    except Exception:  # noqa: BLE001 - told as a finding of this trial
        shop.findings.append(f"the trial broke: {traceback.format_exc(limit=-3)}")
    finally:
        shutil.rmtree(place)
    return shop.findings, dict(shop.counts)


def rehearse(shop: Shop, folder: Path, play: Play | None = None) -> Rehearsal:
    """An undisturbed run in a child, or what is played instead, to learn where it can be struck. In a process of its own."""
    place = Path(tempfile.mkdtemp(dir=folder))
    shop.moved_to(place)
    if play is not None:
        play(shop)
        shutil.rmtree(place)
        assert not shop.findings, shop.findings
        return Rehearsal((), _calls(shop.services), ())
    written = place / "effects"

    def run() -> int:
        names: list[str] = []
        status = run_struck(shop, Effects(names=names))
        written.write_text("\n".join(names))
        return status

    child = fork(run)
    with shop.serving() as services:
        child.go()
        status = child.ended()
        assert status in (0, 1), status
        calls = _calls(services)
        fields = tuple(tuple(field_names(answer)) for answer in services.wire.answers)
    names = written.read_text().splitlines()
    shutil.rmtree(place)
    return Rehearsal(tuple(Effect(place, name) for place, name in enumerate(names, start=1)), calls, fields)


def _calls(services: Services) -> tuple[str, ...]:
    return tuple(f"{call.method} {call.path}?{call.query}" for call in services.calls)


class Hung(Exception):
    """A trial came to no end."""


def in_fork(work: Callable[[], Found]) -> Found:
    """What this work gives, done in a process that ends with it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        signal.alarm(LONGEST_TRIAL_SECONDS)
        try:
            with os.fdopen(writing, "wb") as answer:
                pickle.dump(work(), answer)
        finally:
            os._exit(0)  # whatever happened: what called us goes on in the other process alone
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(pid, 0)
    if not told:
        raise Hung
    found: Found = pickle.loads(told)  # noqa: S301 - our own child wrote it
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
