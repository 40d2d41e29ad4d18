"""What every command starts from: where the configuration and the state stand, the division's settings, and the terminal.

Loads the configuration when it is asked for; talks to no service.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import Terminal
from exactsend.engine.wiring import Process, Wiring
from exactsend.errors import UsageError
from exactsend.http.redaction import Redaction
from exactsend.settings.default_paths import default_config_path, default_state_dir
from exactsend.settings.load import load_settings
from exactsend.settings.models import BrokenDivision, DivisionSettings, Settings
from exactsend.settings.trusted_files import require_trusted_folder
from exactsend.system.signals import Interrupts

__all__ = ["CommandContext", "ProcessIO"]


@dataclass(frozen=True)
class CommandContext:
    """One command's configuration, state and terminal."""

    surroundings: ProcessIO
    terminal: Terminal
    config: Path | None = None
    state_dir: Path | None = None
    divisions: Sequence[str] = ()
    every_division: bool = False
    max_wait: timedelta = timedelta(minutes=10)
    redaction: Redaction = field(default_factory=Redaction)
    command: str = ""
    """What was called, for the ledger."""

    @cached_property
    def state(self) -> Path:
        """The folder of ledgers and sign-ins.

        Raises:
            ConfigError: others may write into it.
        """
        folder = self.state_dir or default_state_dir(self.surroundings.environ)
        require_trusted_folder(folder, "the state folder")
        return folder

    @cached_property
    def config_path(self) -> Path:
        """The configuration file."""
        return self.config or default_config_path(self.surroundings.environ)

    @cached_property
    def settings(self) -> Settings:
        """The configuration.

        Raises:
            ConfigError: it is missing, or wrong in what concerns all divisions.
        """
        return load_settings(self.config_path)

    @cached_property
    def interrupts(self) -> Interrupts:
        """What signals ask of this process."""
        return Interrupts(self.surroundings.sleep)

    @cached_property
    def wiring(self) -> Wiring:
        """The real systems."""
        process = Process(
            state=self.state,
            environ=self.surroundings.environ,
            clock=self.surroundings.clock,
            sleep=self.surroundings.sleep,
            redaction=self.redaction,
            max_wait=self.max_wait,
            command=self.command,
            means=self.surroundings.means,
        )
        return Wiring(self.settings, process, self.interrupts)

    def chosen(self) -> list[DivisionSettings | BrokenDivision]:
        """The divisions that the command line names; the only one where it names none.

        Raises:
            UsageError: a name is not configured, or the choice must be made.
        """
        known = self.settings.divisions
        if not known:
            raise UsageError(
                "no division is configured",
                hint="Add a [divisions.NAME] table with its code, or run: exactsend init",
            )
        for name in self.divisions:
            if name not in known:
                raise UsageError(
                    f"there is no division {name!r} in the configuration",
                    hint=f"Configured: {', '.join(known)}",
                )
        if self.divisions:
            return [known[name] for name in dict.fromkeys(self.divisions)]
        if self.every_division or len(known) == 1:
            return list(known.values())
        raise UsageError(
            "several divisions are configured",
            hint=f"Say --all, or --division with one of: {', '.join(known)}",
        )

    def one(self) -> DivisionSettings:
        """The one division that the command line names.

        Raises:
            UsageError: it names several.
            ConfigError: its tables are wrong.
        """
        chosen = self.chosen()
        if len(chosen) > 1:
            raise UsageError("this command takes one division", hint="Name it with --division.")
        division = chosen[0]
        if isinstance(division, BrokenDivision):
            raise division.error()
        return division
