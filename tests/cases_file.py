"""The files of ``tests/cases``: a case as it is written, over what every case has.

How a file is written stands in ``tests/cases/README.md``. What is right or wrong is said by the files alone, never by these modules.
"""

import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

Tree = dict[str, Any]
"""A table of a case file, or a body in JSON."""

USUAL = tomllib.loads(Path(__file__).with_name("cases").joinpath("usual.toml").read_text(encoding="utf-8"))
"""What every case has unless it says otherwise."""
TOPICS = frozenset(
    {
        "title",
        "rules",
        "key",
        "steps",
        "problems",
        "exit",
        "xfail",
        "exact",
        "sendcloud",
        "config",
        "arrives",
        "stands",
    }
)


@dataclass(frozen=True)
class Case:
    """One file."""

    name: str
    promises: Tree
    """The file as it stands."""
    config: Tree
    """The division's tables, over the usual ones."""

    @property
    def keys(self) -> list[str]:
        """The configuration keys that the case is about."""
        return words(self.promises.get("key", []))

    def without(self, key: str) -> "Case":
        """The same case, but the operator did not write this key."""
        *tables, last = key.split(".")
        table = {name: dict(content) for name, content in self.config.items()}
        del (table[tables[0]] if tables else table)[last]
        return replace(self, config=table)


def read_case(path: Path) -> Case:
    """The case that stands in a file."""
    text = path.read_text(encoding="utf-8")
    promises, config = tomllib.loads(text), tomllib.loads(text, parse_float=Decimal).get("config", {})
    assert promises.keys() <= TOPICS, f"{path.name} has {promises.keys() - TOPICS}, which says nothing"
    return Case(path.stem, promises, laid_over(USUAL["config"], config))


def words(one_or_more: str | list[str]) -> list[str]:
    """A list, whether the file has one or a single text."""
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more


def laid_over(below: Tree, above: Tree) -> Tree:
    """One tree over another, table by table; ``false`` takes away what the lower one has."""
    merged = {**below, **above}
    for name, table in above.items():
        if isinstance(table, dict) and isinstance(below.get(name), dict):
            merged[name] = laid_over(below[name], table)
    return {name: value for name, value in merged.items() if value is not False or name not in below}
