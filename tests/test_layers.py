"""The modules that carry out a command are in no contract of ``pyproject.toml``: what is not listed there is one of them."""

import tomllib
from typing import Any

import grimp
import pytest

from tests.documents import ROOT

CLI = "exactsend.cli"
GRAPH = grimp.build_graph("exactsend", cache_dir=None)


def shared_modules() -> list[str]:
    """Those that the contract lists."""
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "inside-the-command-line")
    return [f"{CLI}.{name}" for layer in layers for name in layer.split(" | ")]


CARRY_OUT_A_COMMAND = sorted(GRAPH.find_children(CLI) - set(shared_modules()))


def test_every_module_that_the_contract_lists_exists() -> None:
    assert set(shared_modules()) <= GRAPH.find_children(CLI)


@pytest.mark.parametrize("module", CARRY_OUT_A_COMMAND)
def test_only_the_options_of_a_command_load_what_carries_it_out(module: str) -> None:
    importers = GRAPH.find_modules_that_directly_import(module)

    assert importers
    assert all(importer.startswith(f"{CLI}.commands.") for importer in importers), importers


@pytest.mark.parametrize("module", CARRY_OUT_A_COMMAND)
def test_what_carries_out_a_command_does_not_import_the_options(module: str) -> None:
    imported = GRAPH.find_modules_directly_imported_by(module)

    assert not [
        name for name in imported if name.startswith((f"{CLI}.main", f"{CLI}.app", f"{CLI}.commands"))
    ]
