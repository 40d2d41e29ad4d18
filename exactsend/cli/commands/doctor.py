"""``exactsend doctor``, with its variants ``--items``, ``--probe`` and ``--shapes``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from exactsend.errors import ExitStatus, UsageError


def doctor(
    ctx: typer.Context,
    *,
    items: Annotated[
        bool,
        typer.Option("--items", help="Instead, list the items in Exact that lack data required by customs."),
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="With --items: write them to a new CSV file."),
    ] = None,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Test on the real accounts what the vendors' documentation leaves open; free of charge, asks first.",
        ),
    ] = False,
    order: Annotated[
        int | None,
        typer.Option(
            "--order",
            min=1,
            metavar="N",
            help="With --probe: an open order whose label was made in Sendcloud's panel.",
        ),
    ] = None,
    delivery: Annotated[
        int | None,
        typer.Option(
            "--delivery",
            min=1,
            metavar="N",
            help="With --probe: a delivery on which to test the lengths of texts.",
        ),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="With --probe: also wait until the sign-in is renewed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --probe: do not ask.")] = False,
    shapes: Annotated[
        bool,
        typer.Option(
            "--shapes",
            help="Instead, read a few rows of everything and show how their form differs from what is expected. Shows no values.",
        ),
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FILE", help="With --shapes: show what changed since the output in FILE."
        ),
    ] = None,
) -> ExitStatus:
    """Check configuration, rights and settings of both services. Changes nothing there, except with --probe."""
    _require_options_that_fit(
        items=bool(items or csv),
        probe=probe,
        shapes=shapes,
        probe_options=(order, delivery, refresh, yes),
        shapes_options=(compare,),
    )
    if shapes:
        from exactsend.cli.doctor_shapes import check_shapes

        return check_shapes(ctx.obj, compare)
    if items or csv:
        from exactsend.cli.doctor_items import list_incomplete_items

        return list_incomplete_items(ctx.obj, csv)
    if probe:
        from exactsend.cli.doctor_probe import run_probe

        return run_probe(ctx.obj, order=order, delivery=delivery, refresh=refresh, yes=yes)
    from exactsend.cli.doctor import run_checks

    return run_checks(ctx.obj)


def _require_options_that_fit(
    *,
    items: bool,
    probe: bool,
    shapes: bool,
    probe_options: Iterable[object],
    shapes_options: Iterable[object],
) -> None:
    """Refuse options that would be ignored.

    Raises:
        UsageError: one would be.
    """
    if items and probe:
        raise UsageError("--probe excludes --items and --csv", hint="Run one after the other.")
    if shapes and (items or probe):
        raise UsageError("--shapes excludes --probe, --items and --csv", hint="Run one after the other.")
    if any(shapes_options) and not shapes:
        raise UsageError("--compare belongs to --shapes", hint="Add --shapes.")
    if any(probe_options) and not probe:
        raise UsageError("--order, --delivery, --refresh and --yes belong to --probe", hint="Add --probe.")
