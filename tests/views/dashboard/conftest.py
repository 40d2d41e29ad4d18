"""One browser, and one page of a few busy shops, for all tests that look at it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from exactsend.views.dashboard.page_file import write_report
from tests.views.dashboard.browser import started
from tests.views.dashboard.example_shops import Trade, build

LIVELY = {
    "acme": Trade(260, waiting=2, failing=3),
    "brinkman": Trade(70, waiting=9, seed=3),
    "outlet_be": Trade(25, silent_for=timedelta(hours=5), seed=4),
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="session")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three divisions: one well, one that needs a person, one late."""
    folder = tmp_path_factory.mktemp("town")
    wiring = build(folder, LIVELY)
    path = folder / "report.html"
    write_report(path, wiring, [*wiring.settings.divisions.values()])
    return path
