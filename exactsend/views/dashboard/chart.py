"""The geometry of the charts. Pure: numbers in, numbers out; colours and words are the template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exactsend.views.data.overview import Day

SLOT = 12.0
"""The width of a day. The picture is stretched to the page, so only proportions matter."""
HEIGHT = 100.0
_BAR, _GAP, _MARGIN = 4.2, 0.6, 1.5
_SATURDAY = 5
_MOST_MARKS = 7
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """One bar, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Slot:
    """One day of the chart."""

    day: Day
    x: float
    orders: Bar
    labels: Bar
    is_weekend: bool


@dataclass(frozen=True)
class Chart:
    """Orders and labels a day."""

    slots: tuple[Slot, ...]
    top: int
    """What the upper edge stands for; even, so that its half can be said too."""
    marks: tuple[date, ...]
    """Days that are written below, evenly apart."""

    @property
    def width(self) -> float:
        """Of the whole picture."""
        return SLOT * len(self.slots)


def chart_of(days: Sequence[Day]) -> Chart:
    """The chart of these days, oldest on the left."""
    top = round_top(max((max(day.orders, day.labels) for day in days), default=0))
    slots = tuple(_slot(day, place, top) for place, day in enumerate(days))
    return Chart(slots, top, _marks([day.date for day in days]))


def round_top(highest: int) -> int:
    """The next round even number: 2, 4, 10, 20, 40, 100 and so on."""
    power = 1
    while True:
        for step in _STEPS:
            if (top := 2 * step * power) >= highest:
                return top
        power *= 10


def _slot(day: Day, place: int, top: int) -> Slot:
    x = place * SLOT
    left = x + _MARGIN
    return Slot(
        day,
        x,
        orders=_bar(left, day.orders, top),
        labels=_bar(left + _BAR + _GAP, day.labels, top),
        is_weekend=day.date.weekday() >= _SATURDAY,
    )


def _bar(x: float, count: int, top: int) -> Bar:
    height = round(HEIGHT * count / top, 2)
    return Bar(round(x, 2), round(HEIGHT - height, 2), _BAR, height)


def _marks(days: Sequence[date]) -> tuple[date, ...]:
    if len(days) <= _MOST_MARKS:
        return tuple(days)
    return tuple(days[round(n * (len(days) - 1) / (_MOST_MARKS - 1))] for n in range(_MOST_MARKS))


def share(part: int, whole: int) -> str:
    """How much of a bar is filled, as SVG has it."""
    return f"{100 * min(1.0, part / whole) if whole else 0:.1f}%"
