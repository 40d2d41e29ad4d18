"""Writes everything that is derived from the program: what ``scripts/derive`` runs."""

import sys

from tests.derived.completions import FILES, completion
from tests.derived.manual import manual
from tests.documents import ROOT

DEPLOY = ROOT / "deploy"


def main() -> None:
    """Write what has changed."""
    made = {DEPLOY / "man" / "exactsend.1": manual()}
    made |= {DEPLOY / "completions" / file: completion(file) for file in FILES}
    for path, text in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
