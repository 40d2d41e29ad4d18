"""What every command starts from: the configuration, the state folder, the chosen divisions, and the terminal. Loaded when first used."""

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class CommandContext:
    """The configuration, state and terminal of one command."""

    process_io: ProcessIO
    terminal: Terminal
    run_command_line: Callable[[Sequence[str], ProcessIO], int]
    """Runs another command line in this process and returns its exit status."""
    config: Path | None = None
    state_dir: Path | None = None
    divisions: Sequence[str] = ()
    every_division: bool = False
    max_wait: timedelta = timedelta(minutes=10)
    redaction: Redaction = field(default_factory=Redaction)
    command: str = ""
    """The command's name, for the ledger."""

    @cached_property
    def state(self) -> Path:
        """The folder of ledgers and sign-ins.

        Raises:
            ConfigError: others may write into it.
        """
        folder = self.state_dir or default_state_dir(self.process_io.environ)
        require_trusted_folder(folder, "the state folder")
        return folder

    @cached_property
    def config_path(self) -> Path:
        """The configuration file."""
        return self.config or default_config_path(self.process_io.environ)

    @cached_property
    def settings(self) -> Settings:
        """The configuration.

        Raises:
            ConfigError: it is missing, or wrong in a part that concerns all divisions.
        """
        return load_settings(self.config_path)

    @cached_property
    def interrupts(self) -> Interrupts:
        """Handles the signals that this process receives."""
        return Interrupts(self.process_io.sleep)

    @cached_property
    def wiring(self) -> Wiring:
        """Connects to the real services, ledgers and credentials."""
        process = Process(
            state=self.state,
            environ=self.process_io.environ,
            clock=self.process_io.clock,
            sleep=self.process_io.sleep,
            redaction=self.redaction,
            max_wait=self.max_wait,
            command=self.command,
            means=self.process_io.means,
        )
        return Wiring(self.settings, process, self.interrupts)

    def chosen(self) -> list[DivisionSettings | BrokenDivision]:
        """The divisions that the command line names; where it names none, the only one configured.

        Raises:
            UsageError: a name is not configured, or none is given and several are configured.
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
            hint=f"Add --all, or --division with one of: {', '.join(known)}",
        )

    def chosen_or_all(self) -> list[DivisionSettings | BrokenDivision]:
        """The divisions that the command line names; where it names none, all in the order of the file.

        Raises:
            UsageError: a name is not configured, or no division is.
        """
        configured = self.settings.divisions
        return self.chosen() if self.divisions or not configured else list(configured.values())

    def single_division(self) -> DivisionSettings:
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
