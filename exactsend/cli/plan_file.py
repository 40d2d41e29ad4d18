"""Reads the JSON output of an earlier dry run from a file."""

import json
from pathlib import Path

from exactsend.errors import UsageError
from exactsend.views.text.json_documents import JsonObject


def read_plan(path: Path) -> JsonObject:
    """The JSON document of ``--dry-run --json``.

    Raises:
        UsageError: the file has none.
    """
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        is_plan = all(run["dry_run"] for run in plan["runs"])
    except OSError as cause:
        raise UsageError(f"{path} can't be read: {cause.strerror}") from cause
    except (ValueError, KeyError, TypeError):
        is_plan = False
    if not is_plan:
        raise UsageError(
            f"{path} has no plan in it", hint=f"Make one with: exactsend sync --dry-run --json > {path}"
        )
    return dict(plan)
