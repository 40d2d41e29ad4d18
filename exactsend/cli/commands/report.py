"""``exactsend report``."""

from pathlib import Path
from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def report(
    ctx: typer.Context,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")],
    since: Annotated[
        str,
        typer.Option("--since", metavar="DAYS", help="Number of days to cover, today included, such as 30d."),
    ] = "30d",
) -> ExitStatus:
    """Write one HTML page with the state, open errors, labels and orders. Asks no service."""
    from exactsend.cli.report import save_report

    return save_report(ctx.obj, output, since)
