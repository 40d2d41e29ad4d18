"""Two at once, copies of the state, back-ups brought back, and no state at all: no second label in any of them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from os import pipe, read, write
from pathlib import Path

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from tests.prove.invariants import check
from tests.prove.kills import require_sign_in
from tests.prove.shop import GOOD, Shop
from tests.prove.stages import TOKEN_LIFE
from tests.prove.struck_run import Effects, fork, kill_at_once, run_struck
from tests.prove.trial import Rehearsal, Trial

DAY = timedelta(days=1)


# ── two processes ────────────────────────────────────────────────────────────────────────────────


def second_runs(rehearsal: Rehearsal) -> Iterator[Trial]:
    """A second process begins, and ends with 75, while the first one pauses at every third of its effects under the lock."""
    locked = [candidate for candidate in rehearsal.effects if candidate.place >= _first_under_lock(rehearsal)]
    for effect in locked[::3]:
        yield Trial(f"a second run at {effect.place} {effect.name}", _second_at(effect.place))


def _first_under_lock(rehearsal: Rehearsal) -> int:
    return next(effect.place for effect in rehearsal.effects if effect.name.startswith("journal"))


def _second_at(place: int) -> Callable[[Shop], None]:
    def play(shop: Shop) -> None:
        paused, pausing = pipe()
        going, go = pipe()

        def pause() -> None:
            write(pausing, b"!")
            read(going, 1)

        first = fork(lambda: run_struck(shop, Effects(place, pause)))
        second = fork(lambda: run_struck(shop, Effects()))
        with shop.serving() as services:
            first.go()
            read(paused, 1)
            served = len(services.calls)
            second.go()
            if (status := second.ended()) != ExitStatus.LOCKED:
                shop.findings.append(f"the second run ended with {status}")
            if len(services.calls) != served:
                shop.findings.append("the second run asked for something")
            write(go, b"!")
            if (status := first.ended()) not in GOOD:
                shop.findings.append(f"the first run ended with {status}")
            shop.counts["struck"] += 1
            shop.go_on()
            check(shop)
        require_sign_in(shop)

    return play


# ── one sign-in ──────────────────────────────────────────────────────────────────────────────────


def token_races(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """Processes of two divisions that share a sign-in begin at once when its token has expired."""
    for number in range(40):
        yield Trial(f"race {number} for the token", _race)


def _race(shop: Shop) -> None:
    names = ("main", "second", "second", "main")
    children = [fork(partial(run_struck, shop, Effects(), name)) for name in names]
    with shop.serving() as services:
        for child in children:
            child.go()
        statuses = [child.ended() for child in children]
        renewals = [call for call in services.calls if call.path.endswith("/token")]
        shop.counts["struck"] += 1
        if len(renewals) != 1 or renewals[0].status != 200:
            shop.findings.append(f"{len(renewals)} renewals were asked for")
        if any(status not in {*GOOD, ExitStatus.LOCKED} for status in statuses):
            shop.findings.append(f"the runs ended with {statuses}")
        shop.go_on()
        check(shop)
    require_sign_in(shop)


# ── another state ────────────────────────────────────────────────────────────────────────────────


def other_states(rehearsal: Rehearsal) -> Iterator[Trial]:
    """The state is copied, brought back or lost: after a run that ended, or was killed; each effect is the turn of one of the four."""
    ways = {
        "a clone runs": _clone_runs,
        "yesterday's back-up": _back_up,
        "no ledger": _no_ledger,
        "no state": _no_state,
    }
    for number, (name, way) in enumerate(ways.items()):
        yield Trial(f"{name}, after a whole run", _killed_then(0, way))
        for effect in rehearsal.effects[number :: len(ways)]:
            yield Trial(f"{name}, killed at {effect.place} {effect.name}", _killed_then(effect.place, way))


def _killed_then(place: int, way: Callable[[Shop, Path], None]) -> Callable[[Shop], None]:
    def play(shop: Shop) -> None:
        before = shop.state.parent / "before"
        shutil.copytree(shop.state, before)
        child = fork(lambda: run_struck(shop, Effects(place, kill_at_once)))
        with shop.serving():
            child.go()
            child.ended()
            way(shop, before)
            shop.counts["struck"] += 1
            shop.go_on()
            check(shop)
        shop.counts["signed in again after a copy, a back-up or a loss"] += shop.counts.pop(
            "sign-ins lost", 0
        )

    return play


def _clone_runs(shop: Shop, before: Path) -> None:
    """A copy of the state works elsewhere, then the original one again; they spend each other's tokens."""
    shop.go_on(state=before)
    shop.clock.advance(TOKEN_LIFE)


def _back_up(shop: Shop, before: Path) -> None:
    """A day's work is done, then the state of before is brought back."""
    shop.go_on()
    shop.clock.advance(DAY)
    shutil.rmtree(shop.state)
    shutil.copytree(before, shop.state)


def _no_ledger(shop: Shop, _before: Path) -> None:
    """The division's folder is gone, the sign-in is there."""
    shutil.rmtree(shop.state / str(starting_worlds.DIVISION))


def _no_state(shop: Shop, _before: Path) -> None:
    """All is gone; a person signs in again."""
    shutil.rmtree(shop.state)
    shop.connect()
