"""``exactsend reconcile``."""

from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def reconcile(
    ctx: typer.Context,
    *,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="30d|DATE", help="Compare shipments made or changed since this date."
        ),
    ] = "30d",
) -> ExitStatus:
    """Compare Sendcloud's shipments with the ledger: find labels paid twice or known to one side only. Status 1 with findings."""
    from exactsend.cli.reconcile import reconcile_divisions

    return reconcile_divisions(ctx.obj, since)
