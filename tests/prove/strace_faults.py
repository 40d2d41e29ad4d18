"""The system itself refuses, or kills, at the n-th call of a kind: by strace, where it is there and may attach.

Proves that the hook that ``kills`` uses forgets nothing: here no line of the program knows where it is struck.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from exactsend.errors import ExitStatus
from tests.prove.invariants import check
from tests.prove.kills import require_sign_in
from tests.prove.shop import GOOD, Shop
from tests.prove.struck_run import Child, Effects, fork, run_struck
from tests.prove.trial import Play, Rehearsal, Trial

STRACE = shutil.which("strace")
ERRORS = (("fsync", "EIO", 75), ("write", "ENOSPC", 40), ("rename", "EIO", 10))
"""System call, error, and up to the how many-th; a few more than a run makes."""
DEATHS = (("fsync", 55), ("rename", 5), ("sendto", 70), ("recvfrom", 55))


def refusals(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """The n-th call of a kind fails."""
    for call, error, most in ERRORS if STRACE else ():
        for number in range(1, most + 1):
            yield Trial(
                f"{call} {number} fails with {error}", _injected(call, f"error={error}", number, dies=False)
            )


def deaths(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """The process is killed as it enters the n-th call of a kind."""
    for call, most in DEATHS if STRACE else ():
        for number in range(1, most + 1):
            yield Trial(f"killed in {call} {number}", _injected(call, "signal=KILL", number, dies=True))


def _injected(call: str, what: str, number: int, *, dies: bool) -> Play:
    def play(shop: Shop) -> None:
        child = fork(lambda: run_struck(shop, Effects()))
        trace = shop.state.parent / "trace"
        tracer = _attached(child, f"inject={call}:{what}:when={number}", call, trace)
        with shop.serving():
            child.go()
            status = child.ended()
            tracer.communicate()
            was_met = "(INJECTED)" in trace.read_text() or status == -signal.SIGKILL
            shop.counts["struck"] += was_met
            allowed = {-signal.SIGKILL} if dies and was_met else {*GOOD, ExitStatus.LEDGER}
            if status not in allowed:
                shop.findings.append(f"the run ended with {status}")
            shop.go_on()
            check(shop)
        require_sign_in(shop)

    return play


def _attached(child: Child, injection: str, call: str, trace: Path) -> "subprocess.Popen[str]":
    """strace at work on a child that waits at its gate."""
    assert STRACE
    tracer = subprocess.Popen(
        [STRACE, "-f", "-p", str(child.pid), "-o", str(trace), "-e", f"trace={call}", "-e", injection],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr
    told = tracer.stderr.readline()
    assert "attached" in told, told
    return tracer
