"""Checks of Exact: the division, the clock, each right by a question that reads nothing, fields, lists, calls left.

Exact blocks a key after ten errors of one endpoint in an hour (S9). So a right's resources are asked one after another
and the first refusal ends it, and what needs that right is not asked any more.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from exactsend.doctor.checks import Case, Found, Remark, Trouble
from exactsend.errors import ApiError, Forbidden, Refused
from exactsend.exact import wire
from exactsend.exact.models import Stream
from exactsend.gather.reading import item_fields, order_fields
from exactsend.settings.models import DivisionSettings

MOST_SKEW = timedelta(minutes=1)
FEW_CALLS = 0.1
"""The share of a day's calls below which it is told."""
_STATUS = {0: "inactive", 2: "archived"}
_CONNECT = "then run exactsend connect"


def division(case: Case) -> Found:
    """Whether the sign-in reaches the division, and it is open.

    Raises:
        Forbidden: it is not reached.
        ApiError: it is blocked, or Exact is out of reach.
    """
    found = case.exact.division()
    code = case.division.code
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


def clock(case: Case) -> Found:
    """Whether our clock goes with Exact's."""
    yield from skewed("Exact", case.exact.server_date(), case.now)


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


def sales_orders(case: Case) -> Found:
    """Orders, their lines, shipping methods."""
    _readable(case, "Sales orders", lambda: case.exact.glimpse(wire.SALES_ORDERS, key="OrderID"))
    _readable(case, "Sales orders", lambda: case.exact.glimpse(wire.SALES_ORDER_LINES))
    _readable(case, "Sales orders", lambda: case.exact.glimpse(wire.SHIPPING_METHODS))
    return iter(())


def deliveries(case: Case) -> Found:
    """Goods deliveries and their lines. They also need the trade module in the licence."""
    right = "Logistics wms"
    try:
        _readable(case, right, lambda: case.exact.glimpse(wire.GOODS_DELIVERIES, key="EntryID"))
    except Forbidden as refused:
        if _is_about_the_app(refused):
            raise
        raise Forbidden(
            f"goods deliveries can't be read in division {case.division.code} ({refused.http_status})",
            hint="Goods deliveries are part of Exact's trade module (Handel, Wholesale): look whether the licence has "
            f'it, and whether app and user have the right "{right}".',
        ) from refused
    _readable(case, right, lambda: case.exact.glimpse(wire.GOODS_DELIVERY_LINES))
    return iter(())


def crm(case: Case) -> Found:
    """Accounts, contacts, addresses."""
    _readable(case, "Crm accounts", lambda: case.exact.glimpse(wire.ACCOUNTS))
    _readable(case, "Crm accounts", lambda: case.exact.glimpse(wire.CONTACTS))
    _readable(case, "Crm accounts", lambda: case.exact.glimpse(wire.ADDRESSES))
    return iter(())


def items(case: Case) -> Found:
    """Items."""
    _readable(case, "Logistics items", lambda: case.exact.glimpse(wire.ITEMS))
    return iter(())


def inventory(case: Case) -> Found:
    """Warehouses."""
    _readable(case, "Logistics inventory", lambda: case.exact.glimpse(wire.WAREHOUSES))
    return iter(())


def documents(case: Case) -> Found:
    """Documents and what is attached to them, where labels are."""
    if case.policy.labels.attach_to_delivery:
        _readable(case, "Organization documents", lambda: case.exact.glimpse(wire.DOCUMENTS))
        _readable(case, "Organization documents", lambda: case.exact.glimpse(wire.DOCUMENT_ATTACHMENTS))
    return iter(())


def administration(case: Case) -> Found:
    """Where streams begin, and what was deleted."""
    right, nothing = "Organization administration", 2**62
    _readable(case, right, lambda: case.exact.row_version_at(Stream.ORDERS, case.now.replace(tzinfo=None)))
    _readable(case, right, lambda: list(case.exact.deletions(after=nothing)))
    return iter(())


def _readable(case: Case, right: str, ask: Callable[[], object]) -> None:
    """Ask, and word a refusal as the right that is missing."""
    try:
        ask()
    except Forbidden as refused:
        resource = refused.path.rsplit("/", 1)[-1]
        if _is_about_the_app(refused):
            cure = f'Give the app the right "{right}" at apps.exactonline.com, {_CONNECT}.'
        else:
            cure = f'Give the user who signed in the right to it in Exact, and the app the right "{right}", {_CONNECT}.'
        raise Forbidden(
            f'{resource} can\'t be read in division {case.division.code}: the right "{right}" is missing',
            path=refused.path,
            problems=refused.problems,
            http_status=refused.http_status,
            hint=cure,
        ) from refused


def _is_about_the_app(refused: Forbidden) -> bool:
    """Whether Exact names the rights on the app's registration, and not those of the user or the licence."""
    return any("scope" in problem.detail.lower() for problem in refused.problems)


# ── what the configuration names ─────────────────────────────────────────────────────────────────


def order_fields_known(case: Case) -> Found:
    """Whether sales orders have the fields that the configuration names."""
    if fields := order_fields(case.policy):
        yield from _known(case, "service_points", "a sales order", fields, key="OrderID")


def item_fields_known(case: Case) -> Found:
    """Whether items have the fields that the configuration names."""
    yield from _known(case, "customs", "an item", item_fields(case.policy), key="ID")


def _known(case: Case, table: str, record: str, fields: Iterable[str], *, key: str) -> Found:
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


def warehouses(case: Case) -> Found:
    """Whether Exact has the warehouses that are mapped."""
    known = {one.code for one in case.exact.warehouses()}
    for code in case.policy.warehouses:
        if code not in known:
            yield Trouble(
                f"warehouses has {code!r}, and Exact has no such warehouse",
                correct(case.division, "warehouses", "Exact's codes", known),
            )


def shipping_methods(case: Case) -> Found:
    """Whether Exact has the shipping methods that are mapped, and which of its own are not."""
    methods = case.exact.shipping_methods()
    known = {one.code for one in methods}
    labels = case.policy.labels
    for code in labels.shipping_methods:
        if code not in known:
            yield Trouble(
                f"shipping_methods has {code!r}, and Exact has no such shipping method",
                correct(case.division, "labels.shipping_methods", "Exact's codes", known),
            )
    unmapped = sorted(
        one.code for one in methods if one.active is not False and one.code not in labels.shipping_methods
    )
    if unmapped and labels.unmapped_method == "hold":
        yield Remark(f"deliveries with these shipping methods of Exact will be held: {', '.join(unmapped)}")


def correct(division: DivisionSettings, table: str, called: str, known: Iterable[str]) -> str:
    """The cure of a mapping that leads nowhere."""
    return f"{called}: {', '.join(sorted(known)) or 'none'}. Correct [divisions.{division.name}.{table}]."


# ── calls ────────────────────────────────────────────────────────────────────────────────────────


def calls(case: Case) -> Found:
    """What Exact still allows today, and what rests."""
    settings, now = case.division.exact, case.now
    with case.wiring.book(settings).tally() as tally:
        mine, spent = tally.of(str(case.division.code), now), tally.calls_today(now)
        resting = [name for name, one in mine.errors.items() if one.rests(now)]
        day = mine.day
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
    if day and now < day.resets_at:
        if day.remaining < FEW_CALLS * day.limit:
            yield Trouble(
                f"Exact allows only {day.remaining} more calls for this division today, of {day.limit}",
                "It goes on at 00:00 UTC. Let the timer run less often.",
            )
        else:
            yield Remark(f"Exact allows {day.remaining} more calls for this division today, of {day.limit}")
