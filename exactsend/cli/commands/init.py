"""``exactsend init``."""

import typer

from exactsend.errors import ExitStatus


def init(ctx: typer.Context) -> ExitStatus:
    """Ask a few questions and write a configuration; for an existing one, suggest mappings."""
    from exactsend.cli.init import write_configuration_or_suggest_mappings

    return write_configuration_or_suggest_mappings(ctx.obj)
