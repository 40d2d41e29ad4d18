"""The table of refused questions in docs/safety.md tells what runs do: each endpoint is refused in turn."""

from pathlib import Path

import pytest

from tests.end_to_end.refused_endpoints import EXACT, HEAD, SENDCLOUD, rows

SAFETY = (Path(__file__).parents[2] / "docs" / "safety.md").read_text()


@pytest.mark.parametrize("name", [*EXACT, *SENDCLOUD])
def test_the_document_tells_what_becomes_of_a_run_while_an_endpoint_is_refused(name: str) -> None:
    listed = [line for line in SAFETY.splitlines() if line.startswith(f"| `{name}` |")]

    assert listed == rows(name)


def test_it_has_the_heading_of_the_table_and_no_row_of_an_endpoint_that_is_not_refused_here() -> None:
    table = SAFETY.partition(HEAD)[2].strip("\n").split("\n\n")[0].splitlines()

    assert len(table) >= len(EXACT) + len(SENDCLOUD)
    assert {line.split("`")[1] for line in table} == {*EXACT, *SENDCLOUD}
