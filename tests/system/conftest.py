"""A place for a ledger, fresh for every test."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "1234567"
