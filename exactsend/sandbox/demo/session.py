"""A session of the demo: its own sandbox and clock, a temporary folder, and a simulated person at the browser.

It runs the program's commands as users run them. ``walkthrough`` decides which.
"""

import io
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol, TextIO

from exactsend.errors import ExitStatus, Terminated
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.demo.configuration import config_text, secrets_of_the_sandbox
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.sendcloud.panel import Panel
from exactsend.sandbox.server import Sandbox
from exactsend.system.durable_files import PRIVATE_FILE, replace_atomically

_INDENT = "    "
_WIDTH = 100


class Program(Protocol):
    """The program's command line."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        stdin: TextIO,
        out: TextIO,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> int:
        """Run a command, write its output to ``out`` and return its exit status."""


class DemoFailed(Exception):
    """A check of the demo failed."""


class Writes(NamedTuple):
    """How many calls wrote something to each service."""

    exact: int
    sendcloud: int

    def __str__(self) -> str:
        return f"Calls that wrote something: {self.exact} to Exact, {self.sendcloud} to Sendcloud."


NOTHING_WRITTEN = Writes(0, 0)


@dataclass
class DemoSession:
    """A sandbox, and a person who types commands."""

    program: Program
    out: TextIO
    sandbox: Sandbox
    clock: SettableClock
    environ: Mapping[str, str]
    counted_calls: int = 0
    """How many of the sandbox's calls ``writes`` has counted so far."""
    has_output: bool = field(default=False, init=False)
    """Whether a command has printed since the last paragraph."""

    @property
    def office(self) -> Office:
        """The shop's staff in Exact."""
        return self.sandbox.office

    @property
    def panel(self) -> Panel:
        """The shop's staff in Sendcloud's panel."""
        return self.sandbox.panel

    def heading(self, title: str) -> None:
        """Print a chapter's heading."""
        self.has_output = False
        print(f"\n── {title} ".ljust(_WIDTH, "─"), file=self.out)

    def explain(self, text: str) -> None:
        """Print a paragraph."""
        if self.has_output:
            print(file=self.out)
        self.has_output = False
        print(textwrap.fill(" ".join(text.split()), _WIDTH), file=self.out, flush=True)

    def list(self, lines: Sequence[str]) -> None:
        """Print lines, indented."""
        for line in lines or ["(nothing)"]:
            print(_INDENT + line, file=self.out)
        self.has_output = True

    def run(self, command: str, *, ends_with: ExitStatus = ExitStatus.DONE) -> str:
        """Run a command as it is typed, show its output and return it.

        Raises:
            DemoFailed: the exit status is not the expected one.
            KeyboardInterrupt, Terminated: the command was interrupted or terminated.
        """
        print(f"\n$ exactsend {command}", file=self.out)
        output = _IndentedOutput(self.out)
        status = self.program(
            command.split(),
            environ=self.environ,
            stdin=_Browser(output, self.office),
            out=output,
            clock=self.clock,
            sleep=self.wait,
        )
        output.end_line()
        _raise_if_ended(status)
        if status != ExitStatus.DONE:
            print(f"{_INDENT}(exit status {int(status)})", file=self.out)
        self.has_output = True
        self.require(status == ends_with, f"`{command}` ends with {int(ends_with)}, not {int(status)}")
        self.require(not self.sandbox.crashes, "the sandbox answers every call")
        return output.getvalue()

    def wait(self, seconds: float) -> None:
        """Move the demo's clock forward without waiting."""
        self.clock.advance(timedelta(seconds=seconds))

    def writes(self) -> Writes:
        """How many calls have written something on either side since the last call of this method."""
        calls = self.sandbox.calls_since(self.counted_calls)
        self.counted_calls += len(calls)
        written = Counter(call.api for call in calls if call.is_write)
        return Writes(written["exact"], written["sendcloud"])

    def require(self, condition: bool, claim: str) -> None:  # noqa: FBT001 - reads like assert
        """Stop the demo when a claim is false.

        Raises:
            DemoFailed: the condition is false.
        """
        if not condition:
            raise DemoFailed(claim)


@contextmanager
def demo_session(
    program: Program, out: TextIO, environ: Mapping[str, str], start: datetime
) -> Iterator[DemoSession]:
    """Start a sandbox in a temporary folder; remove both afterwards."""
    clock = SettableClock(start)
    with (
        TemporaryDirectory(prefix="exactsend-demo-") as folder,
        Sandbox(starting_worlds.small_shop(clock)) as sandbox,
    ):
        config = Path(folder, "config.toml")
        replace_atomically(
            config,
            config_text(
                exact_url=sandbox.exact_url, sendcloud_url=sandbox.sendcloud_url, labels_from=start.date()
            ),
            mode=PRIVATE_FILE,
        )
        own_environ = {
            **{name: value for name, value in environ.items() if not name.startswith("EXACTSEND_")},
            **secrets_of_the_sandbox(),
            "EXACTSEND_CONFIG": str(config),
            "EXACTSEND_STATE_DIR": str(Path(folder, "state")),
        }
        yield DemoSession(program, out, sandbox, clock, own_environ)


def _raise_if_ended(status: int) -> None:
    """End the demo when its command was interrupted or terminated."""
    if status == ExitStatus.INTERRUPTED:
        raise KeyboardInterrupt
    if status == ExitStatus.TERMINATED:
        raise Terminated("the demo was terminated")


class _IndentedOutput(io.StringIO):
    """Keeps a command's output and shows it, indented, as it is written."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out
        self._at_line_start = True

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            self._out.write(_INDENT + line if self._at_line_start and line.strip() else line)
            self._at_line_start = line.endswith("\n")
        return super().write(text)

    def end_line(self) -> None:
        """End an unfinished last line."""
        if not self._at_line_start:
            self.write("\n")
        self._out.flush()


class _Browser(io.StringIO):
    """A person who opens the address that a command prints, allows access, and copies the address that the browser is sent to."""

    def __init__(self, output: _IndentedOutput, office: Office) -> None:
        super().__init__()
        self._shown = output
        self._office = office

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # so has StringIO in typeshed
        del size
        addresses = [line for line in self._shown.getvalue().splitlines() if line.startswith("http")]
        if not addresses:
            return ""
        self._shown.write("(the person signs in, allows access and copies the address)\n")
        return self._office.consent(addresses[-1]) + "\n"
