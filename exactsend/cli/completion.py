"""Completes values on the command line. Quick and silent, since the shell asks at each press of Tab."""
# ruff: noqa: PLC0415 - imported when a shell asks, so that every other start is quick

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import typer

from exactsend.errors import ConfigError


def division_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The configured divisions whose names begin with ``incomplete``; none where the configuration can't be read."""
    from exactsend.settings.default_paths import default_config_path

    with suppress(ConfigError, OSError, ValueError):
        path = next(_named_configurations(ctx), None) or default_config_path(os.environ)
        return [name for name in _divisions(path) if name.startswith(incomplete)]
    return []


def _named_configurations(ctx: typer.Context) -> Iterator[Path]:
    """The paths given with ``--config``, after the command's name and before it."""
    levels = [ctx.params, ctx.parent.params if ctx.parent else {}]
    return (Path(params["config"]) for params in levels if params.get("config"))


def _divisions(path: Path) -> list[str]:
    import tomllib

    divisions = tomllib.loads(path.read_text(encoding="utf-8")).get("divisions")
    return list(divisions) if isinstance(divisions, dict) else []
