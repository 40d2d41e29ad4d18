"""The options that all commands share, accepted before and after the command's name, and how a command is declared.

A declared command does nothing yet: parsing it gives an ``Invocation``, which ``program`` runs.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from exactsend.cli.completion import division_names
from exactsend.errors import ExitStatus

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext

Work = Callable[["CommandContext"], ExitStatus]
"""What a command does once its arguments are read."""


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Common:
    """The common options as they were given."""

    config: Path | None = None
    state_dir: Path | None = None
    divisions: tuple[str, ...] = ()
    every_division: bool = False
    json: bool = False
    quiet: bool = False
    verbosity: int = 0
    log_format: LogFormat | None = None

    def over(self, before: "Common") -> "Common":
        """Together with those that were given before the command's name; these win."""
        return Common(
            self.config or before.config,
            self.state_dir or before.state_dir,
            (*before.divisions, *self.divisions),
            self.every_division or before.every_division,
            self.json or before.json,
            self.quiet or before.quiet,
            self.verbosity + before.verbosity,
            self.log_format or before.log_format,
        )


@dataclass(frozen=True)
class Invocation:
    """One command line, understood: what to do, and how it wants to be told about it."""

    command: str
    common: Common
    work: Work
    rows: str = ""
    """The key of its JSON document that holds its rows."""


def common_options(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="PATH", help="The configuration. Environment: EXACTSEND_CONFIG."
        ),
    ] = None,
    state_dir: Annotated[
        Path | None,
        typer.Option(
            "--state-dir", metavar="DIR", help="Ledgers and sign-ins. Environment: EXACTSEND_STATE_DIR."
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
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document, see docs/json.md.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing where nothing changed.")
    ] = False,
    verbose: Annotated[
        int,
        typer.Option("--verbose", "-v", count=True, show_default=False, help="Log to stderr; -vv in detail."),
    ] = 0,
    log_format: Annotated[
        LogFormat | None,
        typer.Option("--log-format", show_default=False, help="How log lines are written; text unless said."),
    ] = None,
) -> Common:
    """The common options, declared once."""
    return Common(config, state_dir, tuple(division or ()), every_division, json, quiet, verbose, log_format)


_COMMON = inspect.signature(common_options).parameters
_CONTEXT = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


class Commands(TyperGroup):
    """A group that lists its commands by name and short help. Only the one that is chosen has its options read by typer.

    To read those of all takes typer a tenth of the time of a completion.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - click's or typer's own, depending on typer's version
        """The command that the words name, whole."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, whole(listed), rest


_WHOLE: dict[Callable[..., object], Callable[[], typer.Typer]] = {}
"""What makes the command of which a list shows this one."""


def whole(listed: Any) -> Any:  # noqa: ANN401 - likewise
    """A listed command with its options; a group as it is."""
    make = _WHOLE.get(inspect.unwrap(listed.callback)) if listed and listed.callback else None
    return typer.main.get_command(make()) if make else listed


def command(
    app: typer.Typer, name: str, *, group: str = "", rows: str = ""
) -> Callable[[Callable[..., Work]], Callable[..., Work]]:
    """Declare a command: the decorated function takes its own options and gives its work.

    Args:
        app: where it belongs.
        name: what it is called there.
        group: the name of that place, when it is not the program itself.
        rows: the key of its JSON document that holds its rows.
    """

    def declare(function: Callable[..., Work]) -> Callable[..., Work]:
        def parsed(ctx: typer.Context, **given: object) -> Invocation:
            common = common_options(**{option: given.pop(option) for option in _COMMON})  # type: ignore[arg-type]  # typer made them
            before: Common = ctx.obj
            return Invocation(f"{group} {name}".strip(), common.over(before), function(**given), rows)

        def listed() -> None:
            """Stands for it in lists."""

        does = inspect.getdoc(function) or ""

        def made() -> typer.Typer:
            _take(parsed, *inspect.signature(function).parameters.values(), *_COMMON.values())
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(name, help=does)(parsed)
            return alone

        app.command(name, help=does, short_help=does.partition(". ")[0].removesuffix("."))(listed)
        _WHOLE[listed] = made
        return function

    return declare


def remember_common_options(app: typer.Typer) -> None:
    """Accept the common options before the command's name, and ``--version``."""

    def before_the_command(ctx: typer.Context, **given: object) -> None:
        given.pop("version")
        ctx.obj = common_options(**given)  # type: ignore[arg-type]  # typer made them

    version = inspect.Parameter(
        "version",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[
            bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
        ],
    )
    _take(before_the_command, *_COMMON.values(), version)
    app.callback()(before_the_command)


def _take(function: Callable[..., object], *parameters: inspect.Parameter) -> None:
    """Let typer see these parameters, and nothing of what the function's own annotations name."""
    named = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    function.__annotations__ = {}
    function.__signature__ = inspect.Signature([_CONTEXT, *named])  # type: ignore[attr-defined]  # typer reads it


def _print_version(asked: bool) -> None:
    if asked:
        from exactsend import __version__  # noqa: PLC0415 - only here

        typer.echo(f"exactsend {__version__}")
        raise typer.Exit
