"""``exactsend sync`` and its three steps ``sync-orders``, ``sync-deliveries`` and ``writeback-tracking``: one function for all four."""

from pathlib import Path
from typing import Annotated

import typer

from exactsend.errors import ExitStatus


def sync(
    ctx: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show every action.")] = False,
    wait: Annotated[
        float,
        typer.Option("--wait", min=0, metavar="SECONDS", help="Wait up to SECONDS in total for another run."),
    ] = 0,
    max_labels: Annotated[
        int | None,
        typer.Option(
            "--max-labels",
            min=0,
            metavar="N",
            help="Let this run buy up to N labels, even beyond max_per_run.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, metavar="N", help="Number of divisions to process in parallel.")
    ] = 4,
    max_minutes: Annotated[
        float,
        typer.Option(
            "--max-minutes",
            min=0,
            metavar="N",
            help="Wait up to N minutes in total for a service's call limit.",
        ),
    ] = 10,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="FILE",
            help="With --dry-run: show what changed since the JSON output in FILE.",
        ),
    ] = None,
) -> ExitStatus:
    """Run sync-orders, sync-deliveries and writeback-tracking, in that order."""
    from exactsend.cli.sync import SyncOptions, run_sync

    options = SyncOptions(dry_run, wait, max_labels, jobs, max_minutes, compare)
    return run_sync(ctx.obj, str(ctx.info_name), options)
