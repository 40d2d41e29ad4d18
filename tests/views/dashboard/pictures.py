"""Takes the pictures of the report that the documents show, of invented shops.

python -m tests.views.dashboard.pictures FOLDER
"""

import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from exactsend.views.dashboard.page_file import write_report
from tests.views.dashboard.browser import DESK, PHONE, Colours, opened, started
from tests.views.dashboard.example_shops import NOW, Trade, build

TOWN = {
    "acme": Trade(860, waiting=2, failing=2, seed=4),
    "brinkman": Trade(240, waiting=9, seed=3),
    "outlet_be": Trade(90, silent_for=timedelta(hours=5), seed=4),
}
COLOURS = 128
"""Enough for a page like this, and a quarter of the bytes."""


def take(folder: Path) -> None:
    """All pictures, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, started() as browser:
        wiring = build(Path(temporary), TOWN)
        page = Path(temporary) / "report.html"
        write_report(page, wiring, [*wiring.settings.divisions.values()])
        _picture(browser, page, folder / "report.png", size=(1440, 1810))
        _picture(browser, page, folder / "report-dark.png", size=(1440, 1810), colours="dark")
        _picture(browser, page, folder / "report-deliveries.png", size=DESK, at="#deliveries")
        _picture(browser, page, folder / "report-phone.png", size=PHONE)


def _picture(
    browser: Browser,
    page: Path,
    path: Path,
    *,
    size: tuple[int, int],
    colours: Colours = "light",
    at: str = "",
) -> None:
    with opened(browser, page, size=size, colours=colours, now=NOW + timedelta(minutes=3)) as looked:
        if at:
            looked.page.locator("[data-search]").fill("postnl")
            looked.page.locator(at).evaluate("(part) => part.scrollIntoView()")
        picture = Image.open(BytesIO(looked.page.screenshot()))
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
