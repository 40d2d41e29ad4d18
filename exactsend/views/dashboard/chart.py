"""The geometry of the charts. Pure: the template adds colours and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exactsend.views.data.overview import Day

DAY_WIDTH = 12.0
"""The chart is stretched to the page, so only proportions matter."""
HEIGHT = 100.0
_BAR, _GAP, _MARGIN = 4.2, 0.6, 1.5
_SATURDAY = 5
_MAX_MARKS = 7
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """A bar, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class ChartDay:
    """A day in the chart."""

    day: Day
    x: float
    orders: Bar
    labels: Bar
    is_weekend: bool


@dataclass(frozen=True)
class Chart:
    """Orders and labels per day."""

    days: tuple[ChartDay, ...]
    top: int
    """The value of the upper edge; even, so that its half can be a label too."""
    marks: tuple[date, ...]
    """The days labelled below the chart, evenly spaced."""

    @property
    def width(self) -> float:
        """The width of the chart."""
        return DAY_WIDTH * len(self.days)


def chart_of(days: Sequence[Day]) -> Chart:
    """The chart of these days, oldest on the left."""
    top = round_top(max((max(day.orders, day.labels) for day in days), default=0))
    chart_days = tuple(_chart_day(day, index, top) for index, day in enumerate(days))
    return Chart(chart_days, top, _marks([day.date for day in days]))


def round_top(highest: int) -> int:
    """The next round even number: 2, 4, 10, 20, 40, 100 and so on."""
    power = 1
    while True:
        for step in _STEPS:
            if (top := 2 * step * power) >= highest:
                return top
        power *= 10


def _chart_day(day: Day, index: int, top: int) -> ChartDay:
    x = index * DAY_WIDTH
    left = x + _MARGIN
    return ChartDay(
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
    if len(days) <= _MAX_MARKS:
        return tuple(days)
    return tuple(days[round(n * (len(days) - 1) / (_MAX_MARKS - 1))] for n in range(_MAX_MARKS))


def share(part: int, whole: int) -> str:
    """The filled part of a bar, as an SVG length."""
    return f"{100 * min(1.0, part / whole) if whole else 0:.1f}%"
