"""``exactsend ledger verify`` and ``show``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def verify(ctx: typer.Context) -> ExitStatus:
    """Read every byte of the ledger and report what is wrong with it."""
    from exactsend.cli.ledger import verify_ledgers

    return verify_ledgers(ctx.obj)


def show(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number of an order or a delivery.")],
) -> ExitStatus:
    """Show the ledger's own records of a number, and the events that made them, as JSON."""
    from exactsend.cli.ledger import show_records

    return show_records(ctx.obj, number)
