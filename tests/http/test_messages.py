"""Answers that are no answers: nested without end, listed without end."""

import json
from collections.abc import Callable

import pytest

from exactsend.errors import Unreadable
from exactsend.exact import odata
from exactsend.exact.token_endpoint import token_error
from exactsend.http.error_replies import error_for, problems_of
from exactsend.http.messages import MAX_PAGES, Call, Json, Reply, parsed, walk
from exactsend.sendcloud import replies

DEEP = b"[" * 200_000
READ = Call("GET", "/api/v1/1/crm/Accounts")


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, body, READ, "Exact")


# ── nested ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_nested_without_end_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="its answer is nested too deep"):
        reply(DEEP).json()


def test_so_it_is_where_it_is_whole() -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        parsed(DEEP + b"]" * 200_000)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_refusal_that_is_nested_without_end_is_a_refusal_without_words(status: int) -> None:
    refused = reply(DEEP, status)

    assert problems_of(refused) == ()
    assert error_for(refused).http_status == status


def test_a_sign_in_that_answers_so_is_out_of_order() -> None:
    assert "out of order (400)" in token_error(reply(DEEP, 400)).message  # type: ignore[union-attr]  # an error


# ── listed ───────────────────────────────────────────────────────────────────────────────────────


class Endless:
    """A service whose every page leads to another one."""

    def __init__(self, rows: Callable[[int], Json]) -> None:
        self.pages = 0
        self._rows = rows

    def send(self, call: Call) -> Reply:
        self.pages += 1
        link = f"https://start.exactonline.nl/api/v1/1/crm/Accounts?$skiptoken={self.pages}"
        document = {"d": {"results": self._rows(self.pages), "__next": link}}
        return Reply(200, {}, json.dumps(document).replace("/", "\\/").encode(), call, "Exact")


@pytest.mark.parametrize("rows", [[], [{"ID": "a"}, {"ID": "b"}]])
def test_pages_that_say_the_same_behind_ever_new_links_end_soon(rows: Json) -> None:
    service = Endless(lambda _page: rows)

    with pytest.raises(Unreadable, match="its pages have no end"):
        list(walk(service, READ, odata.next_link))

    assert service.pages == 4


def test_so_do_those_of_a_circle_with_ever_new_links() -> None:
    service = Endless(lambda page: [{"ID": page % 5}])

    with pytest.raises(Unreadable, match="its pages have no end"):
        list(walk(service, READ, odata.next_link))

    assert service.pages <= 20


def test_pages_that_say_something_new_each_end_after_what_a_shop_may_have() -> None:
    service = Endless(lambda page: [{"ID": page}])

    with pytest.raises(Unreadable, match="its pages have no end"):
        list(walk(service, READ, odata.next_link))

    assert service.pages == MAX_PAGES + 1


# ── links ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("part", ["<", "<x>;", '<x>; a="', "; ", "<>; rel"])
def test_a_link_header_that_is_too_long_is_unreadable_at_once(part: str) -> None:
    with pytest.raises(Unreadable, match="its Link header has"):
        replies.next_link(reply(b"{}", link=part * 20_000))


@pytest.mark.parametrize("part", ["<", "<x>;", '<x>; a="', "; ", "<>; rel", "<x>;" + " " * 50])
def test_the_longest_that_is_read_takes_no_time(part: str) -> None:
    header = (part * replies.MAX_LINK_HEADER)[: replies.MAX_LINK_HEADER]

    assert not replies.next_link(reply(b"{}", link=header))
