"""What the documents show is what the program prints now. ``scripts/derive`` makes it anew."""

from pathlib import Path

import pytest

from tests.derived.console_blocks import PLAYED, outputs, played
from tests.derived.pictures import COMMANDS, FOLDER, PICTURES, picture, words
from tests.documents import commands

SHOWING = [path for path in PLAYED if outputs(path.read_text(encoding="utf-8"))]

ASKED_OR_LONG = {"demo", "sandbox", "init", "connect", "ledger show", "report"}
"""Shown elsewhere: these ask, go on until they are stopped, print pages or write one."""


@pytest.mark.parametrize("document", SHOWING, ids=lambda path: path.name)
def test_the_output_in_a_document_is_what_is_printed_now(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    assert played(text) == text


def test_an_output_that_has_gone_stale_is_found() -> None:
    assert "nothing is wrong" in played("```console\n$ exactsend ledger verify\nall is lost\n```")


def test_a_table_stays_in_line_where_the_machine_is_called_otherwise() -> None:
    page = COMMANDS.read_text(encoding="utf-8")
    (_, table) = next(pair for pair in outputs(page) if pair[0] == "exactsend divisions")

    header, *rows = table.splitlines()
    assert {row.index("start.exactonline.nl") for row in rows} == {header.index("at ")}
    assert {len(row.rsplit("  ", 1)[0].rstrip()) + 2 for row in rows} == {header.index("configured as")}


def test_the_commands_page_shows_what_every_command_says() -> None:
    shown = {line.removeprefix("exactsend ") for line, _ in outputs(COMMANDS.read_text(encoding="utf-8"))}
    missing = [name for name in commands() if not any(line.startswith(name) for line in shown)]

    assert set(missing) == ASKED_OR_LONG


def test_the_commands_page_has_a_word_on_every_command() -> None:
    text = COMMANDS.read_text(encoding="utf-8")

    assert [name for name in commands() if f"exactsend {name}" not in text] == []


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_says_what_the_page_says(name: str) -> None:
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    assert words(drawn) == words(picture(name, COMMANDS.read_text(encoding="utf-8")))
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")  # it loads nothing from elsewhere


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES)
