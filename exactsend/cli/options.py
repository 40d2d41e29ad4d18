"""The options that every command accepts, before and after its name."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exactsend.cli.completion import division_names


class LogFormat(StrEnum):
    """The format of log lines."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class CommonOptions:
    """The values of the common options. The fields are named as the parameters of ``parse_common_options``."""

    config: Path | None = None
    state_dir: Path | None = None
    division: tuple[str, ...] = ()
    every_division: bool = False
    json: bool = False
    quiet: bool = False
    verbose: int = 0
    log_format: LogFormat | None = None

    def over(self, earlier: "CommonOptions") -> "CommonOptions":
        """These options together with those given before the command's name; these win."""
        return CommonOptions(
            self.config or earlier.config,
            self.state_dir or earlier.state_dir,
            (*earlier.division, *self.division),
            self.every_division or earlier.every_division,
            self.json or earlier.json,
            self.quiet or earlier.quiet,
            self.verbose + earlier.verbose,
            self.log_format or earlier.log_format,
        )


COMMON_OPTIONS = frozenset(field.name for field in fields(CommonOptions))


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from exactsend import __version__  # noqa: PLC0415 - only here

        typer.echo(f"exactsend {__version__}")
        raise typer.Exit


def parse_common_options(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="PATH", help="Configuration file. Environment: EXACTSEND_CONFIG."
        ),
    ] = None,
    state_dir: Annotated[
        Path | None,
        typer.Option(
            "--state-dir",
            metavar="DIR",
            help="Folder of ledgers and sign-ins. Environment: EXACTSEND_STATE_DIR.",
        ),
    ] = None,
    division: Annotated[
        list[str] | None,
        typer.Option(
            "--division",
            "-d",
            metavar="NAME",
            help="A division of the configuration; repeatable.",
            autocompletion=division_names,
        ),
    ] = None,
    every_division: Annotated[bool, typer.Option("--all", help="All configured divisions.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document; see docs/json.md.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing if nothing changed.")] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, show_default=False, help="Log to stderr; -vv for details."
        ),
    ] = 0,
    log_format: Annotated[
        LogFormat | None,
        typer.Option("--log-format", show_default=False, help="Format of log lines; default: text."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Keep the common options in ``ctx.obj``, over those that were given before."""
    del version  # printed by its callback
    given = CommonOptions(
        config, state_dir, tuple(division or ()), every_division, json, quiet, verbose, log_format
    )
    ctx.obj = given.over(ctx.obj or CommonOptions())
