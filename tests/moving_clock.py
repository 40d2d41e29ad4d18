"""A clock that moves only when somebody waits, so that tests never do."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)


class MovingClock:
    """Tells the time and waits, in no time at all."""

    def __init__(self, start: datetime = MORNING) -> None:
        self.now = start
        self.pauses: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)
