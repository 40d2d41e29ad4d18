"""The state of a sandbox: both simulated services, and the lock that guards them. ``starting_worlds`` fills it."""

from threading import RLock

from exactsend.sandbox.answer_changes import AnswerChanges
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.state import ExactWorld
from exactsend.sandbox.sendcloud.world import SendcloudWorld


class World:
    """Both services with a common clock and lock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.exact = ExactWorld(clock)
        self.sendcloud = SendcloudWorld(clock)
        self.altered = AnswerChanges()
        """Changes to the form of the services' answers."""
        self.lock = RLock()
        """Held by the server during each call, and by the office and the panel during each change."""
