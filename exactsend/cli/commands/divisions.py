"""``exactsend divisions``."""

import typer

from exactsend.errors import ExitStatus


def divisions(ctx: typer.Context) -> ExitStatus:
    """List the divisions that the sign-in can reach, and which of them are configured."""
    from exactsend.cli.divisions import list_divisions

    return list_divisions(ctx.obj)
