"""Questions to Exact that take more than one call, and what is never taken on trust."""

from collections.abc import Sequence
from datetime import date

import pytest

from exactsend.engine.ports import Exact
from exactsend.errors import Broken, Refused, Unreadable
from exactsend.exact import wire
from exactsend.exact.client import ExactClient
from exactsend.exact.models import Stream
from exactsend.exact.wire import count_in_one_call
from tests.script import Answer, Script, says

DIVISION = 1234567
DEFERRED = {"__deferred": {"uri": "https://start.exactonline.nl/api/v1/…"}}
PAGE_2 = "https://start.exactonline.nl/api/v1/1234567/salesorder/SalesOrders?$skiptoken=guid'1'"
METADATA = {"uri": "https://start.exactonline.nl/api/v1/…"}


def guid(number: int) -> str:
    return f"8b3f0a5e-0000-4000-8000-{number:012d}"


def order(number: int, lines: object = DEFERRED) -> dict[str, object]:
    return {
        "__metadata": METADATA,
        "OrderID": guid(number),
        "OrderNumber": number,
        "Status": 12,
        "ApprovalStatus": 2,
        "Division": DIVISION,
        "SalesOrderLines": lines,
    }


def order_line(number: int, of: int) -> dict[str, object]:
    return {
        "ID": guid(number),
        "OrderID": guid(of),
        "Quantity": 1,
        "QuantityDelivered": 0,
        "UseDropShipment": 0,
    }


def delivery(number: int, lines: object = DEFERRED) -> dict[str, object]:
    return {
        "EntryID": guid(number),
        "DeliveryNumber": number,
        "Division": DIVISION,
        "TrackingNumber": None,
        "Remarks": None,
        "Document": None,
        "GoodsDeliveryLines": lines,
    }


def delivery_line(number: int, of: int, quantity: float) -> dict[str, object]:
    return {"ID": guid(number), "EntryID": guid(of), "QuantityDelivered": quantity}


def rows(*found: object, link: str | None = None) -> Answer:
    return says({"d": {"results": found} | ({"__next": link} if link else {})})


def lines_of(script: Script, numbers: Sequence[int]) -> list[list[str]]:
    found = ExactClient(script, DIVISION).orders([guid(number) for number in numbers]).rows
    return [[line.id for line in candidate.sales_order_lines or ()] for candidate in found]


def test_the_client_asks_what_a_run_asks() -> None:
    client: Exact = ExactClient(Script(), DIVISION)

    assert client.orders([]).rows == ()


def test_expanded_lines_need_no_further_call() -> None:
    script = Script(rows(order(1, {"results": [order_line(11, of=1)]})))

    assert lines_of(script, [1]) == [[guid(11)]]


def test_deferred_lines_are_fetched_and_joined_to_their_orders() -> None:
    orders = rows(order(1), order(2, {"results": [order_line(21, of=2)]}), order(3))
    script = Script(orders, rows(order_line(31, of=3), order_line(11, of=1), order_line(12, of=1)))

    assert lines_of(script, [1, 2, 3]) == [[guid(11), guid(12)], [guid(21)], [guid(31)]]
    assert script.calls[1].query["$filter"] == f"OrderID eq guid'{guid(1)}' or OrderID eq guid'{guid(3)}'"


def test_lines_that_go_on_on_another_page_are_fetched_from_the_start() -> None:
    started = {"results": [order_line(11, of=1)], "__next": PAGE_2}
    script = Script(rows(order(1, started)), rows(order_line(11, of=1), order_line(12, of=1)))

    assert lines_of(script, [1]) == [[guid(11), guid(12)]]


def test_an_order_whose_lines_can_not_be_fetched_is_an_error_and_no_order() -> None:
    with pytest.raises(Broken):
        lines_of(Script(rows(order(1)), Broken("503")), [1])


def test_a_delivery_line_split_over_storage_locations_keeps_its_parts() -> None:
    parts = rows(delivery_line(11, of=1, quantity=2), delivery_line(11, of=1, quantity=3))

    (found,) = ExactClient(Script(rows(delivery(1)), parts), DIVISION).deliveries([guid(1)]).rows

    assert [line.quantity_delivered for line in found.goods_delivery_lines or ()] == [2, 3]


def test_what_is_gone_is_missing() -> None:
    script = Script(rows(order(1, [])))

    found = ExactClient(script, DIVISION).orders([guid(1).upper(), guid(2)]).rows

    assert [candidate.order_number for candidate in found] == [1]


def test_what_was_not_asked_for_is_dropped() -> None:
    script = Script(rows(order(7, []), order(1, [])))

    found = ExactClient(script, DIVISION).orders([guid(1)]).rows

    assert [candidate.order_number for candidate in found] == [1]


