"""``exactsend connect``."""

from enum import StrEnum
from typing import Annotated

import typer

from exactsend.errors import ExitStatus


class StoreKind(StrEnum):
    """Where credentials can be stored."""

    FILE = "file"
    KEYRING = "keyring"


def connect(
    ctx: typer.Context,
    *,
    store: Annotated[
        StoreKind | None,
        typer.Option("--store", help="Where to store credentials; default: keep the current store."),
    ] = None,
    move: Annotated[
        bool, typer.Option("--move", help="Accept another Sendcloud account behind a division.")
    ] = False,
) -> ExitStatus:
    """Sign in to Exact and store the Sendcloud keys. Connecting syncs nothing."""
    from exactsend.cli.connect import connect_divisions

    return connect_divisions(ctx.obj, store=store.value if store else None, move=move)
