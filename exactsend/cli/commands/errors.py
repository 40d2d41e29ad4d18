"""``exactsend errors``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def errors(
    ctx: typer.Context,
    *,
    customers: Annotated[
        bool,
        typer.Option(
            "--customers",
            help="Ask Exact for the customers' names and show them; they are not stored.",
        ),
    ] = False,
) -> ExitStatus:
    """List what needs a person: cause, where to fix it, attempts."""
    from exactsend.cli.error_list import list_errors

    return list_errors(ctx.obj, with_customers=customers)