def test_an_answer_with_others_instead_proves_nothing_of_those_that_are_missing() -> None:
    client = ExactClient(Script(rows(order(7, [])), rows()), DIVISION)

    found = client.orders([guid(1)])

    assert (found.rows, found.gone([guid(1)], [])) == ((), frozenset())
    assert found.unread[guid(1)].why == "it has records that were not asked for"


def test_a_number_that_the_filter_let_through_by_mistake_is_dropped() -> None:
    script = Script(rows(delivery(20001, []), delivery(20002, [])))

    found = ExactClient(script, DIVISION).deliveries_by_number([20002]).rows

    assert [candidate.delivery_number for candidate in found] == [20002]


def test_sixteen_orders_are_two_calls() -> None:
    script = Script(rows(*(order(n, []) for n in range(15))), rows(order(15, [])))

    assert len(lines_of(script, range(16))) == 16


def test_all_pages_are_read_and_a_row_on_two_of_them_counts_once() -> None:
    script = Script(
        rows(order(1), order(2), link=PAGE_2), rows(order(2), order(3)), rows(order_line(11, of=1))
    )

    found = ExactClient(script, DIVISION).orders_since(date(2026, 11, 1), statuses=[12]).rows

    assert [candidate.order_number for candidate in found] == [1, 2, 3]
    assert (script.calls[1].path, script.calls[1].query) == (PAGE_2, {})
    assert script.calls[1].endpoint == "bulk/SalesOrder/SalesOrders"


def many_orders(created: str | None = "/Date(1763886600000)/") -> Answer:
    return rows(*({**order(number), "Created": created} for number in range(100)))


def lines_of_many(script: Script) -> dict[int, list[str]]:
    found = ExactClient(script, DIVISION).orders_since(date(2026, 11, 1), statuses=[12]).rows
    return {
        candidate.order_number: [line.id for line in candidate.sales_order_lines or ()] for candidate in found
    }


def paths(script: Script) -> list[str]:
    return [call.path.rsplit("/", 1)[-1] for call in script.calls]


def test_the_lines_of_many_orders_come_from_the_stream_since_the_first_of_them() -> None:
    stream = rows(*(order_line(1_000 + number, of=number) for number in range(101)))
    script = Script(many_orders(), rows({"TimeStampAsBigInt": "77"}), stream)

    assert lines_of_many(script) == {number: [guid(1_000 + number)] for number in range(100)}
    assert script.calls[1].query["modified"] == "datetime'2025-11-22T08:30:00'"
    assert script.calls[2].query["$filter"] == "Timestamp gt 76L"


def test_orders_whose_lines_the_stream_lacks_are_asked_for() -> None:
    stream = rows(*(order_line(1_000 + number, of=number) for number in range(99)))
    script = Script(many_orders(), rows({"TimeStampAsBigInt": "77"}), stream, rows(order_line(1_099, of=99)))

    assert lines_of_many(script)[99] == [guid(1_099)]
    assert script.calls[3].query["$filter"] == f"OrderID eq guid'{guid(99)}'"


def test_a_stream_of_lines_without_end_is_given_up() -> None:
    pages = [rows(link=f"{PAGE_2}{number}") for number in range(3)]
    chains = [
        rows(*(order_line(1_000 + n, of=n) for n in range(number * 15, min(100, number * 15 + 15))))
        for number in range(7)
    ]
    script = Script(many_orders(), rows({"TimeStampAsBigInt": "77"}), *pages, *chains)

    lines_of_many(script)

    assert paths(script).count("SalesOrderLines") == 1 + 7


def test_where_an_order_has_no_date_of_creation_lines_are_asked_for_by_order() -> None:
    script = Script(many_orders(created=None), *(rows() for _ in range(7)))

    assert lines_of_many(script)[0] == []


def test_pages_that_lead_in_a_circle_are_refused() -> None:
    script = Script(rows(link=PAGE_2), rows(link=PAGE_2))

    with pytest.raises(Unreadable, match="no end"):
        ExactClient(script, DIVISION).warehouses()


def test_a_page_that_is_no_answer_spoils_the_whole_listing() -> None:
    script = Script(rows(link=PAGE_2), Answer(b"<html></html>"))

    with pytest.raises(Unreadable):
        ExactClient(script, DIVISION).shipping_methods()


def test_changes_are_read_over_all_pages() -> None:
    first = rows({"Timestamp": "5", "ID": guid(1), "OrderID": guid(9)}, link=PAGE_2)
    script = Script(first, rows({"Timestamp": "6", "ID": guid(2), "OrderID": guid(9)}))

    changes = list(ExactClient(script, DIVISION).changes(Stream.ORDER_LINES, after=4))

    assert [(change.timestamp, change.parent) for change in changes] == [(5, guid(9)), (6, guid(9))]


