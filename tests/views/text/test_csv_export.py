"""What a spreadsheet would run is text in every CSV that is written."""

import csv
from io import StringIO

import pytest

from exactsend.cli.terminal import Terminal
from exactsend.views.text.csv_export import csv_text, harmless


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("Chair;=1+1", "Chair;'=1+1"),
        ("Chair; =1+1;@x", "Chair;' =1+1;'@x"),
        ("Chair\n=1+1", "Chair\n'=1+1"),
        ("Chair\t-1", "Chair\t'-1"),
    ],
)
def test_what_would_run_is_made_text(text: str, written: str) -> None:
    assert harmless(text) == written


@pytest.mark.parametrize(
    "text", ["", "Chair", "4711/20001", "a=b", "A-1, b+c", "x@example", "2026-11-23", "Chair; big"]
)
def test_other_text_stays(text: str) -> None:
    assert harmless(text) == text


def test_numbers_and_lists_and_nothing_are_written_plainly() -> None:
    assert csv_text(["a", "b", "c", "d"], [[-5, ["x", "y"], None, 1.5]]) == "a,b,c,d\n-5,x y,,1.5\n"


def test_whichever_way_it_is_parted_no_cell_begins_as_a_formula() -> None:
    text = csv_text(["a", "b"], [["=1", "Chair;=2"], ['x"\n=3', "y;\n;+4"]])

    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(StringIO(text), delimiter=delimiter) for cell in row]
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@")]


def test_the_headings_stay_whatever_a_secret_is_called() -> None:
    page = StringIO()
    terminal = Terminal(page, StringIO(), blanked=lambda text: text.replace("orders", "[redacted]"))

    terminal.spreadsheet(["orders"], [["orders"], [["orders"]]])

    assert page.getvalue() == "orders\n[redacted]\n[redacted]\n"
