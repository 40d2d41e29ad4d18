"""The program's commands by name. A command's module is loaded when the command is chosen, so that ``--help`` and completion are quick."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from exactsend.cli.options import COMMON_OPTIONS, CommonOptions, parse_common_options

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext
    from exactsend.errors import ExitStatus


@dataclass(frozen=True)
class ParsedCommand:
    """A command line that was understood: the command, its options, and how to run it."""

    name: str
    rows: str
    """The key of its JSON document that holds its rows."""
    options: CommonOptions
    run: "Callable[[CommandContext], ExitStatus]"


class Command(TyperCommand):
    """A command with its options. It accepts the common options too.

    Invoking it only parses the command line; ``main`` then runs the ``ParsedCommand``.
    """

    rows = ""

    def invoke(self, ctx: Any) -> ParsedCommand:  # noqa: ANN401 - click's or typer's own, depending on typer's version
        """Give the parsed command."""
        common = {name: ctx.params.pop(name) for name in COMMON_OPTIONS}
        ctx.find_root().command.callback(**common)
        options: CommonOptions = ctx.obj

        def run(context: "CommandContext") -> "ExitStatus":
            ctx.obj = context
            status: ExitStatus = ctx.invoke(self.callback, **ctx.params)
            return status

        return ParsedCommand(ctx.command_path.partition(" ")[2], self.rows, options, run)


class ListedCommand(TyperCommand):
    """What is known of a command without loading its module: its name and one line of help."""

    def __init__(
        self, name: str, function: str, short_help: str, *, full_help: str | None = None, rows: str = ""
    ) -> None:
        """List the command that ``function``, a ``module:name`` in ``cli.commands``, declares.

        Args:
            name: its name.
            function: where it is declared.
            short_help: its line in the help of its group.
            full_help: its own help; the function's docstring where none is given.
            rows: the key of its JSON document that holds its rows.
        """
        super().__init__(name, help=full_help, short_help=short_help, rich_markup_mode=None)
        self.function, self.rows = function, rows

    def load(self, program: TyperGroup) -> Command:
        """The whole command, with the common options of the program."""
        module, _, function = self.function.partition(":")
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        declared = getattr(import_module(f"exactsend.cli.commands.{module}"), function)
        app.command(self.name, cls=Command, help=self.help)(declared)
        command: Any = typer.main.get_command(app)
        command.rows = self.rows
        command.params += [option for option in program.params if option.name in COMMON_OPTIONS]
        loaded: Command = command
        return loaded


class LazyGroup(TyperGroup):
    """A group that loads a command when it is chosen."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - likewise
        """The command that the arguments name, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, ListedCommand):
            command = command.load(ctx.find_root().command)
        return name, command, rest


def program() -> TyperGroup:
    """The group of all commands."""
    app = typer.Typer(
        name="exactsend",
        cls=LazyGroup,
        help="Connects Exact Online to Sendcloud: sends orders, buys each label once, returns tracking numbers.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(parse_common_options)
    group: Any = typer.main.get_command(app)
    group.commands = _by_name(*_commands(), _labels(), _ledger())
    program: TyperGroup = group
    return program


def _commands() -> tuple[ListedCommand, ...]:
    return (
        ListedCommand("demo", "demo:demo", "Try the program on simulated services; needs no set-up"),
        ListedCommand(
            "sandbox", "sandbox:sandbox", "Serve both simulated services on 127.0.0.1 until stopped"
        ),
        ListedCommand("init", "init:init", "Write a configuration, or suggest mappings for an existing one"),
        ListedCommand("connect", "connect:connect", "Sign in to Exact and store the Sendcloud keys"),
        ListedCommand(
            "divisions",
            "divisions:divisions",
            "List the divisions that the sign-in can reach",
            rows="divisions",
        ),
        ListedCommand(
            "doctor",
            "doctor:doctor",
            "Check this machine, the configuration, rights and settings of both services",
            rows="findings",
        ),
        ListedCommand(
            "sync-orders",
            "sync:sync",
            "Send approved orders to Sendcloud",
            full_help="Send approved orders to Sendcloud's incoming orders, and keep them up to date.",
            rows="runs",
        ),
        ListedCommand(
            "sync-deliveries",
            "sync:sync",
            "Buy the labels of goods deliveries",
            full_help="Buy the labels of goods deliveries, or leave them waiting for a label made by hand.",
            rows="runs",
        ),
        ListedCommand(
            "writeback-tracking",
            "sync:sync",
            "Write tracking numbers and labels to Exact",
            full_help="Write tracking numbers and labels onto the goods deliveries in Exact.",
            rows="runs",
        ),
        ListedCommand("sync", "sync:sync", "Run these three steps, in this order", rows="runs"),
        ListedCommand(
            "errors",
            "errors:errors",
            "List what needs a person: cause, where to fix it, attempts",
            rows="errors",
        ),
        ListedCommand(
            "explain",
            "explain:explain",
            "Show everything known about an order or delivery, and why it was or was not sent",
            rows="found",
        ),
        ListedCommand(
            "status",
            "status:status",
            "Show the last good run, counts, days left of the sign-in and calls left",
            rows="divisions",
        ),
        ListedCommand(
            "report",
            "report:report",
            "Write one HTML page: state, problems, labels and orders by day",
            rows="divisions",
        ),
        ListedCommand(
            "history",
            "history:history",
            "List every action taken, or labels paid for but apparently unused",
            rows="actions",
        ),
        ListedCommand(
            "reconcile",
            "reconcile:reconcile",
            "Compare Sendcloud's shipments with the ledger, to find labels paid twice",
            rows="divisions",
        ),
    )


def _labels() -> TyperGroup:
    return LazyGroup(
        name="labels",
        help="Deliveries and their labels, by order or delivery number.",
        short_help="Deliveries and their labels",
        no_args_is_help=True,
        rich_markup_mode=None,
        commands=_by_name(
            ListedCommand(
                "list", "labels:list_labels", "List deliveries and their labels", rows="deliveries"
            ),
            ListedCommand("create", "labels:create", "Buy the label of a delivery now", rows="actions"),
            ListedCommand("retry", "labels:retry", "Retry a label that failed or is held", rows="actions"),
            ListedCommand(
                "cancel",
                "labels:cancel",
                "Cancel a label at Sendcloud, and show until when that is free",
                rows="actions",
            ),
            ListedCommand(
                "download",
                "labels:download",
                "Download labels again, with their customs papers; buys nothing",
                rows="actions",
            ),
            ListedCommand(
                "accept", "labels:accept", "Close an error that only a person can close", rows="actions"
            ),
        ),
    )


def _ledger() -> TyperGroup:
    return LazyGroup(
        name="ledger",
        help="The local record of what was sent and bought.",
        short_help="The local record of what was sent and bought",
        no_args_is_help=True,
        rich_markup_mode=None,
        commands=_by_name(
            ListedCommand(
                "verify", "ledger:verify", "Read every byte of the ledger and report damage", rows="findings"
            ),
            ListedCommand(
                "show",
                "ledger:show",
                "Show the ledger's own records of a number, and their events, as JSON",
                rows="found",
            ),
        ),
    )


def _by_name(*commands: TyperCommand | TyperGroup) -> Any:  # noqa: ANN401 - likewise
    return {command.name: command for command in commands}
