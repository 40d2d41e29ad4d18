"""``exactsend sandbox``."""

from pathlib import Path
from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def sandbox(
    ctx: typer.Context,
    *,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, metavar="N", help="Port to listen on; default: a free one."),
    ] = None,
    write_config: Annotated[
        Path | None,
        typer.Option(
            "--write-config", metavar="DIR", help="Write a matching config.toml and sandbox.env into DIR."
        ),
    ] = None,
) -> ExitStatus:
    """Serve both simulated services on 127.0.0.1 until stopped."""
    from exactsend.cli.sandbox_extra import sandbox_extra

    with sandbox_extra():
        from exactsend.cli.sandbox import serve_sandbox

    return serve_sandbox(ctx.obj, port=port, write_config=write_config)
