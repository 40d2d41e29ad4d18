"""Checks of Exact: the division, the clock, access to each endpoint, fields, mappings, and the calls left.

Exact blocks a key after ten errors of one endpoint in an hour (S9). So doctor causes at most one refusal per endpoint, or two where runs
have a fallback, and skips the checks that need a refused endpoint.
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
from exactsend.exact import endpoints
from exactsend.exact.models import ReachableDivision
from exactsend.operations.doctor.access_rights import (
    RIGHT_TO_ASK,
    is_about_the_app,
    issue_of,
    service_message,
)
from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue, Note
from exactsend.operations.doctor.endpoint_reads import ENDPOINT_READS, EndpointRead
from exactsend.settings.models import DivisionSettings

MAX_SKEW = timedelta(minutes=1)
FEW_CALLS = 0.1
"""The share of a day's calls below which to warn."""
_STATUS = {0: "inactive", 2: "archived"}
_UNAUTHORIZED = 401
_CONNECT = "then run exactsend connect"


def division(context: CheckContext) -> CheckResults:
    """Whether the sign-in has access to the division, and the division is active.

    Raises:
        Forbidden: the sign-in has no access.
        ApiError: the division is blocked, or Exact can't be reached.
    """
    code = context.division.code
    answers: list[ReachableDivision | None] = []
    yield from _request_division(context, answers)
    if not answers:
        return
    (found,) = answers
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
        yield Issue(f"division {code} is {_STATUS[found.status]} in Exact", "Configure another division.")


def _request_division(context: CheckContext, answers: list[ReachableDivision | None]) -> CheckResults:
    """Ask for the division in two ways, reporting refusals; the answer, if any, is appended to ``answers``."""
    for plainly, endpoint in ((False, f"{endpoints.DIVISIONS.path}?Code"), (True, endpoints.DIVISIONS.path)):
        try:
            with context.asking(endpoint):
                answers.append(context.exact.division(plainly=plainly))
        except ApiError as error:
            if _stops_all(error) or (_is_outage(error) and not _answers_elsewhere(context)):
                raise
            refused = error.endpoint if error.endpoint == endpoints.ME.path else endpoint
            yield issue_of(context, "GET", refused, error)
            if is_about_the_app(service_message(error)):
                context.lacking_scopes.add(RIGHT_TO_ASK)
                return
        else:
            return


def _answers_elsewhere(context: CheckContext) -> bool:
    """Whether Exact answers another request, even with a refusal."""
    try:
        context.exact.require_access(endpoints.SALES_ORDERS, key="OrderID")
    except ApiError as error:
        return is_refusal(error)
    return True


def clock(context: CheckContext) -> CheckResults:
    """Whether this machine's clock differs from Exact's by at most one minute."""
    with context.asking(endpoints.ME.path):
        date = context.exact.server_date()
    yield from clock_issues("Exact", date, context.own_time)


def clock_issues(api: str, theirs: datetime, ours: datetime) -> CheckResults:
    """An issue if the two clocks differ too much."""
    skew = ours - theirs
    if abs(skew) > MAX_SKEW:
        direction = "ahead of" if skew > timedelta(0) else "behind"
        yield Issue(
            f"this machine's clock is {abs(skew) // timedelta(seconds=1)} s {direction} {api}'s",
            "Synchronise the clock with NTP: timedatectl set-ntp true",
        )


# ── rights ───────────────────────────────────────────────────────────────────────────────────────


def readable(context: CheckContext, right: str) -> CheckResults:
    """Whether each endpoint behind a right answers.

    After a refusal the others are still read, since a user's rights differ within a scope. If the app lacks the scope, it lacks them all.

    Raises:
        ApiError: Exact can't be reached, or two endpoints in a row failed.
    """
    failed = 0
    pending: list[EndpointRead] = [] if right in context.lacking_scopes else [*ENDPOINT_READS[right]]
    while pending:
        endpoint_read = pending.pop(0)
        try:
            with context.asking(endpoint_read.endpoint):
                endpoint_read.read(context)
        except ApiError as error:
            failed = failed + 1 if _is_outage(error) else 0
            if _stops_all(error) or failed == _FAILURES_OF_AN_OUTAGE:
                raise
            yield issue_of(context, "GET", endpoint_read.endpoint, error)
            if is_about_the_app(service_message(error)):
                context.lacking_scopes.add(right)
                return
            pending += [endpoint_read.fallback] if endpoint_read.fallback else []
        else:
            failed = 0


def documents(context: CheckContext) -> CheckResults:
    """Whether documents and attachments can be read, if labels are attached."""
    if context.policy.labels.attach_to_delivery:
        yield from readable(context, "Organization documents")


