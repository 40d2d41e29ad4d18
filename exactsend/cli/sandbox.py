"""``exactsend sandbox``: serves both services, simulated, to try the program on."""

import math
import os
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import Terminal
from exactsend.errors import ExitStatus, Terminated, UsageError
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.control_panel import PREFIX
from exactsend.sandbox.demo.configuration import config_text, env_text, secrets_of_the_sandbox
from exactsend.sandbox.server import Sandbox
from exactsend.system.durable_files import PRIVATE_FILE, replace_atomically
from exactsend.system.signals import Interrupts

LABELS_FROM = timedelta(days=3)
"""The age of the oldest deliveries that get labels by the written configuration."""


def serve_sandbox(
    context: CommandContext, *, port: int | None = None, write_config: Path | None = None
) -> ExitStatus:
    """Serve a small simulated shop until Ctrl-C or SIGTERM; status 0 then.

    Raises:
        UsageError: the port is taken, or the folder can't be written.
    """
    process_io = context.process_io
    interrupts = Interrupts(process_io.sleep)
    with interrupts.handling_signals(), suppress(KeyboardInterrupt, Terminated):
        served = Sandbox(starting_worlds.small_shop(process_io.clock), port=port or 0)
        _start(served, port)
        try:
            if write_config is not None:
                _write_files(served, process_io, write_config)
            _introduce(context.terminal, served, write_config)
            interrupts.wait(math.inf)
        finally:
            served.stop()
    return ExitStatus.DONE


def _start(served: Sandbox, port: int | None) -> None:
    try:
        served.start()
    except OSError as cause:
        raise UsageError(
            f"port {port} can't be used: {os.strerror(cause.errno) if cause.errno else cause}",
            hint="Choose another one with --port, or omit it to use a free port.",
        ) from cause


def _write_files(served: Sandbox, process_io: ProcessIO, folder: Path) -> None:
    """Write the configuration, and the environment variables for it."""
    folder = folder.absolute()
    now = process_io.clock().astimezone(UTC)
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
        replace_atomically(folder / "config.toml", config, mode=PRIVATE_FILE)
        replace_atomically(folder / "sandbox.env", env_text(variables), mode=PRIVATE_FILE)
    except OSError as cause:
        raise UsageError(f"{cause.filename or folder} can't be written: {cause.strerror}") from cause


def _introduce(terminal: Terminal, served: Sandbox, folder: Path | None) -> None:
    terminal.result(f"Exact Online and Sendcloud, simulated, at {served.url}")
    terminal.note(
        f"You are the shop's staff: {served.url}{PREFIX} shows the state of both services and what you can do."
    )
    for line in _first_steps(folder.absolute()) if folder else _without_files(served):
        terminal.note(line)
    terminal.note("Stop it with Ctrl-C. Its data is not kept.")


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
        f"Secrets: {', '.join(secrets_of_the_sandbox().values())}. Or use --write-config DIR to write all of this.",
    ]
