"""Rows as lines and as a drawing; what stands in a cell is text."""

from exactsend.views.text.tables import Table, aligned, drawn

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


def test_where_words_would_be_cut_each_cell_has_a_line_of_its_own() -> None:
    table = Table(
        ("division", "last good run", "age"), [("acme_nederland", "2026-11-25 20:57 UTC", "3 min")] * 2
    )

    assert drawn(table, width=24, color=True) == (
        "division       acme_nederland\n"
        "last good run  2026-11-25 20:57 UTC\n"
        "age            3 min\n"
        "\n"
        "division       acme_nederland\n"
        "last good run  2026-11-25 20:57 UTC\n"
        "age            3 min\n"
    )  # fmt: skip


def test_words_are_never_cut_in_a_drawing() -> None:
    table = Table(("division", "incoming orders", "calls left"), [("acme_nederland", "12", "4977")])

    assert all("acme_nederland" in drawn(table, width=width, color=False) for width in range(10, 80))


def test_a_narrow_terminal_folds_cells_and_loses_nothing() -> None:
    page = drawn(Table(("tracking",), [("3SSBX000000009" * 4,)]), width=30, color=False)

    assert "".join(page.split()).count("3SSBX000000009") == 4
