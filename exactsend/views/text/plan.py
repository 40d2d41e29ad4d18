"""The plan of a dry run as text: actions by group, and the totals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind
from exactsend.views.text.outcome_phrases import counted, reason_text, sentence


@dataclass(frozen=True)
class PlanGroup:
    """A group of actions in the plan."""

    heading: str
    total_word: str
    """The word behind its count in the totals."""
    includes: Callable[[Outcome], bool]
    detail: Callable[[Outcome], str]


def _is_planned(kind: ActionKind) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.kind is kind and outcome.outcome is OutcomeKind.PLANNED


def _pushes(*, new: bool) -> Callable[[Outcome], bool]:
    return lambda outcome: _is_planned(ActionKind.ORDER_PUSH)(outcome) and outcome.is_new is new


def _option_and_price(outcome: Outcome) -> str:
    option = option_of(outcome) or "an option chosen by Sendcloud's rules"
    return (
        f"{option}, {outcome.price.value} {outcome.price.currency}"
        if outcome.price
        else f"{option}, price not known"
    )


def _reason(outcome: Outcome) -> str:
    return reason_text(outcome.reason)


def _no_detail(_: Outcome) -> str:
    return ""


def _is_left(outcome: Outcome) -> bool:
    return outcome.outcome is not OutcomeKind.PLANNED


GROUPS = (
    PlanGroup("new among the incoming orders", "new", _pushes(new=True), _no_detail),
    PlanGroup("changed among the incoming orders", "changed", _pushes(new=False), _no_detail),
    PlanGroup(
        "withdrawn from the incoming orders", "withdrawn", _is_planned(ActionKind.ORDER_WITHDRAW), _reason
    ),
    PlanGroup(
        "labels to buy, which cost money", "to buy", _is_planned(ActionKind.LABEL_BUY), _option_and_price
    ),
    PlanGroup("labels to take over", "to take over", _is_planned(ActionKind.LABEL_ADOPT), _reason),
    PlanGroup("tracking to write into Exact", "to write back", _is_planned(ActionKind.WRITEBACK), _no_detail),
    PlanGroup("held or waiting", "held", _is_left, sentence),
)


def plan_lines(outcomes: Sequence[Outcome], *, needs_a_person: int) -> Iterator[str]:
    """The plan, group by group, and its totals."""
    listed = [outcome for outcome in outcomes if outcome.listed]
    totals = []
    for group in GROUPS:
        if rows := sorted((outcome for outcome in listed if group.includes(outcome)), key=_number):
            yield group.heading
            yield from _rows(group, rows)
            totals.append(f"{len(rows)} {group.total_word}")
    yield _total(totals, listed, needs_a_person)


def _rows(group: PlanGroup, rows: Sequence[Outcome]) -> Iterator[str]:
    width = max(len(_name(row)) for row in rows)
    for row in rows:
        yield f"  {_name(row):<{width}}  {group.detail(row)}".rstrip()
        if row.problem and (remedy := shown(row.problem).remedy):
            yield f"  {'':<{width}}  → {remedy}"


def _total(totals: Sequence[str], listed: Sequence[Outcome], needs_a_person: int) -> str:
    parts = list(totals)
    if price := price_text(listed):
        parts.append(price)
    if needs_a_person:
        parts.append(f"{counted(needs_a_person, 'needs', 'need')} a person")
    return f"in all: {', '.join(parts)}" if parts else "nothing to do"


def price_text(outcomes: Sequence[Outcome]) -> str:
    """The total of the known prices; empty if none is known."""
    purchases = [outcome for outcome in outcomes if _is_planned(ActionKind.LABEL_BUY)(outcome)]
    sums: dict[str, Decimal] = {}
    for purchase in purchases:
        if purchase.price is not None:
            sums[purchase.price.currency] = (
                sums.get(purchase.price.currency, Decimal(0)) + purchase.price.value
            )
    unknown = sum(purchase.price is None for purchase in purchases)
    known = " and ".join(f"{amount} {currency}" for currency, amount in sorted(sums.items()))
    if not known:
        return ""
    return f"labels for {known}" + (f" and {unknown} without a known price" if unknown else "")


def option_of(outcome: Outcome) -> str:
    """The shipping option of a planned purchase; empty if Sendcloud's rules choose it."""
    body = outcome.request
    ship_with = body.get("ship_with") if isinstance(body, dict) else None
    properties = ship_with.get("properties") if isinstance(ship_with, dict) else None
    return str(properties.get("shipping_option_code", "")) if isinstance(properties, dict) else ""


def _name(outcome: Outcome) -> str:
    orders = ", ".join(map(str, outcome.subject.order_numbers))
    return (
        f"{outcome.subject.name} of {orders}"
        if outcome.subject.delivery_number and orders
        else outcome.subject.name
    )


def _number(outcome: Outcome) -> int:
    return outcome.subject.delivery_number or (*outcome.subject.order_numbers, 0)[0]