def test_deletions_are_read() -> None:
    script = Script(rows({"Timestamp": "5", "EntityKey": guid(1), "EntityType": 16}))

    (deletion,) = ExactClient(script, DIVISION).deletions(after=4)

    assert deletion.entity_key == guid(1)


def test_a_division_is_looked_up_from_where_the_user_is() -> None:
    script = Script(rows({"CurrentDivision": 99}), rows({"Code": DIVISION, "Currency": "EUR"}))

    found = ExactClient(script, DIVISION).division()

    assert found is not None
    assert script.asked == ["GET /api/v1/current/Me", "GET /api/v1/99/system/Divisions"]


def test_a_division_that_the_sign_in_can_not_reach_is_none() -> None:
    assert ExactClient(Script(rows({"CurrentDivision": 99}), rows()), DIVISION).division() is None


def test_a_document_is_found_by_exactly_its_subject() -> None:
    script = Script(
        rows({"ID": guid(1), "Subject": "EXACTSEND r-1"}, {"ID": guid(2), "Subject": "exactsend r-1"})
    )

    found = ExactClient(script, DIVISION).documents_with_subject("exactsend r-1")

    assert [document.id for document in found] == [guid(2)]


def test_a_new_document_is_the_one_that_exact_answers_with() -> None:
    script = Script(says({"d": {"ID": guid(1), "Subject": "s"}}, 201))

    made = ExactClient(script, DIVISION).create_document(wire.create_document(DIVISION, "s", guid(5), 4711))

    assert made.id == guid(1)


def test_a_delivery_is_updated_with_one_call() -> None:
    script = Script(Answer(status=204))

    ExactClient(script, DIVISION).update_delivery(
        wire.update_delivery(DIVISION, guid(1), {"TrackingNumber": "3S1"})
    )

    assert [(call.method, call.body) for call in script.calls] == [("PUT", {"TrackingNumber": "3S1"})]


def test_an_attachment_of_another_document_is_dropped() -> None:
    script = Script(rows({"ID": guid(1), "Document": guid(8)}, {"ID": guid(2), "Document": guid(7)}))

    found = ExactClient(script, DIVISION).attachments(guid(7))

    assert [attachment.id for attachment in found] == [guid(2)]


def test_many_accounts_are_read_whole_where_that_takes_fewer_calls() -> None:
    ids = [guid(number) for number in range(100)]
    everything = rows(
        *({"ID": key, "Name": "x"} for key in ids), {"ID": guid(999), "Name": "never asked for"}
    )
    script = Script(Answer(b"1500"), everything)

    found = ExactClient(script, DIVISION).accounts(ids).rows

    assert [account.id for account in found] == ids
    assert [call.path.rsplit("/", 2)[-2:] for call in script.calls] == [
        ["Accounts", "$count"],
        ["CRM", "Accounts"],
    ]


def test_many_accounts_are_asked_for_by_id_where_all_would_take_more_calls() -> None:
    ids = [guid(number) for number in range(100)]
    chains = [rows(*({"ID": key} for key in ids[start : start + 15])) for start in range(0, 100, 15)]
    script = Script(Answer(b"900000"), *chains)

    assert [row.id for row in ExactClient(script, DIVISION).accounts(ids).rows] == ids


def test_hundreds_are_read_whole_without_counting_all_first() -> None:
    ids = [guid(number) for number in range(700)]
    script = Script(rows(*({"ID": key} for key in ids)))

    assert [row.id for row in ExactClient(script, DIVISION).accounts(ids).rows] == ids


def test_hundreds_are_asked_for_by_id_where_reading_all_takes_too_long() -> None:
    ids = [guid(number) for number in range(700)]
    pages = [rows({"ID": guid(9_000 + number)}, link=f"{PAGE_2}{number}") for number in range(23)]
    chains = [rows(*({"ID": key} for key in ids[start : start + 15])) for start in range(0, 700, 15)]

    assert [row.id for row in ExactClient(Script(*pages, *chains), DIVISION).accounts(ids).rows] == ids


def test_who_signed_in_is_asked_once() -> None:
    me = rows({"CurrentDivision": 99, "ServerTime": "/Date(1763886600000)/"})
    script = Script(me, rows({"Code": DIVISION}))
    client = ExactClient(script, DIVISION)

    client.division()

    assert client.wall_time().isoformat() == "2025-11-23T08:30:00"


# ── neighbouring numbers ─────────────────────────────────────────────────────────────────────────


def numbered(*numbers: int) -> dict[str, int]:
    return {guid(number): number for number in numbers}


def filters(script: Script) -> list[str]:
    return [call.query["$filter"] for call in script.calls]


