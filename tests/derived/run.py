"""Writes everything that is derived from the program: what ``scripts/derive`` runs."""

import sys
from pathlib import Path

from tests.derived.command_table import with_command_table
from tests.derived.completions import FILES, completion
from tests.derived.console_blocks import PLAYED, played
from tests.derived.manual import manual
from tests.derived.pictures import COMMANDS, FOLDER, PICTURES, picture, words
from tests.documents import README, ROOT

DEPLOY = ROOT / "deploy"


def main() -> None:
    """Write what has changed."""
    made = {DEPLOY / "man" / "exactsend.1": manual()}
    made |= {DEPLOY / "completions" / file: completion(file) for file in FILES}
    made |= {path: played(path.read_text(encoding="utf-8")) for path in PLAYED}
    made[README] = with_command_table(made[README])
    for path, text in made.items():
        _write(path, text, before=_text_of(path))
    for name in PICTURES:
        path, drawn = FOLDER / f"{name}.svg", picture(name, made[COMMANDS])
        if words(_text_of(path)) != words(drawn):
            _write(path, drawn, before="")


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _write(path: Path, text: str, *, before: str) -> None:
    if text != before:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
