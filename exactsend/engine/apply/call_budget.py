"""Keeps the day's last calls for labels already paid for, whose tracking must get into Exact.

A label is bought only if the calls that Exact allows today suffice to write it back, and all others that wait for it
(S10).
"""

from dataclasses import dataclass

from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import Resting

CALLS_OF_A_WRITEBACK = 6
"""The most that one needs: read, look for a document, create one, attach, write, read back."""

CALLS_RESERVED = "calls_reserved"
"""Reason code: not bought, because its tracking could not be written to Exact today."""


@dataclass
class WritebackReserve:
    """Counts the labels not yet written back, including those that this run buys."""

    context: RunContext
    waiting: int

    @classmethod
    def of(cls, context: RunContext) -> "WritebackReserve":
        """The labels that wait now."""
        waiting = [
            delivery
            for delivery in context.records.open_deliveries()
            if delivery.label and not delivery.is_written_back
        ]
        return cls(context, len(waiting))

    def allows(self, snapshot: Snapshot, action: BuyLabel) -> bool:
        """Whether one more label can be written back today. A label that a person requested is always allowed."""
        return (
            action.delivery_id in snapshot.asked
            or self.context.calls_left_today() >= (self.waiting + 1) * CALLS_OF_A_WRITEBACK
        )

    def add_label(self) -> None:
        """Count one more label."""
        self.waiting += 1


def affordable_writebacks(context: RunContext) -> int:
    """How many deliveries can be written back completely, so that a run stops between two and not within one."""
    return context.calls_left_today() // CALLS_OF_A_WRITEBACK


def out_of_calls_hint(left: int) -> Resting:
    """The hint if they can't all be written back."""
    labels = "one label is" if left == 1 else f"{left} labels are"
    return Resting(
        f"Exact's calls of today are nearly used up: {labels} still to be written back",
        api="Exact",
        hint="It goes on by itself, oldest first, when Exact allows more: at 00:00 UTC at the latest.",
    )
