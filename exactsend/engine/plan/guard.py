"""Limits on purchases: too many in a run stop all, too many in a day stop further ones, a wrong clock stops all (S10). Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from exactsend.domain.division_records import Purchases
from exactsend.domain.policy import LabelsPolicy
from exactsend.engine.plan.actions import Plan
from exactsend.system.clock import TOLERANCE

HALF, MOST = 0.5, 0.8
"""Shares of the daily calls above which idle divisions are run less often."""


def with_limits(
    plan: Plan,
    policy: LabelsPolicy,
    purchases: Purchases,
    *,
    now: datetime,
    max_labels: int | None = None,
    clock_ahead: timedelta | None = None,
) -> Plan:
    """The plan, with its purchases stopped if they exceed a limit. Its other actions stay.

    Args:
        plan: what is to be done.
        policy: the limits.
        purchases: earlier purchases.
        now: the time of the run.
        max_labels: replaces ``max_per_run`` for this run.
        clock_ahead: see ``clock_refusal``.
    """
    if off := clock_refusal(clock_ahead):
        return replace(plan, stopped=off, stop_code="clock_off")
    to_buy = sum(purchase.parcels for purchase in plan.purchases)
    if not to_buy:
        return plan
    limit = policy.max_per_run if max_labels is None else max_labels
    if to_buy > limit:
        return replace(
            plan,
            stopped=f"{to_buy} labels were to be bought in one run and the limit is {limit} (labels.max_per_run): none was bought. "
            f"If that many are right, run once with --max-labels {to_buy}",
        )
    day = purchases.parcels_of_the_day(now)
    if day + to_buy > policy.max_per_day:
        return replace(
            plan,
            stopped=f"{day} labels were bought in the last 24 hours and {to_buy} more were to be bought; the limit is "
            f"{policy.max_per_day} (labels.max_per_day): none was bought. It goes on by itself when the day allows it",
        )
    return plan


def clock_refusal(ahead: timedelta | None) -> str:
    """Why nothing is bought with this machine's clock; empty if it agrees with the services', or theirs is unknown.

    Args:
        ahead: how far it is ahead of them; negative: behind.
    """
    if ahead is None or abs(ahead) <= TOLERANCE:
        return ""
    direction = "ahead of" if ahead > timedelta(0) else "behind"
    return (
        f"this machine's clock is {_roughly(abs(ahead))} {direction} the services': no label is bought before it is right. "
        "Let the system keep it (NTP): timedatectl set-ntp true"
    )


def _roughly(time: timedelta) -> str:
    if time.days > 1:
        return f"{time.days} days"
    return f"{time // timedelta(minutes=1)} minutes"


def idle_pause(spent: float) -> timedelta:
    """How long to skip an idle division, by the share of the sign-in's daily calls that is used (S10)."""
    if spent < HALF:
        return timedelta(0)
    return timedelta(minutes=15) if spent < MOST else timedelta(hours=1)
