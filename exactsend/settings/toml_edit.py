"""Adds keys to a table in the text of a configuration, without changing any other character. Pure.

A TOML library would rewrite the file without its comments.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence

Pair = str | int


def with_pairs(text: str, table: Sequence[str], pairs: Mapping[str, Pair]) -> str | None:
    """The text with these keys in this table, below its heading or in a new table at the end.

    None if that would change anything else, because the table is written in another way or has one of the keys.
    """
    lines = text.splitlines(keepends=True)
    added = [
        f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in pairs.items()
    ]
    heading = next((place for place, line in enumerate(lines) if _heads(line, table)), None)
    if heading is None:
        name = ".".join(table)
        changed = (
            text + ("" if text.endswith("\n") or not text else "\n") + "".join([f"\n[{name}]\n", *added])
        )
    else:
        before = "".join(lines[: heading + 1])
        changed = (
            before + ("" if before.endswith("\n") else "\n") + "".join(added) + "".join(lines[heading + 1 :])
        )
    return changed if _only_adds(text, changed, table, pairs) else None


def _heads(line: str, table: Sequence[str]) -> bool:
    name = r"\s*\.\s*".join(re.escape(part) for part in table)
    return re.match(rf"\s*\[\s*{name}\s*\]\s*(#.*)?$", line) is not None


def _only_adds(before: str, after: str, table: Sequence[str], pairs: Mapping[str, Pair]) -> bool:
    """Whether the new text adds these keys and changes nothing else."""
    try:
        expected, found = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    place = expected
    for part in table:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            return False
    place.update(pairs)
    return expected == found
