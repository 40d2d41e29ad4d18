"""Killed, asked to end, or refused by the disk at every effect of a run: then run again until all is quiet."""

import signal
from collections.abc import Callable, Iterable, Iterator

from exactsend.domain.records import AttemptState
from exactsend.errors import ExitStatus
from tests.prove.invariants import check
from tests.prove.shop import Shop
from tests.prove.struck_run import (
    TOKEN_ASKED,
    TOKEN_STORED,
    Effects,
    Strike,
    ask_to_terminate,
    ask_to_terminate_and_be_heard,
    fail_the_disk,
    fill_the_disk,
    fork,
    interrupt,
    kill_at_once,
    run_struck,
    run_struck_in_a_worker,
)
from tests.prove.trial import Effect, Play, Rehearsal, Trial

Judge = Callable[[Shop, int], None]
"""Given the shop and how the struck run ended, notes what is wrong with that."""


def struck(
    effects: Effects,
    judge: Judge,
    *,
    loses_sign_in: bool = False,
    run: Callable[[Shop, Effects], int] = run_struck,
) -> Play:
    """A run that is struck at one effect, and what follows."""

    def play(shop: Shop) -> None:
        child = fork(lambda: run(shop, effects))
        with shop.serving():
            child.go()
            judge(shop, child.ended())
            shop.go_on()
            check(shop)
        require_sign_in(shop, may_be_lost=loses_sign_in)

    return play


def require_sign_in(shop: Shop, *, may_be_lost: bool = False) -> None:
    """Nobody had to sign in again, but where the only good tokens were in a process that was killed."""
    if shop.counts["sign-ins lost"] and not may_be_lost:
        shop.findings.append("the sign-in was lost")


# ── killed ───────────────────────────────────────────────────────────────────────────────────────


def kills(rehearsal: Rehearsal) -> Iterator[Trial]:
    """SIGKILL at each effect, and one run that is no longer struck."""
    window = answered_and_not_stored(rehearsal.effects)
    for effect in rehearsal.effects:
        strike = struck(Effects(effect.place, kill_at_once), _died, loses_sign_in=effect.place in window)
        yield Trial(f"{effect.place} {effect.name}", strike)
    yield Trial("untouched", struck(Effects(len(rehearsal.effects) + 100, kill_at_once), _untouched))


def kills_while_renewing(rehearsal: Rehearsal) -> Iterator[Trial]:
    """SIGKILL at each effect from the beginning until the new tokens are in use: what follows is ``kills`` of the same shop."""
    effects = rehearsal.effects
    stored = next(number for number, effect in enumerate(effects) if effect.name == TOKEN_STORED)
    in_use = next(
        number for number, effect in enumerate(effects) if number > stored and effect.name.startswith("after")
    )
    yield from list(kills(rehearsal))[: in_use + 2]


def while_the_answer_is_stored(effects: Iterable[Effect]) -> list[Effect]:
    """What happens between the question for new tokens and their being in the store as they came."""
    names = [effect.name for effect in effects]
    if TOKEN_ASKED not in names:
        return []
    return list(effects)[names.index(TOKEN_ASKED) + 1 : names.index(TOKEN_STORED)]


def answered_and_not_stored(effects: Iterable[Effect]) -> set[int]:
    """Where a kill loses the sign-in: a refresh token works once, and the new ones are in this process alone."""
    return {
        effect.place for effect in while_the_answer_is_stored(effects) if effect.name != "credential.settle"
    }


def _died(shop: Shop, status: int) -> None:
    shop.counts["struck"] += 1
    if status != -signal.SIGKILL:
        shop.findings.append(f"the run was to be killed and ended with {status}")
    shop.findings += _bought_without_intent(shop)


def _bought_without_intent(shop: Shop) -> Iterator[str]:
    """Whatever stands at Sendcloud under a reference of ours was written down before it was asked for (S3)."""
    known = {attempt.reference for delivery in shop.records().deliveries() for attempt in delivery.attempts}
    for shipment in shop.world.sendcloud.shipments():
        if shipment.external_reference_id and shipment.external_reference_id not in known:
            yield f"{shipment.external_reference_id} was bought and not written down before"


