"""A real browser: the system's Chromium, driven from here. Where there is none the tests are skipped; on a CI they fail."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

Colours = Literal["light", "dark"]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DESK, PHONE = (1440, 900), (390, 844)


def executable() -> str | None:
    """The browser of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """A browser, closed at the end."""
    path = executable()
    if path is None:
        word = "no Chromium on this machine: scripts/browser installs it on Debian and Ubuntu"
        if os.environ.get("CI"):
            pytest.fail(word)
        pytest.skip(word)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Looked:
    """A page that is open, and what it said and asked for meanwhile."""

    page: Page
    said: list[str] = field(default_factory=list)
    """On the console, and errors that nothing caught."""
    asked: list[str] = field(default_factory=list)
    """Addresses, beside its own and those that hold their content themselves."""

    def listen(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", self._note)

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:")) or not request.is_navigation_request():
            self.asked.append(request.url)


@contextmanager
def opened(
    browser: Browser,
    path: Path,
    *,
    size: tuple[int, int] = DESK,
    colours: Colours = "light",
    script: bool = True,
    now: datetime | None = None,
) -> Iterator[Looked]:
    """The file in a window of its own."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=colours,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    looked = Looked(context.new_page())
    looked.listen()
    if now is not None:
        looked.page.clock.set_fixed_time(now)
    looked.page.goto(path.as_uri())
    yield looked
    context.close()
