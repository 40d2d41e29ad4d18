"""The totals of several divisions. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exactsend.domain.problems import Code
from exactsend.views.data.overview import Day, Health, Overview, ProblemCause
from exactsend.views.data.unused_labels import UnusedLabel


@dataclass(frozen=True)
class Totals:
    """The figures of one division, or of all together."""

    division: str
    """Empty for all together."""
    health: tuple[Health, ...]
    """The health of each division."""
    errors: int
    refused: int
    """Requests that a service refuses."""
    waiting: int
    incoming: int
    labels: int
    """In the period."""
    cancelled: int
    orders: int
    days: tuple[Day, ...]
    causes: tuple[ProblemCause, ...]
    unused: tuple[UnusedLabel, ...]


def totals_of(overviews: Sequence[Overview], division: str) -> Totals:
    """The totals of these divisions."""
    days = _days(overview.days for overview in overviews)
    return Totals(
        division,
        health=tuple(overview.health for overview in overviews),
        errors=sum(len(overview.problems) for overview in overviews),
        refused=sum(len(overview.status.refused) for overview in overviews),
        waiting=sum(overview.status.waiting for overview in overviews),
        incoming=sum(overview.status.incoming for overview in overviews),
        labels=sum(day.labels for day in days),
        cancelled=sum(day.cancelled for day in days),
        orders=sum(day.orders for day in days),
        days=days,
        causes=_causes(cause for overview in overviews for cause in overview.causes),
        unused=tuple(label for overview in overviews for label in overview.unused),
    )


def _days(each: Iterable[tuple[Day, ...]]) -> tuple[Day, ...]:
    """The totals per day; every division has the same days."""
    return tuple(
        Day(
            same[0].date,
            orders=sum(row.orders for row in same),
            labels=sum(row.labels for row in same),
            cancelled=sum(row.cancelled for row in same),
        )
        for same in zip(*each, strict=True)
    )


def _causes(each: Iterable[ProblemCause]) -> tuple[ProblemCause, ...]:
    still_open: Counter[Code] = Counter()
    cured: Counter[Code] = Counter()
    for cause in each:
        still_open[cause.code] += cause.open
        cured[cause.code] += cause.cured
    causes = (ProblemCause(code, still_open[code], cured[code]) for code in cured)
    return tuple(sorted(causes, key=lambda cause: (-(cause.open + cause.cured), cause.code)))
