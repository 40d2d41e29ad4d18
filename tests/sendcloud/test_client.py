"""Questions to Sendcloud, what is never taken on trust, and that a purchase always ends in a shipment or in the truth."""

import logging
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exactsend.engine.ports import Sendcloud
from exactsend.errors import (
    ApiError,
    Broken,
    FieldProblem,
    RateLimited,
    Refused,
    Unanswered,
    Unreachable,
    Unreadable,
)
from exactsend.http.messages import Json
from exactsend.sendcloud import wire
from exactsend.sendcloud.client import SendcloudClient
from tests.script import Answer, Script, says

REFERENCE = "exact-1234567-8b3f0a5e-0000-4000-8000-00000000000a-1"
REQUEST: dict[str, Json] = {"external_reference_id": REFERENCE}
PAGE_2 = "https://panel.sendcloud.sc/api/v3/shipments/?cursor=cD0x"
DATE = "Mon, 23 Nov 2026 10:15:00 GMT"
MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
OURS = {"id": "ours", "order_number": "4711", "external_reference_id": REFERENCE}
HTML = Answer(b"<html>gateway</html>", 201)


def shipment(identity: str, number: str | None = "4711") -> dict[str, object]:
    return {"id": identity, "order_number": number, "external_reference_id": None}


def entry(identity: str, order_id: str) -> dict[str, object]:
    return {"id": identity, "order_id": order_id, "order_number": "4711"}


def rows(*found: object, link: str = "") -> Answer:
    return says({"data": found}, date=DATE, link=f'<{link}>; rel="next"' if link else "")


def test_the_client_asks_what_a_run_asks() -> None:
    client: Sendcloud = SendcloudClient(Script(says({"data": {"user_id": 1, "integration_id": 17}})))

    assert client.who_am_i().integration_id == 17


# Reading


def test_the_walk_reads_all_pages_and_remembers_the_servers_clock() -> None:
    script = Script(rows(shipment("a"), link=PAGE_2), rows(shipment("b"), shipment("a")))

    walk = SendcloudClient(script).shipments_updated_after(MOMENT, integration=17)

    assert [candidate.id for candidate in walk.shipments] == ["a", "b"]
    assert walk.server_date == datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
    assert script.calls[0].query["updated_after"] == "2026-11-23T10:00:00Z"
    assert (script.calls[1].path, script.calls[1].query) == (PAGE_2, {})


def test_a_shipment_on_two_pages_counts_once_as_read_last() -> None:
    script = Script(rows(shipment("a", "old"), link=PAGE_2), rows(shipment("a", "new")))

    walk = SendcloudClient(script).shipments_updated_after(MOMENT, integration=17)

    assert [candidate.order_number for candidate in walk.shipments] == ["new"]


def test_a_walk_that_breaks_off_is_no_walk() -> None:
    script = Script(rows(shipment("a"), link=PAGE_2), Broken("503"))

    with pytest.raises(Broken):
        SendcloudClient(script).shipments_updated_after(MOMENT, integration=17)


def test_pages_that_lead_in_a_circle_are_refused() -> None:
    with pytest.raises(Unreadable, match="no end"):
        SendcloudClient(Script(rows(link=PAGE_2), rows(link=PAGE_2))).sender_addresses()


def test_only_exactly_the_number_counts() -> None:
    script = Script(rows(shipment("a"), shipment("b", "4711/20001"), shipment("c", "47110")))

    assert [candidate.id for candidate in SendcloudClient(script).shipments_with_number("4711")] == ["a"]
    assert script.calls[0].query == {"order_number": "4711", "page_size": "100"}


def test_a_number_is_looked_up_within_an_integration_when_asked() -> None:
    script = Script(rows())

    assert SendcloudClient(script).shipments_with_number("4711", integration=17) == ()
    assert script.calls[0].query["integration_id"] == "17"


def test_a_row_that_does_not_tell_its_number_makes_the_look_up_unreadable() -> None:
    with pytest.raises(Unreadable, match="does not match the filter"):
        SendcloudClient(Script(rows(shipment("a", None)))).shipments_with_number("4711")


def test_a_row_that_no_filter_would_let_through_makes_the_look_up_unreadable() -> None:
    with pytest.raises(Unreadable, match="does not match the filter"):
        SendcloudClient(Script(rows(shipment("a", "7")))).shipments_with_number("4711")


