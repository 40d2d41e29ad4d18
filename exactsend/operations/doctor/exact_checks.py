"""Checks of Exact: the division, the clock, each endpoint by a question that reads next to nothing, fields, lists, calls left.

Exact blocks a key after ten errors of one endpoint in an hour (S9). So each endpoint is refused once, or twice where runs ask it
in two ways, and what needs a refused one is not asked.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from exactsend.engine.gather.details import item_fields, order_fields
from exactsend.errors import (
    ApiError,
    Forbidden,
    RateLimited,
    Refused,
    Resting,
    Unreachable,
    is_refusal,
)
from exactsend.exact import wire
from exactsend.exact.models import ReachableDivision
from exactsend.operations.doctor.checks import CheckContext, Found, Remark, Trouble
from exactsend.operations.doctor.endpoint_reads import READINGS, Reading
from exactsend.operations.doctor.missing_rights import RIGHT_TO_ASK, is_about_the_app, trouble_of, words_of
from exactsend.settings.models import DivisionSettings

MOST_SKEW = timedelta(minutes=1)
FEW_CALLS = 0.1
"""The share of a day's calls below which it is told."""
_STATUS = {0: "inactive", 2: "archived"}
_UNAUTHORIZED = 401
_CONNECT = "then run exactsend connect"


def division(case: CheckContext) -> Found:
    """Whether the sign-in reaches the division, and it is open.

    Raises:
        Forbidden: it is not reached.
        ApiError: it is blocked, or Exact is out of reach.
    """
    code = case.division.code
    reached: list[ReachableDivision | None] = []
    yield from _asked_for_the_division(case, reached)
    if not reached:
        return
    (found,) = reached
    if found is None:
        raise Forbidden(
            f"the sign-in does not reach division {code}",
            hint=f"Give the user and the app the right to it in Exact, {_CONNECT}.",
        )
    if found.blocking_status:
        raise ApiError(
            f"division {code} is blocked for the moment (back-up or conversion)", hint="Try again later."
        )
    if found.status in _STATUS:
        yield Trouble(f"division {code} is {_STATUS[found.status]} in Exact", "Configure another division.")


def _asked_for_the_division(case: CheckContext, reached: list[ReachableDivision | None]) -> Found:
    """What is refused of the two ways to ask for the division; ``reached`` takes the answer, where there is one."""
    for plainly, question in ((False, f"{wire.DIVISIONS.path}?Code"), (True, wire.DIVISIONS.path)):
        try:
            with case.asking(question):
                reached.append(case.exact.division(plainly=plainly))
        except ApiError as error:
            if _stops_all(error) or (_is_outage(error) and not _answers_elsewhere(case)):
                raise
            refused = error.endpoint if error.endpoint == wire.ME.path else question
            yield trouble_of(case, "GET", refused, error)
            if is_about_the_app(words_of(error)):
                case.lacking_scopes.add(RIGHT_TO_ASK)
                return
        else:
            return


def _answers_elsewhere(case: CheckContext) -> bool:
    """Whether Exact answers another question, be it with a refusal."""
    try:
        case.exact.glimpse(wire.SALES_ORDERS, key="OrderID")
    except ApiError as error:
        return is_refusal(error)
    return True


def clock(case: CheckContext) -> Found:
    """Whether our clock goes with Exact's."""
    with case.asking(wire.ME.path):
        date = case.exact.server_date()
    yield from skewed("Exact", date, case.own_time)


def skewed(api: str, theirs: datetime, ours: datetime) -> Found:
    """What to say of two clocks."""
    skew = ours - theirs
    if abs(skew) > MOST_SKEW:
        direction = "ahead of" if skew > timedelta(0) else "behind"
        yield Trouble(
            f"this machine's clock is {abs(skew) // timedelta(seconds=1)} s {direction} {api}'s",
            "Let the system keep its clock right (NTP): timedatectl set-ntp true",
        )


# ── rights ───────────────────────────────────────────────────────────────────────────────────────


def readable(case: CheckContext, right: str) -> Found:
    """Whether each endpoint that a right is for answers.

    A refused one stops none beside it, since users' rights differ within a scope; but an app that lacks the scope lacks all of it.

    Raises:
        ApiError: Exact is out of reach, or two endpoints after one another were out of order.
    """
    failed = 0
    waiting: list[Reading] = [] if right in case.lacking_scopes else [*READINGS[right]]
    while waiting:
        reading = waiting.pop(0)
        try:
            with case.asking(reading.endpoint):
                reading.ask(case)
        except ApiError as error:
            failed = failed + 1 if _is_outage(error) else 0
            if _stops_all(error) or failed == _OUTAGE:
                raise
            yield trouble_of(case, "GET", reading.endpoint, error)
            if is_about_the_app(words_of(error)):
                case.lacking_scopes.add(right)
                return
            waiting += [reading.instead] if reading.instead else []
        else:
            failed = 0


