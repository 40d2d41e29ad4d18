"""All state of one sandbox: what stands in Exact and at Sendcloud.

It holds state and the lock that guards it; it serves nothing. ``worlds`` fills it.
"""

from threading import RLock

from exactsend.sandbox.answer_changes import AnswerChanges
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.state import ExactWorld
from exactsend.sandbox.sendcloud.world import SendcloudWorld


class World:
    """Both sides, one clock, one lock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.exact = ExactWorld(clock)
        self.sendcloud = SendcloudWorld(clock)
        self.altered = AnswerChanges()
        """What differs in form from what the services say."""
        self.lock = RLock()
        """Held by the server during each call, and by a person's hand during each change."""
