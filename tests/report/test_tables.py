"""Rows as lines and as a drawing; what stands in a cell is text."""

from exactsend.report.tables import Table, aligned, drawn

TABLE = Table(("delivery", "label"), [("20001", "[bold]held[/bold]\x1b[2J"), ("7", "a\nb")])


def test_columns_are_aligned_and_each_row_is_one_line() -> None:
    assert aligned(TABLE) == (
        "delivery  label\n"
        "20001     [bold]held[/bold]\\x1b[2J\n"
        "7         a\\nb\n"
    )  # fmt: skip


def test_cells_are_no_markup_when_drawn() -> None:
    page = drawn(TABLE, width=80, color=False)

    assert "[bold]held[/bold]\\x1b[2J" in page
    assert "\x1b[2J" not in page


def test_a_narrow_terminal_folds_cells_and_loses_nothing() -> None:
    page = drawn(Table(("tracking",), [("3SSBX000000009" * 4,)]), width=30, color=False)

    assert "".join(page.split()).count("3SSBX000000009") == 4
