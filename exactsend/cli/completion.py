"""What a shell is offered beyond the names of commands and options. Quick and silent: it is asked at each press of a key."""
# ruff: noqa: PLC0415 - imported when a shell asks, so that every other start is quick

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import typer

from exactsend.errors import ConfigError


def division_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The divisions of the configuration whose names begin so; none where it can't be read."""
    from exactsend.settings.default_paths import default_config_path

    with suppress(ConfigError, OSError, ValueError):
        path = next(_named_configurations(ctx), None) or default_config_path(os.environ)
        return [name for name in _divisions(path) if name.startswith(incomplete)]
    return []


def _named_configurations(ctx: typer.Context) -> Iterator[Path]:
    """What ``--config`` names, behind the command's name and before it."""
    around = [ctx.params, ctx.parent.params if ctx.parent else {}]
    return (Path(params["config"]) for params in around if params.get("config"))


def _divisions(path: Path) -> list[str]:
    import tomllib

    divisions = tomllib.loads(path.read_text(encoding="utf-8")).get("divisions")
    return list(divisions) if isinstance(divisions, dict) else []