def _untouched(shop: Shop, status: int) -> None:
    if status not in (ExitStatus.DONE, ExitStatus.ATTENTION):
        shop.findings.append(f"the untouched run ended with {status}")


# ── asked to end ─────────────────────────────────────────────────────────────────────────────────


def terminations(rehearsal: Rehearsal) -> Iterator[Trial]:
    """SIGTERM at each effect: 143, and what had begun was finished."""
    yield from _requests(rehearsal, ask_to_terminate, ExitStatus.TERMINATED)


def interruptions(rehearsal: Rehearsal) -> Iterator[Trial]:
    """SIGINT at each effect: 130, likewise."""
    yield from _requests(rehearsal, interrupt, ExitStatus.INTERRUPTED)


def terminations_of_workers(rehearsal: Rehearsal) -> Iterator[Trial]:
    """SIGTERM at every third effect of a run in a thread of its own, as where several divisions run side by side."""
    for effect in rehearsal.effects[::3]:
        strike = Effects(effect.place, ask_to_terminate_and_be_heard)
        judge = _finished(ExitStatus.TERMINATED)
        yield Trial(f"{effect.place} {effect.name}", struck(strike, judge, run=run_struck_in_a_worker))


def _requests(rehearsal: Rehearsal, action: Strike, status: ExitStatus) -> Iterator[Trial]:
    for effect in rehearsal.effects:
        yield Trial(f"{effect.place} {effect.name}", struck(Effects(effect.place, action), _finished(status)))


def _finished(wanted: ExitStatus) -> Judge:
    def judge(shop: Shop, status: int) -> None:
        shop.counts["struck"] += 1
        if status != wanted:
            shop.findings.append(f"asked to end, it ended with {status}")
        for delivery in shop.records().deliveries():
            if any(attempt.state is AttemptState.INTENDED for attempt in delivery.attempts):
                shop.findings.append(f"a purchase for delivery {delivery.number} was cut in two")
            if delivery.writeback.document_intended:
                shop.findings.append(f"the label of delivery {delivery.number} was half attached")

    return judge


# ── refused by the disk ──────────────────────────────────────────────────────────────────────────


def disk_errors(rehearsal: Rehearsal) -> Iterator[Trial]:
    """An I/O error at one effect on the disk after the other: 6, and nothing bought that was not written down before."""
    yield from _disk(rehearsal, fail_the_disk, lasting=False)


def full_disks(rehearsal: Rehearsal) -> Iterator[Trial]:
    """No space from one effect on the disk on, until the next run."""
    yield from _disk(rehearsal, fill_the_disk, lasting=True)


def _disk(rehearsal: Rehearsal, action: Strike, *, lasting: bool) -> Iterator[Trial]:
    window = {candidate.place for candidate in while_the_answer_is_stored(rehearsal.effects)}
    effects = [candidate for candidate in rehearsal.effects if is_of_the_disk(candidate)]
    for place, effect in enumerate(effects, start=1):
        in_window = effect.place in window
        # An answer that can't be kept as it came is parsed, and the pair kept: one failure is survived.
        # The index of the history is a short cut: a run does without it.
        is_survived = (in_window and not lasting) or effect.name == "history.index.commit"
        judge = _went_on if is_survived else _refused(effect.name)
        strike = Effects(place, action, only_disk=True, lasting=lasting)
        yield Trial(f"{place} {effect.name}", struck(strike, judge, loses_sign_in=in_window and lasting))


def is_of_the_disk(effect: Effect) -> bool:
    """Whether it changes the disk; the others are calls."""
    return " " not in effect.name and effect.name not in (TOKEN_ASKED, TOKEN_STORED)


def _went_on(shop: Shop, status: int) -> None:
    shop.counts["struck"] += 1
    _untouched(shop, status)


def _refused(name: str) -> Judge:
    def judge(shop: Shop, status: int) -> None:
        shop.counts["struck"] += 1
        if status != ExitStatus.LEDGER:
            shop.findings.append(f"{name} failed and the run ended with {status}")

    return judge