def test_many_with_neighbouring_numbers_come_in_one_call_and_strangers_among_them_are_dropped() -> None:
    wanted = numbered(*range(101, 150, 2))
    script = Script(rows(*(delivery(number, []) for number in range(101, 150))))

    found = ExactClient(script, DIVISION).deliveries(list(wanted), numbers=wanted)

    assert {row.entry_id for row in found.rows} == set(wanted)
    assert filters(script) == ["DeliveryNumber ge 101 and DeliveryNumber le 149"]


def test_a_few_are_asked_for_by_id() -> None:
    wanted = numbered(*range(101, 116))
    script = Script(rows(*(delivery(number, []) for number in range(101, 116))))

    ExactClient(script, DIVISION).deliveries(list(wanted), numbers=wanted)

    assert "EntryID eq" in filters(script)[0]


def test_who_is_missing_among_neighbours_is_asked_for_by_id_before_it_counts_as_gone() -> None:
    wanted = numbered(*range(101, 121))
    script = Script(rows(*(delivery(number, []) for number in range(101, 119))), rows(delivery(119, [])))

    found = ExactClient(script, DIVISION).deliveries(list(wanted), numbers=wanted)

    assert len(found.rows) == 19
    assert filters(script)[1] == f"EntryID eq guid'{guid(119)}' or EntryID eq guid'{guid(120)}'"
    assert found.gone(list(wanted), {row.entry_id: row for row in found.rows}) == {guid(120)}


def test_one_that_can_not_be_read_among_neighbours_is_told_by_its_id() -> None:
    wanted = numbered(*range(101, 121))
    bad = {**delivery(105, []), "TrackingNumber": ["odd"]}
    others = [delivery(number, []) for number in range(101, 121) if number != 105]
    script = Script(rows(bad, *others), rows(bad))

    found = ExactClient(script, DIVISION).deliveries(list(wanted), numbers=wanted)

    assert (len(found.rows), set(found.unread)) == (19, {guid(105)})


def test_a_span_that_is_refused_is_asked_for_by_id_and_told() -> None:
    wanted = numbered(*range(101, 117))
    by_id = [delivery(number, []) for number in range(101, 117)]
    script = Script(Refused("no", http_status=400), rows(*by_id[:15]), rows(*by_id[15:]))
    client = ExactClient(script, DIVISION)

    assert len(client.deliveries(list(wanted), numbers=wanted).rows) == 16
    assert len(client.done_without()) == 1
    assert script.calls[0].endpoint == "salesorder/GoodsDeliveries?DeliveryNumber"


def test_a_page_that_goes_on_is_not_followed() -> None:
    wanted = numbered(*range(101, 117))
    first = says({"d": {"results": [delivery(900, [])], "__next": PAGE_2}})
    by_id = [delivery(number, []) for number in range(101, 117)]
    script = Script(first, rows(*by_id[:15]), rows(*by_id[15:]))

    assert len(ExactClient(script, DIVISION).deliveries(list(wanted), numbers=wanted).rows) == 16


@pytest.mark.parametrize(
    ("numbers", "together"),
    [
        ([*range(1, 51)], 50),
        ([*range(1, 101)], 60),
        ([*range(0, 1000, 10)], 15),
        ([1, 500, *range(2, 30)], 15),
        ([7], 1),
    ],
)
def test_how_many_one_call_brings(numbers: list[int], together: int) -> None:
    assert count_in_one_call(numbers) == together


def test_how_many_rows_a_listing_has_is_counted_once_and_known_to_the_next_client() -> None:
    wanted = [guid(number) for number in range(1, 81)]
    every = rows(*({"ID": key, "Division": DIVISION} for key in wanted))
    first = Script(Answer(b"80"), every, every)
    client = ExactClient(first, DIVISION)

    assert len(client.accounts(wanted).rows) == 80
    assert len(client.accounts(wanted).rows) == 80
    later = ExactClient(Script(every), DIVISION)
    later.know_sizes(client.sizes())
    assert len(later.accounts(wanted).rows) == 80

    assert [call.endpoint for call in first.calls] == [
        "crm/Accounts/$count",
        "sync/CRM/Accounts",
        "sync/CRM/Accounts",
    ]


def test_a_size_that_was_too_small_is_forgotten() -> None:
    wanted = [guid(number) for number in range(1, 81)]
    link = PAGE_2.replace("salesorder/SalesOrders", "sync/CRM/Accounts")
    pages = [rows({"ID": guid(900 + page), "Division": DIVISION}, link=link + str(page)) for page in range(6)]
    chain = [
        rows(*({"ID": key, "Division": DIVISION} for key in wanted[place : place + 15]))
        for place in range(0, 80, 15)
    ]
    client = ExactClient(Script(*pages, *chain), DIVISION)
    client.know_sizes({"crm/Accounts": 80})

    assert len(client.accounts(wanted).rows) == 80
    assert client.sizes() == {}