def test_a_reference_that_is_not_used_is_none() -> None:
    other = OURS | {"id": "b", "external_reference_id": f"{REFERENCE}0"}

    assert SendcloudClient(Script(rows(other))).shipment_with_reference(REFERENCE) is None


def test_a_reference_used_twice_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="same identifier"):
        SendcloudClient(Script(rows(OURS, OURS | {"id": "b"}))).shipment_with_reference(REFERENCE)


def test_a_shipment_that_is_not_there_is_none() -> None:
    assert SendcloudClient(Script(Answer(status=404))).shipment("a") is None


# Orders


def test_pushed_orders_come_back_with_sendclouds_ids() -> None:
    script = Script(says({"data": [{"id": 664, "order_id": "o", "order_number": "4711"}]}, 201))

    (stored,) = SendcloudClient(script).push_orders(wire.push_orders([{"order_id": "o"}]))

    assert stored.id == "664"


def test_an_order_whose_id_differs_in_case_is_another() -> None:
    script = Script(rows(entry("1", "EXACT-1-O-2")))

    assert SendcloudClient(script).stored_order("exact-1-o-2", integration=17) is None


def test_a_stored_order_is_found() -> None:
    script = Script(rows(entry("1", "EXACT-1-O-2"), entry("2", "exact-1-o-2")))

    found = SendcloudClient(script).stored_order("exact-1-o-2", integration=17)

    assert found is not None
    assert found.id == "2"


@pytest.mark.parametrize(("status", "was_there"), [(204, True), (404, False)])
def test_deleting_tells_whether_there_was_one(status: int, *, was_there: bool) -> None:
    assert SendcloudClient(Script(Answer(status=status))).delete_order(wire.delete_order("664")) is was_there


# Buying


@pytest.mark.parametrize(("status", "existed"), [(200, False), (201, False), (409, True)])
def test_buying_twice_gives_the_same_shipment(status: int, *, existed: bool) -> None:
    bought = SendcloudClient(Script(says({"data": OURS}, status))).announce(
        wire.announce(REQUEST, with_rules=False)
    )

    assert (bought.shipment.id, bought.existed) == ("ours", existed)


@pytest.mark.parametrize(
    ("answer", "existed"),
    [
        (HTML, False),
        (says({"errors": []}, 409), True),
        (Answer(b"", 409), True),
        (says({"data": {"id": "x", "external_reference_id": "other"}}, 201), False),
    ],
)
def test_an_unreadable_answer_to_a_purchase_is_looked_up_by_reference(
    answer: Answer, *, existed: bool
) -> None:
    script = Script(answer, rows(OURS))

    bought = SendcloudClient(script).announce(wire.announce(REQUEST, with_rules=True))

    assert (bought.shipment.id, bought.existed) == ("ours", existed)
    assert script.calls[1].query["external_reference_id"] == REFERENCE


@pytest.mark.parametrize(
    "look_up",
    [rows(), Answer(b"<html>"), Broken("503"), RateLimited("429"), rows({"id": "x"}), Unreachable("…")],
)
def test_where_the_look_up_gives_nothing_either_the_outcome_is_unknown(look_up: Answer | ApiError) -> None:
    with pytest.raises(Unanswered, match=REFERENCE):
        SendcloudClient(Script(HTML, look_up)).announce(wire.announce(REQUEST, with_rules=False))


@pytest.mark.parametrize("error", [Refused("400"), Unreachable("…"), Unanswered("…"), Broken("502")])
def test_an_error_says_itself_whether_it_may_have_happened(error: ApiError) -> None:
    script = Script(error)

    with pytest.raises(type(error)):
        SendcloudClient(script).announce(wire.announce(REQUEST, with_rules=False))
    assert len(script.calls) == 1


def test_an_answer_too_odd_for_the_transport_is_looked_up_too() -> None:
    bought = SendcloudClient(Script(Unreadable("…"), rows(OURS))).announce(
        wire.announce(REQUEST, with_rules=False)
    )

    assert bought.shipment.id == "ours"


# Labels and service points


def test_a_label_is_a_pdf_or_an_error() -> None:
    assert SendcloudClient(Script(Answer(b"%PDF-1.4"))).label_pdf(1) == b"%PDF-1.4"
    with pytest.raises(Unreadable):
        SendcloudClient(Script(says({}))).label_pdf(1)


