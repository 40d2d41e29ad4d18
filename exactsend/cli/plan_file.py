"""A former plan, read back from the file that somebody kept it in."""

import json
from pathlib import Path

from exactsend.errors import UsageError
from exactsend.views.text.json_documents import JsonObject


def former_plan(path: Path) -> JsonObject:
    """What ``--dry-run --json`` printed.

    Raises:
        UsageError: the file holds none.
    """
    try:
        former = json.loads(path.read_text(encoding="utf-8"))
        is_plan = all(run["dry_run"] for run in former["runs"])
    except OSError as cause:
        raise UsageError(f"{path} can't be read: {cause.strerror}") from cause
    except (ValueError, KeyError, TypeError):
        is_plan = False
    if not is_plan:
        raise UsageError(
            f"{path} holds no plan", hint=f"Make one with: exactsend sync --dry-run --json > {path}"
        )
    return dict(former)
