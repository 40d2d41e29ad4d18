"""A day of runs every five minutes while a service refuses: never so often that the vendor blocks the key."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from werkzeug import Request, Response

from tests.prove.bad_answers import REST, reads
from tests.prove.invariants import check
from tests.prove.lost_answers import kind_of
from tests.prove.services import CallFault
from tests.prove.shop import Shop
from tests.prove.trial import Play, Rehearsal, Trial

RUNS_A_DAY = 288
FIVE_MINUTES = timedelta(minutes=5)
MOST_ERRORS = 10
"""More than ten in an hour at one endpoint block the key (Exact, knowledge base: API limits)."""


def bad_days(rehearsal: Rehearsal) -> Iterator[Trial]:
    """A day of runs every five minutes while one endpoint of Exact, or all of it, refuses: the key is never blocked."""
    statuses = (400, 401, 403, 404)
    kinds = dict.fromkeys(
        kind_of(call.partition(" ")[2].partition("?")[0])
        for _, call in reads(rehearsal)
        if "/api/v1/" in call
    )
    for number, kind in enumerate(kinds):
        status = statuses[number % len(statuses)]
        yield Trial(f"{kind} says {status} all day", _day(kind, status))
    for status in statuses:
        yield Trial(f"everything says {status} all day", _day("/api/v1/", status))
    yield Trial("a day without errors", _day("nowhere", 200))


def _day(kind: str, status: int) -> Play:
    """Calls whose kind begins so are refused for a day."""

    def play(shop: Shop) -> None:
        errors: defaultdict[str, list[datetime]] = defaultdict(list)

        def refuse(request: Request, _response: Response) -> Response:
            errors[kind_of(request.path)].append(shop.clock())
            return Response("{}", status, content_type="application/json")

        with shop.serving() as services:
            services.inject(
                CallFault(lambda _place, request: kind_of(request.path).startswith(kind), spoil=refuse)
            )
            for _ in range(RUNS_A_DAY):
                shop.clock.advance(FIVE_MINUTES)
                shop.run()
            shop.counts["struck"] += services.wire.hits
            shop.findings += too_many(errors)
            services.clear_faults()
            shop.clock.advance(REST)
            shop.go_on()
            check(shop)

    return play


def too_many(errors: Mapping[str, Sequence[datetime]]) -> Iterator[str]:
    """The endpoints that refused more often within an hour than the key bears."""
    for endpoint, moments in errors.items():
        for first, later in zip(moments, moments[MOST_ERRORS:], strict=False):
            if later - first < timedelta(hours=1):
                yield f"{endpoint} refused more than {MOST_ERRORS} times from {first:%H:%M} on"
                break
