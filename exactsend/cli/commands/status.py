"""``exactsend status``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def status(
    ctx: typer.Context,
    *,
    max_age: Annotated[
        float | None,
        typer.Option(
            "--max-age", min=0, metavar="MINUTES", help="Exit with status 1 if the last good run is older."
        ),
    ] = None,
) -> ExitStatus:
    """Show for each division the last good run, counts, days left of the sign-in, and calls left."""
    from exactsend.cli.status import show_status

    return show_status(ctx.obj, max_age_minutes=max_age)