def documents(case: CheckContext) -> Found:
    """Documents and what is attached to them, where labels are."""
    if case.policy.labels.attach_to_delivery:
        yield from readable(case, "Organization documents")


_OUTAGE = 2
"""So many endpoints out of order one after another are the whole service."""


def _is_outage(error: ApiError) -> bool:
    return not is_refusal(error) and not isinstance(error, Resting)


def _stops_all(error: ApiError) -> bool:
    """Whether asking for anything else would end in the same way."""
    return isinstance(error, (Unreachable, RateLimited)) or error.http_status == _UNAUTHORIZED


# ── what the configuration names ─────────────────────────────────────────────────────────────────


def order_fields_known(case: CheckContext) -> Found:
    """Whether sales orders have the fields that the configuration names."""
    if fields := order_fields(case.policy):
        yield from _known(case, "service_points", "a sales order", fields, key="OrderID")


def item_fields_known(case: CheckContext) -> Found:
    """Whether items have the fields that the configuration names."""
    yield from _known(case, "customs", "an item", item_fields(case.policy), key="ID")


def _known(case: CheckContext, table: str, record: str, fields: Iterable[str], *, key: str) -> Found:
    named = tuple(fields)
    try:
        if key == "ID":
            case.exact.glimpse(wire.ITEMS, key=key, extra_fields=named)
        else:
            case.exact.glimpse(wire.SALES_ORDERS, key=key, extra_fields=named)
    except Refused as refused:
        if isinstance(refused, Forbidden):
            raise
        words = "; ".join(problem.detail for problem in refused.problems)
        yield Trouble(
            f"{record} in Exact lacks a field that [divisions.{case.division.name}.{table}] names"
            f" ({', '.join(named)})" + (f": {words}" if words else ""),
            "Write the field as Exact's REST reference spells it, such as FreeTextField_02.",
        )


def warehouses(case: CheckContext) -> Found:
    """Whether Exact has the warehouses that are mapped."""
    known = {warehouse.code for warehouse in case.exact.warehouses()}
    for code in case.policy.warehouses:
        if code not in known:
            yield Trouble(
                f"warehouses has {code!r}, and Exact has no such warehouse",
                correct(case.division, "warehouses", "Exact's codes", known),
            )


def shipping_methods(case: CheckContext) -> Found:
    """Whether Exact has the shipping methods that are mapped, and which of its own are not."""
    methods = case.exact.shipping_methods()
    known = {method.code for method in methods}
    labels = case.policy.labels
    for code in labels.shipping_methods:
        if code not in known:
            yield Trouble(
                f"shipping_methods has {code!r}, and Exact has no such shipping method",
                correct(case.division, "labels.shipping_methods", "Exact's codes", known),
            )
    unmapped = sorted(
        method.code
        for method in methods
        if method.active is not False and method.code not in labels.shipping_methods
    )
    if unmapped and labels.unmapped_method == "hold":
        yield Remark(f"deliveries with these shipping methods of Exact will be held: {', '.join(unmapped)}")


def correct(division: DivisionSettings, table: str, called: str, known: Iterable[str]) -> str:
    """The cure of a mapping that leads nowhere."""
    return f"{called}: {', '.join(sorted(known)) or 'none'}. Correct [divisions.{division.name}.{table}]."


# ── calls ────────────────────────────────────────────────────────────────────────────────────────


def calls(case: CheckContext) -> Found:
    """What Exact still allows today, and what rests."""
    settings, now = case.division.exact, case.now
    with case.wiring.book(settings).tally() as tally:
        mine, spent = tally.of(str(case.division.code)), tally.calls_today(now)
        resting = [name for name, error in mine.errors.items() if error.rests(now)]
        day = mine.day_at(now)
    for name in resting:
        yield Trouble(
            f"{name} rests: Exact refused it too often in the last hour",
            "Put right what is refused (see the other findings); it is asked again an hour after the last refusal.",
        )
    if spent > (1 - FEW_CALLS) * settings.max_calls_per_day:
        yield Trouble(
            f"{spent} of the {settings.max_calls_per_day} calls a day of this sign-in are used up",
            "Let the timer run less often, or raise exact.max_calls_per_day (fair use ends at 20,000 a contract).",
        )
    if day:
        if day.remaining < FEW_CALLS * day.limit:
            yield Trouble(
                f"Exact allows only {day.remaining} more calls for this division today, of {day.limit}",
                "It goes on at 00:00 UTC. Let the timer run less often.",
            )
        else:
            yield Remark(f"Exact allows {day.remaining} more calls for this division today, of {day.limit}")