def test_a_cancellation_may_be_queued() -> None:
    script = Script(says({"data": {"status": "queued", "message": "…"}}, 202))

    assert SendcloudClient(script).cancel(wire.cancel("a")) == "queued"


@pytest.mark.parametrize("point", ["", "SP-1", "1/2", "012345", "١٢", "1" * 30])
def test_what_can_be_no_service_point_is_none_without_asking(point: str) -> None:
    client = SendcloudClient(Script())

    assert client.service_point(point) is None
    assert not client.service_point_is_available(point)


def test_an_unknown_service_point_is_none_and_takes_no_parcels() -> None:
    client = SendcloudClient(Script(Answer(status=404), Answer(status=404)))

    assert client.service_point("1000001") is None
    assert not client.service_point_is_available("1000001")


@pytest.mark.parametrize("available", [True, False])
def test_a_service_point_says_whether_it_takes_parcels(*, available: bool) -> None:
    script = Script(says({"data": {"is_available": available}}))

    assert SendcloudClient(script).service_point_is_available("1000001") is available
    assert script.asked == ["POST /service-points/1000001/check-availability"]


# Prices


def test_a_price_is_that_of_the_option_that_was_asked_for() -> None:
    quoted = {"quotes": [{"price": {"total": {"value": "6.25", "currency": "EUR"}}}]}
    script = Script(
        rows({"code": "postnl:standard/insured", **quoted}, {"code": "postnl:standard", **quoted})
    )

    price = SendcloudClient(script).quote({"shipping_option_code": "postnl:standard"})

    assert price is not None
    assert (str(price.value), price.currency) == ("6.25", "EUR")
    assert script.asked == ["POST /shipping-options"]


def test_an_option_that_is_not_among_the_answers_has_no_price() -> None:
    assert SendcloudClient(Script(rows())).quote({"shipping_option_code": "postnl:standard"}) is None


def test_an_option_that_has_no_price_says_why_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    error = {"code": "no_price_for_route", "description": "No price found for this method, weight, or route."}
    unpriced = {"code": "postnl:standard", "quotes": [], "quote_error": error}

    with caplog.at_level(logging.INFO):
        assert (
            SendcloudClient(Script(rows(unpriced))).quote({"shipping_option_code": "postnl:standard"}) is None
        )

    assert "price_not_told about=postnl:standard: No price found for this method" in caplog.text


# Before a purchase


def test_what_an_option_demands_is_asked_by_option_and_countries_alone() -> None:
    weight = {"min": {"value": "0.001", "unit": "kg"}, "max": {"value": "23.001", "unit": "kg"}}
    needs = {"fields": ["to_email"], "export_documents": False, "is_service_point_required": False}
    offer = {"code": "postnl:standard", "contract": {"id": 60}, "weight": weight, "requirements": needs}
    script = Script(says({"data": [offer, {**offer, "code": "postnl:standard/signature"}]}))

    (found,) = SendcloudClient(script).option_offers("postnl:standard", to_country="BE", from_country="NL")

    assert (found.contract.id, found.requirements.fields) == (60, ("to_email",))
    assert (found.weight.min_grams, found.weight.max_grams) == (Decimal(1), Decimal(23_000))
    assert script.asked == ["POST /shipping-options"]
    assert script.calls[0].body == {
        "shipping_option_code": "postnl:standard",
        "to_address": {"country_code": "BE"},
        "from_address": {"country_code": "NL"},
    }
    assert not script.calls[0].repeatable


QUESTION: dict[str, Json] = {
    "from_address": {"country_code": "NL", "postal_code": "3511 NK"},
    "to_address": {"country_code": "DE"},
    "shipping_option_code": "postnl:standard",
    "calculate_quotes": True,
}
FLAT = {
    "from_country_code": "NL",
    "from_postal_code": "3511 NK",
    "to_country_code": "DE",
    "shipping_option_code": "postnl:standard",
    "calculate_quotes": True,
}
PRICED = {
    "code": "postnl:standard",
    "quotes": [{"price": {"total": {"value": "6.25", "currency": "EUR"}}}],
}
UNPRICED = {"code": "postnl:standard", "quotes": [], "quote_error": {"code": "no_price_for_route"}}
NO_ADDRESSES = Refused(
    "refused", problems=[FieldProblem("/to_address", "Unknown field.", "unknown_field")], http_status=400
)


