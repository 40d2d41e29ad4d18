"""``exactsend sandbox`` and ``exactsend demo``: both services simulated, for people to try the program on.

They need the extra ``sandbox``. This is the only module that imports the sandbox, so only here can the extra be missing.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import Patient, Terminal
from exactsend.errors import ExitStatus, Terminated, UsageError
from exactsend.system.durable_files import PRIVATE_FILE, replace_at_once
from exactsend.system.signals import Interrupts

try:
    from exactsend.sandbox import starting_worlds
    from exactsend.sandbox.control_panel import PREFIX
    from exactsend.sandbox.demo import demo as tell
    from exactsend.sandbox.demo.configuration import config_text, env_text, secrets_of_the_sandbox
    from exactsend.sandbox.server import Sandbox
except ModuleNotFoundError as cause:
    if str(cause.name).startswith("exactsend"):
        raise
    raise UsageError(
        "the simulated services are not installed; to install them: pip install 'exactsend[sandbox]'"
    ) from cause

LABELS_FROM = timedelta(days=3)
"""How far back the written configuration makes labels."""


def demo(surroundings: ProcessIO) -> ExitStatus:
    """See ``exactsend.sandbox.demo``."""
    interrupts = Interrupts(surroundings.sleep)

    def program(
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        stdin: TextIO,
        out: TextIO,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> int:
        from exactsend.cli import main  # noqa: PLC0415 - the command that runs commands

        status = main(list(argv), ProcessIO(environ, stdin, out, out, clock, sleep))
        interrupts.stop()  # it was asked when the command had nothing left to stop
        return status

    with interrupts.handling_signals_if_main_thread():
        return tell(program, Patient(surroundings.stdout), surroundings.environ, surroundings.clock)


def sandbox(
    terminal: Terminal,
    surroundings: ProcessIO,
    *,
    port: int | None = None,
    write_config: Path | None = None,
) -> ExitStatus:
    """Serve the small shop until somebody stops it, which is a good end, with Ctrl-C as with SIGTERM.

    Raises:
        UsageError: the port is taken, or the folder can't be written.
    """
    interrupts = Interrupts(surroundings.sleep)
    with interrupts.handling_signals(), suppress(KeyboardInterrupt, Terminated):
        served = Sandbox(starting_worlds.small_shop(surroundings.clock), port=port or 0)
        _start(served, port)
        try:
            if write_config is not None:
                _write_files(served, surroundings, write_config)
            _introduce(terminal, served, write_config)
            interrupts.wait(math.inf)
        finally:
            served.stop()
    return ExitStatus.DONE


def _start(served: Sandbox, port: int | None) -> None:
    try:
        served.start()
    except OSError as cause:
        raise UsageError(
            f"port {port} of this machine can't be used: {os.strerror(cause.errno) if cause.errno else cause}",
            hint="Name another one with --port, or none: then a free one is taken.",
        ) from cause


def _write_files(served: Sandbox, surroundings: ProcessIO, folder: Path) -> None:
    """The configuration, and the environment that goes with it."""
    folder = folder.absolute()
    now = surroundings.clock().astimezone(UTC)
    config = config_text(
        exact_url=served.exact_url, sendcloud_url=served.sendcloud_url, labels_from=(now - LABELS_FROM).date()
    )
    variables = {
        **secrets_of_the_sandbox(),
        "EXACTSEND_CONFIG": str(folder / "config.toml"),
        "EXACTSEND_STATE_DIR": str(folder / "state"),
    }
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_at_once(folder / "config.toml", config, mode=PRIVATE_FILE)
        replace_at_once(folder / "sandbox.env", env_text(variables), mode=PRIVATE_FILE)
    except OSError as cause:
        raise UsageError(f"{cause.filename or folder} can't be written: {cause.strerror}") from cause


def _introduce(terminal: Terminal, served: Sandbox, folder: Path | None) -> None:
    terminal.result(f"Exact Online and Sendcloud, simulated, at {served.url}")
    terminal.say(
        f"You are the shop's staff: {served.url}{PREFIX} shows what stands there and what you can do."
    )
    for line in _first_steps(folder.absolute()) if folder else _without_files(served):
        terminal.say(line)
    terminal.say("Stop it with Ctrl-C; what was done in it is gone then.")


def _first_steps(folder: Path) -> list[str]:
    return [
        "In another shell:",
        f"  set -a; . {folder / 'sandbox.env'}; set +a",
        "  exactsend connect",
        "  exactsend sync --dry-run",
    ]


def _without_files(served: Sandbox) -> list[str]:
    return [
        "In your configuration:",
        f'  [exact] base_url = "{served.exact_url}", client_id = "{starting_worlds.CLIENT_ID}", redirect_uri = "{starting_worlds.REDIRECT_URI}"',
        f'  [sendcloud] base_url = "{served.sendcloud_url}"',
        f"  a division with code = {starting_worlds.DIVISION}",
        f"Secrets: {', '.join(secrets_of_the_sandbox().values())}. Or let --write-config DIR write all of it.",
    ]
