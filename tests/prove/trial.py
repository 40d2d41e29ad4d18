"""What a campaign consists of: trials, each a way to break one run of a shop, and what came of it."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.prove.shop import Shop
from tests.prove.stages import Stage

Play = Callable[[Shop], None]
"""Breaks a run, goes on until all is quiet, and notes in the shop what is not as promised. Forks children before it serves."""


@dataclass(frozen=True)
class Trial:
    """One way to break one run."""

    name: str
    play: Play


@dataclass(frozen=True)
class Effect:
    """One effect of an undisturbed run: where it stands, counted from 1, and what it is called."""

    place: int
    name: str


@dataclass(frozen=True)
class Rehearsal:
    """What an undisturbed run of the stage does: where it can be broken."""

    effects: tuple[Effect, ...]
    calls: tuple[str, ...]
    """Method and path of each call, in the order in which they were served."""
    fields: tuple[tuple[str, ...], ...]
    """The names of the fields in the answer to each call."""


@dataclass(frozen=True)
class Campaign:
    """Trials of one kind on one stage."""

    name: str
    unit: str
    """What one trial counts as in the table."""
    stage: Stage
    trials: Callable[[Rehearsal], Iterable[Trial]]
    rehearsed: Play | None = None
    """What is played undisturbed to learn what can be struck; one run, unless said otherwise."""


@dataclass(frozen=True)
class Verdict:
    """What came of a trial."""

    campaign: str
    trial: str
    findings: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def field_names(document: object) -> list[str]:
    """The names of all fields in a JSON document, each once."""
    if isinstance(document, dict):
        found = [name for key, value in document.items() for name in (str(key), *field_names(value))]
    elif isinstance(document, list):
        found = [name for value in document for name in field_names(value)]
    else:
        found = []
    return list(dict.fromkeys(found))


ALL = "EXACTSEND_PROVE_ALL"
"""In the environment: no product is sampled."""


def one_in(
    number: int, trials: Callable[[Rehearsal], Iterable[Trial]]
) -> Callable[[Rehearsal], Iterable[Trial]]:
    """One in so many of these trials: of a large product, so that all campaigns together take no longer than is waited for."""

    def chosen(rehearsal: Rehearsal) -> Iterable[Trial]:
        every = 1 if os.environ.get(ALL) else number
        return (trial for place, trial in enumerate(trials(rehearsal)) if place % every == 0)

    return chosen
