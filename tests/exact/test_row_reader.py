"""A record that can't be read does not take its neighbours along, and no key is blocked for finding it (S9, S13)."""

import re
from collections.abc import Callable, Collection, Sequence

import pytest

from exactsend.errors import ApiError, Broken, Refused
from exactsend.exact import endpoints
from exactsend.exact.fields import NO_RECORD
from exactsend.exact.models import Account
from exactsend.exact.page_reader import PageReader
from exactsend.exact.query_results import ReadRows
from exactsend.exact.row_reader import KeyQuery, RowReader
from exactsend.exact.sync_reader import SyncReader
from exactsend.http.messages import Call, Reply
from tests.script import says

DIVISION = 1234567


def guid(number: int) -> str:
    return f"8b3f0a5e-0000-4000-8000-{number:012d}"


def in_words(status: int) -> Callable[[], ApiError]:
    """A refusal of that status, in words."""

    def make() -> ApiError:
        kind = Broken if status >= 500 else Refused
        error = kind("refused", api="Exact", method="GET", http_status=status)
        error.endpoint, error.said = endpoints.ACCOUNTS.path, "The record is locked."
        return error

    return make


class Accounts:
    """Exact's accounts, of which some make each page fail that would show them."""

    def __init__(self, bad: Collection[int], error: Callable[[], ApiError], *, all_bad: bool = False) -> None:
        self.bad = {guid(number) for number in bad}
        self.error = error
        self.all_bad = all_bad
        self.asked: list[list[str]] = []
        self.refused = 0
        self.in_a_row = 0
        self.longest_row = 0

    def send(self, call: Call) -> Reply:
        keys = re.findall(r"guid'([0-9a-f-]+)'", str(call.query["$filter"]))
        self.asked.append(keys)
        if self.all_bad or self.bad & set(keys):
            self.refused += 1
            self.in_a_row += 1
            self.longest_row = max(self.longest_row, self.in_a_row)
            raise self.error()
        self.in_a_row = 0
        rows = [{"ID": key, "Name": "B.V.", "Division": DIVISION} for key in keys if key != NO_RECORD]
        return says({"d": {"results": rows}}).to(call)


def read(
    accounts: Accounts,
    numbers: Sequence[int],
    *,
    risk: int = 4,
    apart: Sequence[Sequence[str]] = (),
) -> ReadRows[Account]:
    """These accounts, where ``risk`` refusals may be risked."""
    pages = PageReader(accounts, DIVISION)
    listings = SyncReader(accounts, DIVISION, pages)
    reader = RowReader(accounts, DIVISION, pages, listings, lambda _endpoint: risk - accounts.refused)
    query = KeyQuery(endpoints.ACCOUNTS, "ID", lambda account: account.id)
    return reader.by_key(query, [guid(number) for number in numbers], apart=apart)


def numbers_of(found: ReadRows[Account]) -> set[str]:
    return {row.id for row in found.rows}


@pytest.mark.parametrize("bad", [1, 4, 9, 15])
def test_a_chain_that_fails_with_500_is_divided_until_the_record_is_found(bad: int) -> None:
    found = read(Accounts([bad], in_words(500)), range(1, 16))

    assert numbers_of(found) == {guid(number) for number in range(1, 16) if number != bad}
    assert list(found.unread) == [guid(bad)]
    assert found.unread[guid(bad)].is_its_own
    assert found.unread[guid(bad)].why == "The record is locked."


def test_two_bad_records_are_both_found() -> None:
    found = read(Accounts([3, 12], in_words(500)), range(1, 16))

    assert set(found.unread) == {guid(3), guid(12)}
    assert len(found.rows) == 13


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_chain_that_is_refused_is_divided_no_further_than_may_be_risked(status: int) -> None:
    accounts = Accounts([5], in_words(status))

    found = read(accounts, range(1, 16))

    assert accounts.refused <= 4
    assert accounts.longest_row == 1, "each refusal is followed by a question that is surely answered"
    waiting = {key for key, why in found.unread.items() if not why.is_its_own}
    assert guid(5) in waiting
    assert len(waiting) <= 4
    assert numbers_of(found) == {guid(number) for number in range(1, 16)} - waiting


def test_what_is_left_is_asked_for_apart_in_later_runs_until_the_record_is_found() -> None:
    first = read(Accounts([5], in_words(403)), range(1, 16))
    accounts = Accounts([5], in_words(403))

    found = read(accounts, range(1, 16), apart=[list(first.unread)])

    assert accounts.refused <= 4
    assert list(found.unread) == [guid(5)]
    assert found.unread[guid(5)].is_its_own
    assert len(found.rows) == 14


def test_where_nothing_may_be_risked_a_group_that_was_refused_waits() -> None:
    accounts = Accounts([5], in_words(403))

    found = read(accounts, range(1, 16), risk=0, apart=[[guid(5), guid(6)]])

    assert accounts.refused == 0
    assert set(found.unread) == {guid(5), guid(6)}


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_listing_that_refuses_even_a_record_that_nobody_has_is_no_records_fault(status: int) -> None:
    accounts = Accounts([], in_words(status), all_bad=True)

    with pytest.raises(ApiError, match="refused"):
        read(accounts, range(1, 16))

    assert accounts.refused == 2
    assert accounts.asked[-1] == [NO_RECORD]


def test_several_records_that_fail_alone_with_none_that_is_read_are_an_outage() -> None:
    with pytest.raises(Broken):
        read(Accounts(range(1, 16), in_words(500)), range(1, 16))


def test_a_failure_without_words_divides_nothing() -> None:
    def silent() -> ApiError:
        return Broken("bad gateway", api="Exact", http_status=502)

    accounts = Accounts([5], silent)
    with pytest.raises(Broken):
        read(accounts, range(1, 16))

    assert accounts.refused == 1
