"""``exactsend demo``."""

import typer

from exactsend.errors import ExitStatus


def demo(ctx: typer.Context) -> ExitStatus:
    """See a complete sync on simulated services; needs no set-up."""
    from exactsend.cli.sandbox_extra import sandbox_extra

    with sandbox_extra():
        from exactsend.cli.demo import run_demo

    return run_demo(ctx.obj)
