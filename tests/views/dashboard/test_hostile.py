"""Text from elsewhere on the page: whatever it is, it is shown as text, does nothing, hides nothing and breaks nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.problems import Code
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import ProblemRecord
from exactsend.ledger.loader import SNAPSHOT
from exactsend.settings.models import DivisionSettings
from exactsend.views.dashboard.page_file import write_report
from tests.builders import a_label, a_record
from tests.told_problems import a_told_problem
from tests.views.dashboard.browser import PHONE, Looked, opened
from tests.views.dashboard.example_shops import NOW, Scribe, Trade, build

EVIL = (
    "</script><script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 2'>",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "<b>bold</b> & \"quoted\" 'twice'",
    "\u202egpj.evil \u2066turned\u2069 \u200bhidden",
    "line\nbreak\ttab\r\x1b[31mred\x00",
    "javascript:window.hit=3",
    "x" * 10_000,
    "\U0001f4e6 日本語 العربية",
)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a division all of whose texts are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    wiring = build(folder, {"acme": Trade(3)})
    division = wiring.settings.divisions["acme"]
    assert isinstance(division, DivisionSettings)
    scribe = Scribe(NOW)
    records = RecordStore(scribe)
    for place, text in enumerate(EVIL):
        key = DeliveryId(f"00000000-0000-4000-8000-{place:012d}")
        told = a_told_problem(Code.LABEL_FAILED, text, field=text, remedy=text, detail=text)
        problem = ProblemRecord.seen("label", told, at=NOW, before=None)
        held = a_record(delivery_id=key, number=100 + place, seen_at=NOW, excluded="").with_problem(problem)
        records.note("label_held", held)
        label = a_label(ShipmentId(text), carrier=text, tracking_numbers=(text,), at=NOW)
        sent = a_record(delivery_id=DeliveryId(f"{key}-s"), number=200 + place, seen_at=NOW, label=label)
        records.note("label_bought", sent)
    ledger = wiring.folder(division)
    for file in ledger.rglob("*.jsonl"):
        file.unlink()
    (ledger / SNAPSHOT).unlink()
    scribe.write(ledger)
    path = folder / "report.html"
    write_report(path, wiring, [division])
    return path


@pytest.fixture
def looked(browser: Browser, hostile: Path) -> Iterator[Looked]:
    with opened(browser, hostile) as looked:
        yield looked


def test_none_of_it_runs_loads_or_is_complained_of(looked: Looked) -> None:
    assert looked.page.evaluate("window.hit") is None
    assert looked.asked == []
    assert looked.said == []
    assert looked.page.locator("main img, main b:visible, main iframe").count() == 0


def test_all_of_it_is_there_to_be_read(looked: Looked) -> None:
    problems = looked.page.locator("#needs").inner_text()
    carriers = looked.page.locator('[data-rows] [data-cell="carrier"]').all_inner_texts()

    for told in (problems, "\n".join(carriers)):
        assert "<script>window.hit = 1</script>" in told
        assert "{{ 7 * 7 }}{% raw %}" in told
        assert "日本語 العربية" in told


def test_marks_that_turn_or_hide_text_are_made_visible(hostile: Path) -> None:
    text = hostile.read_text(encoding="utf-8")

    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", text)
    assert r"\u202egpj.evil" in text


@pytest.mark.parametrize("size", [(1440, 900), PHONE])
def test_long_text_has_an_end_and_sticks_out_nowhere(
    browser: Browser, hostile: Path, size: tuple[int, int]
) -> None:
    with opened(browser, hostile, size=size) as looked:
        assert looked.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert "x" * 301 not in looked.page.content()


def test_the_search_takes_anything(looked: Looked) -> None:
    for text in (*EVIL, "(", "\\", "[", "*"):
        looked.page.locator("[data-search]").fill(text)

    assert looked.said == []


def test_the_rows_are_json_in_which_no_tag_can_begin(hostile: Path) -> None:
    text = hostile.read_text(encoding="utf-8")
    match = re.search(r'<script type="application/json" data-content>(.*?)</script>', text, re.DOTALL)

    assert match
    assert not set("<>&") & set(match[1])
    assert len(json.loads(match[1])["rows"]) == 2 * len(EVIL)


def test_the_policy_alone_would_stop_what_slipped_through(browser: Browser, hostile: Path) -> None:
    """Were a text not escaped, it could neither run, nor load, nor style, nor post anything."""
    slipped = "<script>window.hit=4</script><img src='https://example.com/x.png' onerror='window.hit=5'><p style='color:red'>"
    broken = hostile.with_name("broken.html")
    broken.write_text(
        hostile.read_text(encoding="utf-8").replace("<footer>", f"{slipped}<footer>"), encoding="utf-8"
    )

    with opened(browser, broken) as looked:
        assert looked.page.evaluate("window.hit") is None
        assert len(looked.said) >= 3
        assert all("Content Security Policy" in name for name in looked.said)