_FAILURES_OF_AN_OUTAGE = 2
"""After this many failing endpoints in a row, the whole service counts as down."""


def _is_outage(error: ApiError) -> bool:
    return not is_refusal(error) and not isinstance(error, Resting)


def _stops_all(error: ApiError) -> bool:
    """Whether any other request would fail in the same way."""
    return isinstance(error, (Unreachable, RateLimited)) or error.http_status == _UNAUTHORIZED


# ── what the configuration names ─────────────────────────────────────────────────────────────────


def order_fields_known(context: CheckContext) -> CheckResults:
    """Whether sales orders have the fields that the configuration names."""
    if fields := order_fields(context.policy):
        yield from _fields_known(context, "service_points", "a sales order", fields, key="OrderID")


def item_fields_known(context: CheckContext) -> CheckResults:
    """Whether items have the fields that the configuration names."""
    yield from _fields_known(context, "customs", "an item", item_fields(context.policy), key="ID")


def _fields_known(
    context: CheckContext, table: str, record: str, fields: Iterable[str], *, key: str
) -> CheckResults:
    named = tuple(fields)
    try:
        if key == "ID":
            context.exact.require_access(endpoints.ITEMS, key=key, extra_fields=named)
        else:
            context.exact.require_access(endpoints.SALES_ORDERS, key=key, extra_fields=named)
    except Refused as refused:
        if isinstance(refused, Forbidden):
            raise
        details = "; ".join(problem.detail for problem in refused.problems)
        yield Issue(
            f"{record} in Exact lacks a field that [divisions.{context.division.name}.{table}] names"
            f" ({', '.join(named)})" + (f": {details}" if details else ""),
            "Write the field as Exact's REST reference spells it, such as FreeTextField_02.",
        )


def warehouses(context: CheckContext) -> CheckResults:
    """Whether Exact has the mapped warehouses."""
    known = {warehouse.code for warehouse in context.exact.warehouses()}
    for code in context.policy.warehouses:
        if code not in known:
            yield Issue(
                f"warehouses has {code!r}, and Exact has no such warehouse",
                mapping_remedy(context.division, "warehouses", "Exact's codes", known),
            )


def shipping_methods(context: CheckContext) -> CheckResults:
    """Whether Exact has the mapped shipping methods, and which of Exact's methods are not mapped."""
    methods = context.exact.shipping_methods()
    known = {method.code for method in methods}
    labels = context.policy.labels
    for code in labels.shipping_methods:
        if code not in known:
            yield Issue(
                f"shipping_methods has {code!r}, and Exact has no such shipping method",
                mapping_remedy(context.division, "labels.shipping_methods", "Exact's codes", known),
            )
    unmapped = sorted(
        method.code
        for method in methods
        if method.active is not False and method.code not in labels.shipping_methods
    )
    if unmapped and labels.unmapped_method == "hold":
        yield Note(f"deliveries with these shipping methods of Exact will be held: {', '.join(unmapped)}")


def mapping_remedy(division: DivisionSettings, table: str, label: str, known: Iterable[str]) -> str:
    """What to do about a mapping to something that does not exist."""
    return f"{label}: {', '.join(sorted(known)) or 'none'}. Correct [divisions.{division.name}.{table}]."


# ── calls ────────────────────────────────────────────────────────────────────────────────────────


def calls(context: CheckContext) -> CheckResults:
    """Whether the calls left today suffice, and which endpoints exactsend has paused."""
    settings, now = context.division.exact, context.now
    with context.wiring.exact_counters(settings).usage() as usage:
        counters, used = usage.of(str(context.division.code)), usage.calls_today(now)
        resting = [name for name, error in counters.errors.items() if error.rests(now)]
        day = counters.day_at(now)
    for name in resting:
        yield Issue(
            f"{name} rests: Exact refused it too often in the last hour",
            "Put right what is refused (see the other findings); it is asked again an hour after the last refusal.",
        )
    if used > (1 - FEW_CALLS) * settings.max_calls_per_day:
        yield Issue(
            f"{used} of the {settings.max_calls_per_day} calls per day of this sign-in are used",
            "Let the timer run less often, or raise exact.max_calls_per_day (fair use ends at 20,000 a contract).",
        )
    if day:
        if day.remaining < FEW_CALLS * day.limit:
            yield Issue(
                f"Exact allows only {day.remaining} more calls for this division today, of {day.limit}",
                "It goes on at 00:00 UTC. Let the timer run less often.",
            )
        else:
            yield Note(f"Exact allows {day.remaining} more calls for this division today, of {day.limit}")
