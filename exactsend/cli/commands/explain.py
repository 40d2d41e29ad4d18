"""``exactsend explain``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def explain(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number of an order or a delivery.")],
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Show only what the ledger knows; do not ask the services.")
    ] = False,
    show_data: Annotated[
        bool, typer.Option("--show-data", help="Show personal data in requests; it is masked otherwise.")
    ] = False,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="Show complete requests and answers, masked.")
    ] = False,
) -> ExitStatus:
    """Show everything known about an order or delivery, and why it was or was not sent."""
    from exactsend.cli.explain import explain_number

    return explain_number(ctx.obj, number, offline=offline, show_data=show_data, bodies=bodies)
