"""Where a command's words go. Results to stdout, everything else to stderr; text from an API never acts as markup or control code."""

import unicodedata
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Terminal:
    """The two streams of a command, and how much it may say."""

    stdout: TextIO
    stderr: TextIO
    quiet: bool = False
    json: bool = False

    def result(self, text: str) -> None:
        """What was asked for: to stdout."""
        print(shown(text), file=self.stdout)

    def say(self, text: str) -> None:
        """Anything else: to stderr."""
        print(shown(text), file=self.stderr)

    def ask(self, question: str) -> None:
        """A question whose answer follows on the same line."""
        print(shown(question), end="", flush=True, file=self.stderr)

    def is_interactive(self, stdin: TextIO) -> bool:
        """Whether a person can be asked."""
        return stdin.isatty() and self.stderr.isatty()


def shown(text: str) -> str:
    """``text`` with every character that could steer a terminal, or hide what stands there, made visible."""
    return "".join(letter if _is_harmless(letter) else f"\\x{ord(letter):02x}" for letter in text)


def _is_harmless(letter: str) -> bool:
    return letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
