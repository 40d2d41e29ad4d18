"""Asks a person at a terminal, or reads a script's answers from standard input: one line each.

Questions go to stderr, so that stdout has only results. The caller interprets the answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from getpass import getpass
from typing import TextIO

from exactsend.cli.terminal import Terminal
from exactsend.errors import UsageError


@dataclass(frozen=True)
class Prompts:
    """Where answers come from, and where questions are shown."""

    terminal: Terminal
    stdin: TextIO

    def line(self, what: str) -> str:
        """The answer to a question; a person who just presses Enter is asked again.

        Raises:
            UsageError: the input ended, or a script's line is empty.
        """
        return self._answered(what, self._next_line)

    def secret(self, what: str) -> str:
        """The same, not shown while it is typed.

        Raises:
            UsageError: likewise.
        """
        return self._answered(what, self._next_secret)

    def secret_or_nothing(self, what: str) -> str:
        """The same where it may be left empty, or where the input may have ended."""
        return (self._next_secret(what) or "").strip()

    def choice(self, what: str, usual: str) -> str:
        """The answer to a question; Enter answers ``usual``.

        Raises:
            UsageError: the input ended.
        """
        answer = self._next_line(f"{what} [{usual}]")
        if answer is None:
            raise _ended(what)
        return answer.strip() or usual

    @property
    def is_a_person(self) -> bool:
        """Whether a person answers, at a terminal."""
        return self.stdin.isatty()

    def _answered(self, what: str, ask: Callable[[str], str | None]) -> str:
        while (answer := ask(what)) is not None:
            if answer.strip():
                return answer.strip()
            if not self.is_a_person:
                raise UsageError(f"the line with the {what} is empty", hint="Give one line for each answer.")
        raise _ended(what)

    def _next_line(self, what: str) -> str | None:
        """The next line; None at the end of the input."""
        self._show(what)
        return self.stdin.readline() or None

    def _next_secret(self, what: str) -> str | None:
        if not self.is_a_person:
            return self._next_line(what)
        try:
            return getpass(f"{what}: ", stream=self.terminal.stderr)
        except EOFError:
            return None

    def _show(self, what: str) -> None:
        if self.is_a_person:
            print(f"{what}: ", end="", file=self.terminal.stderr, flush=True)


def confirm(terminal: Terminal, stdin: TextIO, question: str, *, yes: bool) -> bool:
    """Whether the person agrees; without a terminal, ``--yes`` is required.

    Raises:
        UsageError: there is no terminal, and no ``--yes``.
    """
    if yes:
        return True
    if not terminal.is_interactive(stdin):
        raise UsageError("this needs confirmation, and there is no terminal to ask on", hint="Add --yes.")
    terminal.prompt(f"{question} [y/N] ")
    return stdin.readline().strip().lower() in {"y", "yes"}


def _ended(what: str) -> UsageError:
    return UsageError(
        f"the input ended before the {what}",
        hint="Run it at a terminal, or give one line for each answer on standard input.",
    )
