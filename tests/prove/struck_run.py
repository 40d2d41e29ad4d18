"""A process of its own that runs a sync and is struck at its n-th effect: killed, asked to end, or refused by the disk.

Forked, not started: a fresh interpreter for each of thousands would take an hour. An effect is whatever ``Process.call_hook`` and
``disk_hook`` tell: before and after each call, and just before each lasting change of ledger, tokens and counters.
"""

import errno
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread

from exactsend.engine.division_run import RunOptions, run_division
from exactsend.errors import ExitStatus
from exactsend.exact.token_endpoint import TokenEndpoint
from exactsend.http.messages import Call
from exactsend.system.signals import Interrupts
from tests.prove.shop import Shop

Strike = Callable[[], None]
CRASHED = 99
TOKEN_ASKED, TOKEN_STORED = "token.before", "token.after"


def kill_at_once() -> None:
    """SIGKILL: nothing is finished, nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def ask_to_terminate() -> None:
    """SIGTERM, as systemd sends it."""
    os.kill(os.getpid(), signal.SIGTERM)


def ask_to_terminate_and_be_heard() -> None:
    """SIGTERM, sent by a worker: it is the main thread that notes it."""
    noting = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    assert isinstance(noting, Interrupts)
    ask_to_terminate()
    while noting._asked is None:
        Event().wait(0.001)


def interrupt() -> None:
    """SIGINT, as Ctrl-C sends it."""
    os.kill(os.getpid(), signal.SIGINT)


def fail_the_disk() -> None:
    """The disk reports an error, as fsync does once and never again."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def fill_the_disk() -> None:
    """No space is left."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def nothing() -> None:
    """Let it pass."""


@dataclass
class Effects:
    """Counts the effects of a run, and strikes at one of them."""

    at: int = 0
    action: Strike = nothing
    names: list[str] | None = None
    """Where the names are kept, for who wants to know them."""
    count: int = 0
    only_disk: bool = False
    """Count the disk's effects alone: a call can't fail for want of space."""
    lasting: bool = False
    """Do it at each effect from there on."""

    def call(self, when: str, call: Call) -> None:
        """Before or after a call."""
        if not self.only_disk:
            self.happened(f"{when} {call.method} {call.endpoint or call.bare_path}")

    def happened(self, name: str) -> None:
        """Something that lasts is about to happen, or a call is or was made."""
        self.count += 1
        if self.names is not None:
            self.names.append(name)
        if self.count == self.at or (self.lasting and 0 < self.at < self.count):
            self.action()


def run_struck(shop: Shop, effects: Effects, name: str = "main") -> int:
    """A sync as the command line does it; gives its exit status. In a process of its own."""
    interrupts = Interrupts(shop.clock.sleep)
    try:
        with interrupts.handling_signals():
            return _struck(shop, effects, interrupts, name)
    except KeyboardInterrupt:
        return int(ExitStatus.INTERRUPTED)


def run_struck_in_a_worker(shop: Shop, effects: Effects) -> int:
    """The same as the command line does it for several divisions: in a thread, while the main thread waits."""
    interrupts = Interrupts(shop.clock.sleep)
    ended: list[int] = []
    worker = Thread(target=lambda: ended.append(_struck(shop, effects, interrupts, "main")))
    with interrupts.uninterrupted():
        worker.start()
        while worker.is_alive():
            worker.join(0.002)
    return ended[0]


def _struck(shop: Shop, effects: Effects, interrupts: Interrupts, name: str) -> int:
    _hook_token_endpoint(effects)
    process = replace(shop.process_on(), call_hook=effects.call)
    wiring = shop.wiring(process, disk_hook=effects.happened, interrupts=interrupts)
    return int(run_division(wiring, shop.division(name), RunOptions()).exit_status)


def _hook_token_endpoint(effects: Effects) -> None:
    """Tokens are renewed outside the transport, so this needs a hook of its own. The process ends soon, so nothing is put back."""
    refresh = TokenEndpoint.refresh

    def with_hooks(self: TokenEndpoint, refresh_token: str) -> None:
        if not effects.only_disk:
            effects.happened(TOKEN_ASKED)
        refresh(self, refresh_token)
        if not effects.only_disk:
            effects.happened(TOKEN_STORED)

    TokenEndpoint.refresh = with_hooks  # type: ignore[method-assign]  # in this forked process alone


@dataclass
class Child:
    """A forked process that waits at a gate until it is let go."""

    pid: int
    gate: int

    def go(self) -> None:
        """Let it run."""
        os.write(self.gate, b"!")
        os.close(self.gate)

    def ended(self) -> int:
        """Its exit status, or minus the signal that it died of."""
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def fork(work: Callable[[], int]) -> Child:
    """A child that does this work and ends with its status. Only where no thread runs."""
    waiting, gate = os.pipe()
    pid = os.fork()
    if pid:
        os.close(waiting)
        return Child(pid, gate)
    os.close(gate)
    os.read(waiting, 1)
    status = CRASHED
    try:
        status = work()
    except BaseException:  # noqa: BLE001 - a process of its own: its end is its status
        traceback.print_exc()
    finally:
        os._exit(status)
