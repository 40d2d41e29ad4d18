"""Two texts compared: what is new, gone and changed, and what is chance and so left out."""

from datetime import date

import pytest

from exactsend.exact.models import Account
from exactsend.http.messages import Json
from exactsend.operations.shapes import report_text
from exactsend.operations.shapes.differences import Difference, DifferenceKind, EndpointAnswer
from exactsend.operations.shapes.profile import Profile

DAY = date(2026, 11, 23)
ID = "8b3f0a5e-0000-4000-8000-00000000000a"


def told(
    *rows: Json, endpoint: str = "crm/Accounts", outcome: str = "200", others: tuple[Difference, ...] = ()
) -> report_text.Summary:
    """What the text of one question tells."""
    seen = Profile()
    seen.add_rows(rows, Account, selected=("ID", "Name", "Code"))
    answer = EndpointAnswer("exact", endpoint, outcome, len(rows), seen, list(others))
    return report_text.read(
        "\n".join(report_text.lines([answer], program="exactsend 1", day=DAY, not_asked=[]))
    )


def row(**fields: Json) -> Json:
    """An account as it is asked for."""
    return {"ID": ID, "Name": "a", "Code": "1", **fields}


@pytest.mark.parametrize(
    "now",
    [
        told(row(), row(), row()),
        told(row(Name="a much longer one")),
        told(row(Name=None), row(Name="")),
        told(row(), row(Name=None)),
    ],
    ids=["more rows", "longer", "null and empty", "now and then null"],
)
def test_counts_lengths_and_what_is_empty_are_chance(now: report_text.Summary) -> None:
    assert report_text.compare(told(row()), now).is_same
    assert report_text.compare(now, told(row())).is_same


def test_another_form_is_a_change() -> None:
    compared = report_text.compare(told(row(Name=None), row(Name="a")), told(row(Name=12)))

    assert compared.changed == ("exact crm/Accounts: row: Name is number, was text",)
    assert (compared.new, compared.gone, compared.not_compared) == ((), (), ())


def test_a_field_that_nobody_reads_is_new_or_gone_all_the_same() -> None:
    compared = report_text.compare(told(row(Former=1)), told(row(Latter="x")))

    assert compared.new == ("exact crm/Accounts: row: Latter (text)",)
    assert compared.gone == ("exact crm/Accounts: row: Former (number)",)


def test_a_difference_is_new_where_it_is_told_now_alone() -> None:
    nameless = told({"ID": ID, "Code": "1"})

    assert report_text.compare(told(row()), nameless).new == (
        "exact crm/Accounts: missing Name: in 1 of 1; read as none",
    )
    assert report_text.compare(nameless, told(row())).gone == report_text.compare(told(row()), nameless).new
    assert report_text.compare(nameless, nameless).is_same


def test_where_one_of_the_two_has_no_rows_nothing_is_gone_or_new() -> None:
    compared = report_text.compare(told({"ID": ID}), told())

    assert compared.is_same
    assert compared.not_compared == ("exact crm/Accounts",)


def test_an_answer_of_another_kind_is_a_change_without_more_words() -> None:
    refused = Difference(DifferenceKind.REFUSED, "", "403. Orders wait.")
    compared = report_text.compare(told(row()), told(outcome="403", others=(refused,)))

    assert compared.changed == ("exact crm/Accounts: 403, was 200",)
    assert (compared.new, compared.gone) == ((), ())


def test_what_there_was_nobody_to_ask_for_is_chance() -> None:
    unasked = told(outcome="not asked, because there is none to ask for")

    assert report_text.compare(unasked, told(row())).is_same
    assert report_text.compare(told(row()), unasked).not_compared == ("exact crm/Accounts",)


def test_an_endpoint_that_one_of_them_did_not_ask_is_told() -> None:
    compared = report_text.compare(told(row()), told(row(), endpoint="crm/Contacts"))

    assert compared.new == ("exact crm/Contacts: 200",)
    assert compared.gone == ("exact crm/Accounts: 200",)


@pytest.mark.parametrize(
    "other", ["", "exactsend 1, shapes, format 2, 2026-11-23\n", "{}", "! exact x: missing y: z"]
)
def test_another_text_is_refused(other: str) -> None:
    with pytest.raises(report_text.NotAReport):
        report_text.read(other)


def test_line_ends_of_another_system_change_nothing() -> None:
    seen = Profile()
    seen.add_rows([row(**{f"Field{number:02}": "x" for number in range(40)})], Account)
    lines = report_text.lines(
        [EndpointAnswer("exact", "crm/Accounts", "200", 1, seen)], program="exactsend", day=DAY, not_asked=[]
    )
    written = "\n".join(lines)

    assert report_text.read(written.replace("\n", "\r\n")) == report_text.read(written)
    assert len(report_text.read(written).places["exact crm/Accounts"]["row"]) > 40