@pytest.mark.parametrize(
    "first",
    [NO_ADDRESSES, says({"data": None}), rows({**PRICED, "quotes": None})],
    ids=["refuses addresses", "sees no countries", "tells no prices"],
)
def test_a_sendcloud_that_knows_no_address_objects_is_asked_by_flat_fields_from_then_on(
    first: Answer | Refused,
) -> None:
    script = Script(first, rows(PRICED), rows(PRICED))
    client = SendcloudClient(script)

    assert [client.quote(QUESTION), client.quote(QUESTION)].count(None) == 0
    assert [call.body for call in script.calls] == [QUESTION, FLAT, FLAT]


def test_a_sendcloud_that_knows_address_objects_is_asked_once() -> None:
    script = Script(rows(PRICED), rows(UNPRICED), says({"data": None}))
    client = SendcloudClient(script)

    assert client.quote(QUESTION) is not None
    assert client.quote(QUESTION) is None
    with pytest.raises(Unreadable):
        client.quote(QUESTION)
    assert [call.body for call in script.calls] == [QUESTION] * 3


def test_a_refusal_that_is_not_about_addresses_is_not_asked_again() -> None:
    script = Script(
        Refused("refused", problems=[FieldProblem("/contract_id", "Invalid contract.")], http_status=400)
    )

    with pytest.raises(Refused):
        SendcloudClient(script).quote(QUESTION)


def test_options_that_are_told_in_neither_form_are_asked_by_addresses_the_next_time() -> None:
    script = Script(says({"data": None}), says({"data": None}), rows(PRICED))
    client = SendcloudClient(script)

    with pytest.raises(Unreadable):
        client.quote(QUESTION)
    assert client.quote(QUESTION) is not None
    assert [call.body for call in script.calls] == [QUESTION, FLAT, QUESTION]


def test_an_offer_that_tells_little_demands_little() -> None:
    bare = {"code": "x:y", "contract": None, "weight": None, "requirements": {"fields": None}}

    (found,) = SendcloudClient(Script(says({"data": [bare]}))).option_offers("x:y", to_country="NL")

    assert (found.contract.id, found.requirements.fields, found.weight.max_grams) == (None, (), None)


@pytest.mark.parametrize("answer", [{"data": None}, {"data": {}}, {"data": ["x"]}, [], {}])
def test_options_that_cannot_be_read_are_no_answer(answer: object) -> None:
    with pytest.raises(Unreadable):
        SendcloudClient(Script(says(answer), says(answer))).option_offers("x:y", to_country="NL")


def an_opinion(*, recommended: bool = False, valid: bool | None = False, reasons: object = ()) -> object:
    return {
        "recommended": recommended,
        "analysis": {"validation_result": {"is_valid": valid, "reasons": reasons}},
    }


MISSING = an_opinion(reasons=["STATE_MISSING", "ADDRESS_TOO_LONG"])


@pytest.mark.parametrize(
    ("answer", "objections"),
    [
        ({"input_address_is_valid": True, "results": [MISSING]}, ()),
        ({"input_address_is_valid": None, "results": [MISSING]}, ()),
        ({"results": [MISSING]}, ()),
        ({"input_address_is_valid": False, "results": []}, ()),
        ({"input_address_is_valid": False, "results": None}, ()),
        ({"input_address_is_valid": False, "results": [MISSING, MISSING]}, ("STATE_MISSING", "ADDRESS_TOO_LONG")),
        ({"input_address_is_valid": False, "results": [MISSING, an_opinion(recommended=True)]}, ()),
        ({"input_address_is_valid": False, "results": [MISSING, an_opinion(valid=True)]}, ()),
        ({"input_address_is_valid": False, "results": [{"analysis": None}]}, ()),
        ({"input_address_is_valid": False, "results": [an_opinion(reasons=None)]}, ()),
    ],
)  # fmt: skip
def test_an_address_is_objected_to_only_in_so_many_words(answer: object, objections: tuple[str, ...]) -> None:
    assert SendcloudClient(Script(says(answer))).check_address({}, "postnl").objections == objections


def test_who_lives_there_is_not_told_when_an_address_is_checked() -> None:
    script = Script(says({"input_address_is_valid": True, "results": []}))

    SendcloudClient(script).check_address(
        {"name": "Petra", "email": "p@x.example", "phone_number": "+31", "city": "Oss"}, "postnl"
    )

    assert script.calls[0].body == {"address": {"city": "Oss"}, "carrier_code": "postnl"}
