"""config.example.toml: loads as it stands, and has every key of the settings and no other."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from exactsend.settings.load import ConfigFile, DivisionTables, load_settings
from exactsend.settings.models import BrokenDivision, DivisionSettings, ExactSettings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SWITCHED_OFF = re.compile(r'^#(?=\[|"|\w+ =)', re.MULTILINE)
PAIRS = {"labels.shipping_methods", "warehouses"}
"""Tables whose keys are the user's."""


def switched_on() -> str:
    return SWITCHED_OFF.sub("", EXAMPLE.read_text(encoding="utf-8"))


def keys_of(model: type[BaseModel], at: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation, f"{at}{name}.")
        else:
            yield f"{at}{name}"


def keys_in(table: dict[str, object], at: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict) and f"{at}{name}" not in PAIRS:
            yield from keys_in(value, f"{at}{name}.")
        else:
            yield f"{at}{name}"


def test_it_loads_as_it_stands_and_buys_nothing() -> None:
    settings = load_settings(EXAMPLE)

    (division,) = settings.divisions.values()
    assert isinstance(division, DivisionSettings)
    assert not division.policy.labels.create_automatically
    assert not division.policy.labels.shipping_methods
    assert not division.policy.warehouses


def test_it_loads_with_everything_switched_on(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(switched_on(), encoding="utf-8")

    settings = load_settings(tmp_path / "config.toml")

    assert not any(isinstance(division, BrokenDivision) for division in settings.divisions.values())


def test_a_division_has_every_key_and_no_other() -> None:
    division = tomllib.loads(switched_on())["divisions"]["acme"]
    exact = {f"exact.{key}" for key in ExactSettings.model_fields}

    assert set(keys_in(division)) - exact == set(keys_of(DivisionTables)) - exact


def test_the_shared_tables_have_every_key_and_no_other() -> None:
    document = tomllib.loads(switched_on())
    shared = {key for key in keys_in(document) if key.split(".")[0] not in {"divisions", "defaults"}}
    models = set(keys_of(ConfigFile)) - {"exact", "defaults", "divisions"}

    assert shared == models | {f"exact.{key}" for key in ExactSettings.model_fields}


def test_the_defaults_it_shows_are_the_defaults() -> None:
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["divisions"]["acme"]
    with_none = DivisionTables.model_validate({**shown, "exact": load_settings(EXAMPLE).exact})
    bare = DivisionTables.model_validate({"code": shown["code"], "exact": with_none.exact})

    assert with_none == bare


@pytest.mark.parametrize(
    "line", [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if " = " in line]
)
def test_each_key_says_what_its_value_is(line: str) -> None:
    assert re.search(r"# (required|default|sample)\b", line)
