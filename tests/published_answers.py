"""Answers of the real services that were published. They belong to others, so they stand beside the repository, not in it."""

import json
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).parents[2] / "shared" / "recorded"


def names(service: str) -> list[str]:
    """The recorded answers of a service, by the names of their files; none where they are not at hand."""
    return sorted(path.name for path in (RECORDED / service).glob("*.json"))


def document(service: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    """One of them; the test is skipped where it is not at hand."""
    path = RECORDED / service / name
    if not path.is_file():
        pytest.skip("the recorded answers are not at hand")
    return json.loads(path.read_bytes())
