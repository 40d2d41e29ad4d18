"""What a day's calls are kept for: the labels that are paid come first, since their tracking must get back into Exact.

So a label is bought only while the calls that Exact still allows today suffice to write it back, and all that wait for that (S10).
"""

from dataclasses import dataclass

from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import Resting

CALLS_OF_A_WRITEBACK = 6
"""The most that one takes: read, look for a document, make one, attach, write, read back."""

CALLS_RESERVED = "calls_reserved"
"""Reason: not bought, since its tracking could not get into Exact today."""


@dataclass
class Reserve:
    """The labels that have not arrived in Exact yet, counted along with the purchases of a run."""

    context: RunContext
    waiting: int

    @classmethod
    def of(cls, context: RunContext) -> "Reserve":
        """What waits now."""
        waiting = [
            delivery
            for delivery in context.records.open_deliveries()
            if delivery.label and not delivery.is_written_back
        ]
        return cls(context, len(waiting))

    def allows(self, snapshot: Snapshot, action: BuyLabel) -> bool:
        """Whether one more label can be written back today; what a person asks for is not asked."""
        return (
            action.delivery_id in snapshot.asked
            or self.context.calls_left_today() >= (self.waiting + 1) * CALLS_OF_A_WRITEBACK
        )

    def bought(self) -> None:
        """One more waits."""
        self.waiting += 1


def affordable(context: RunContext) -> int:
    """How many deliveries can be written back whole, so that a run stops between two and not inside one."""
    return context.calls_left_today() // CALLS_OF_A_WRITEBACK


def out_of_calls(left: int) -> Resting:
    """What to say where it can't."""
    labels = "one label is" if left == 1 else f"{left} labels are"
    return Resting(
        f"Exact's calls of today are nearly used up: {labels} still to be written back",
        api="Exact",
        hint="It goes on by itself, oldest first, when Exact allows more: at 00:00 UTC at the latest.",
    )
