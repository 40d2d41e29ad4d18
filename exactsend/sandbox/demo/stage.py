"""Where the demo plays: a sandbox of its own, a clock of its own, a folder that goes away, and the person at the browser.

Runs the program's commands as users run them. What is played there, ``story`` knows.
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
from exactsend.system.durable_files import PRIVATE_FILE, replace_at_once

_INDENT = "    "
_WIDTH = 100


class Program(Protocol):
    """The program's command line, as this process runs it."""

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
        """Run one command; its words go to ``out``. Gives its exit status."""


class StoryBroken(Exception):
    """Something that the demo says did not hold."""


class Writes(NamedTuple):
    """Calls that wrote something."""

    exact: int
    sendcloud: int

    def __str__(self) -> str:
        return f"Calls that wrote something: {self.exact} to Exact, {self.sendcloud} to Sendcloud."


NOTHING_WRITTEN = Writes(0, 0)


@dataclass
class Stage:
    """One sandbox, and one person who types commands."""

    program: Program
    out: TextIO
    sandbox: Sandbox
    clock: SettableClock
    environ: Mapping[str, str]
    written: int = 0
    """How many of the sandbox's calls were looked at for writes."""
    spoken: bool = field(default=False, init=False)
    """Something was shown since the story was last told on."""

    @property
    def office(self) -> Office:
        """The shop's staff in Exact."""
        return self.sandbox.office

    @property
    def panel(self) -> Panel:
        """The shop's staff in Sendcloud's panel."""
        return self.sandbox.panel

    def heading(self, title: str) -> None:
        """Begin a chapter."""
        self.spoken = False
        print(f"\n── {title} ".ljust(_WIDTH, "─"), file=self.out)

    def tell(self, text: str) -> None:
        """Tell what happens."""
        if self.spoken:
            print(file=self.out)
        self.spoken = False
        print(textwrap.fill(" ".join(text.split()), _WIDTH), file=self.out, flush=True)

    def list(self, lines: Sequence[str]) -> None:
        """Show how something stands."""
        for line in lines or ["(nothing)"]:
            print(_INDENT + line, file=self.out)
        self.spoken = True

    def run(self, command: str, *, ends_with: ExitStatus = ExitStatus.DONE) -> str:
        """Run a command as it is typed, and show all that it says; gives what it said.

        Raises:
            StoryBroken: it ends otherwise than it ought to.
            KeyboardInterrupt, Terminated: somebody ended it.
        """
        print(f"\n$ exactsend {command}", file=self.out)
        shown = _Shown(self.out)
        status = self.program(
            command.split(),
            environ=self.environ,
            stdin=_Browser(shown, self.office),
            out=shown,
            clock=self.clock,
            sleep=self.wait,
        )
        shown.end_line()
        _pass_on(status)
        if status != ExitStatus.DONE:
            print(f"{_INDENT}(exit status {int(status)})", file=self.out)
        self.spoken = True
        self.require(status == ends_with, f"`{command}` ends with {int(ends_with)}, not {int(status)}")
        self.require(not self.sandbox.crashes, "the sandbox answers every call")
        return shown.getvalue()

    def wait(self, seconds: float) -> None:
        """Let time pass, in no time."""
        self.clock.advance(timedelta(seconds=seconds))

    def writes(self) -> Writes:
        """How many calls have written something on either side since this was last asked."""
        calls = self.sandbox.calls_since(self.written)
        self.written += len(calls)
        written = Counter(call.api for call in calls if call.is_write)
        return Writes(written["exact"], written["sendcloud"])

    def require(self, holds: bool, claim: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Stop the story where what it claims is not so.

        Raises:
            StoryBroken: it is not so.
        """
        if not holds:
            raise StoryBroken(claim)


@contextmanager
def stage(program: Program, out: TextIO, environ: Mapping[str, str], start: datetime) -> Iterator[Stage]:
    """Set the stage; all of it is gone afterwards."""
    clock = SettableClock(start)
    with (
        TemporaryDirectory(prefix="exactsend-demo-") as folder,
        Sandbox(starting_worlds.small_shop(clock)) as sandbox,
    ):
        config = Path(folder, "config.toml")
        replace_at_once(
            config,
            config_text(
                exact_url=sandbox.exact_url, sendcloud_url=sandbox.sendcloud_url, labels_from=start.date()
            ),
            mode=PRIVATE_FILE,
        )
        own = {
            **{name: value for name, value in environ.items() if not name.startswith("EXACTSEND_")},
            **secrets_of_the_sandbox(),
            "EXACTSEND_CONFIG": str(config),
            "EXACTSEND_STATE_DIR": str(Path(folder, "state")),
        }
        yield Stage(program, out, sandbox, clock, own)


def _pass_on(status: int) -> None:
    """Who ends the command that runs means the demo."""
    if status == ExitStatus.INTERRUPTED:
        raise KeyboardInterrupt
    if status == ExitStatus.TERMINATED:
        raise Terminated("the demo was terminated")


class _Shown(io.StringIO):
    """Keeps what a command says, and shows it indented as it comes."""

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
        """Begin a new line if the last one was not ended."""
        if not self._at_line_start:
            self.write("\n")
        self._out.flush()


class _Browser(io.StringIO):
    """The person who opens the address that a command shows, allows access, and copies the address that the browser ends at."""

    def __init__(self, shown: _Shown, office: Office) -> None:
        super().__init__()
        self._shown = shown
        self._office = office

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # so has StringIO in typeshed
        del size
        addresses = [line for line in self._shown.getvalue().splitlines() if line.startswith("http")]
        if not addresses:
            return ""
        self._shown.write("(the person signs in, allows access and copies the address)\n")
        return self._office.consent(addresses[-1]) + "\n"
