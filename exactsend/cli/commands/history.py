"""``exactsend history``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def history(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="30d|DATE", help="Only actions since this date; default: all.")
    ] = "",
    unused: Annotated[
        bool,
        typer.Option("--unused", help="List labels paid for but apparently unused; defaults to this month."),
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> ExitStatus:
    """List every action taken."""
    from exactsend.cli.history import list_history

    return list_history(ctx.obj, since=since, unused=unused, csv=csv)
