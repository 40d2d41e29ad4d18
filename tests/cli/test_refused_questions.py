"""What a service refuses is told by ``status`` and ``doctor``: since when, what is not done for it, whose right is missing."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from exactsend.domain.division_records import RefusedQuestion, RefusedQuestions
from exactsend.domain.record_store import RecordStore
from exactsend.domain.request_purposes import PURPOSES
from exactsend.ledger.store import Ledger
from exactsend.operations.doctor.endpoint_reads import ENDPOINT_READS
from tests.cli.test_checking import errors_of_exact
from tests.shop import Shop

SINCE = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
RIGHTS_OF_THE_USER = r"/users/UserHasRights\?"


def a_refusal(
    endpoint: str = "sync/Deleted", *, service: str = "exact", method: str = "GET", status: int | None = 403
) -> RefusedQuestion:
    return RefusedQuestion.model_validate({
        "service": service, "method": method, "endpoint": endpoint, "status": status, "since": SINCE, "asked_at": SINCE,
    })  # fmt: skip


def remember(shop: Shop, *refusals: RefusedQuestion) -> None:
    """Put refusals into the ledger, as a run does that meets them."""
    questions = {f"{refusal.service} {refusal.method} {refusal.endpoint}": refusal for refusal in refusals}
    folder = shop.state / "1234567"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Ledger.open(folder, run_id="test", clock=shop.clock, program="test") as ledger:
        RecordStore(ledger).note("question_refused", RefusedQuestions(questions=questions))


def refuse(shop: Shop, path: str, *, status: int = 403, words: str = "Forbidden") -> None:
    """Have Exact refuse what leads to a path, in words and for good."""
    body = json.dumps({"error": {"code": "", "message": {"lang": "", "value": words}}})
    shop.sandbox.faults.answer_instead(
        "GET", path, status=status, text=body, content_type="application/json", times=None
    )


def user_has_rights(shop: Shop, answer: str) -> None:
    """Have Exact give this answer to every question for the user's rights."""
    shop.sandbox.faults.answer_instead(
        "GET", RIGHTS_OF_THE_USER, status=200, text=answer, content_type="application/json", times=None
    )


# ── status ───────────────────────────────────────────────────────────────────────────────────────


def test_status_lists_what_is_refused_the_oldest_first(shop: Shop) -> None:
    later = a_refusal("orders", service="sendcloud", status=404).replace(since=SINCE.replace(hour=9))
    remember(shop, later, a_refusal(), a_refusal("salesorder/GoodsDeliveries", method="PUT"))

    (row,) = json.loads(shop.run("status", "--json").out)["divisions"]

    told = [(item["service"], item["endpoint"], item["status"], item["since"]) for item in row["refused"]]
    assert told == [
        ("exact", "PUT salesorder/GoodsDeliveries", 403, "2026-11-23T08:30:00Z"),
        ("exact", "sync/Deleted", 403, "2026-11-23T08:30:00Z"),
        ("sendcloud", "orders", 404, "2026-11-23T09:30:00Z"),
    ]
    assert row["refused"][1]["not_done"] == PURPOSES["exact", "GET", "sync/Deleted"].not_done
    assert "Organization administration" in row["refused"][1]["remedy"]


def test_status_says_below_its_table_what_is_not_done(shop: Shop) -> None:
    remember(shop, a_refusal())

    heading, _, *lines = shop.run("status").out.splitlines()

    assert heading.startswith("division")
    assert len(lines) == 1
    assert lines[0].startswith(
        "sandbox: Exact refuses sync/Deleted (403), since 2026-11-23 08:30 UTC. "
        "Deleted orders are noticed only when they are read again. → Give the app the right"
    )


def test_an_answer_that_is_none_is_not_called_a_refusal(shop: Shop) -> None:
    remember(shop, a_refusal("shipments", service="sendcloud", status=200))

    assert "sandbox: Sendcloud's answer to shipments can't be read, since" in shop.run("status").out


def test_status_is_silent_where_nothing_is_refused(shop: Shop) -> None:
    assert len(shop.run("status").out.splitlines()) == 2
    assert json.loads(shop.run("status", "--json").out)["divisions"][0]["refused"] == []


def test_what_a_run_was_refused_stands_in_status_until_it_is_answered_again(shop: Shop) -> None:
    refuse(shop, r"/sync/SalesOrder/SalesOrderHeaders\?")
    assert shop.run("sync").status == 0
    shop.pass_time(minutes=5)
    assert shop.run("sync").status == 0

    told = "sandbox: Exact refuses sync/SalesOrder/SalesOrderHeaders (403), since"
    assert told in shop.run("status").out

    shop.sandbox.faults.clear()
    shop.pass_time(minutes=70)
    shop.run("sync")
    assert "refuses" not in shop.run("status").out


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


def test_doctor_asks_every_endpoint_of_exact_that_runs_read(shop: Shop) -> None:
    shop.run("doctor")

    # With a question mark: asked where another question is refused.
    read = {
        name
        for service, method, name in PURPOSES
        if (service, method) == ("exact", "GET") and "?" not in name
    }
    asked = {
        re.sub(r"^/api/v1/(\d+/)?", "", call.path.partition("?")[0])
        for call in shop.sandbox.calls
        if call.api == "exact"
    }
    assert read - asked == set()


ENDPOINTS = [reading.endpoint for readings in ENDPOINT_READS.values() for reading in readings]


@pytest.mark.parametrize("endpoint", ["system/Divisions", "current/Me", *ENDPOINTS])
@pytest.mark.parametrize("status", [403, 500])
def test_a_refused_endpoint_stops_no_other_check(shop: Shop, endpoint: str, status: int) -> None:
    refuse(shop, rf"/{re.escape(endpoint)}(\?|$)", status=status, words="Not this one")

    printed = json.loads(shop.run("doctor", "--json").out)

    assert {"Exact", "Sendcloud", "contract"} <= set(printed["checked"][0]["checks"])
    needing = [row["needs"] for row in printed["skipped"]]
    assert set(needing) <= {endpoint, "Exact's clock"}
    assert any(endpoint in finding["message"] for finding in printed["findings"])
    asked = errors_of_exact(shop)
    assert max(asked.count(path) for path in {*asked, ""}) <= 3


def test_an_app_that_lacks_a_right_is_told_from_a_user_that_does(shop: Shop) -> None:
    refuse(shop, r"/crm/Contacts\?", words="Forbidden - Application Scope Violated")

    out = shop.run("doctor").out

    assert 'Exact refuses crm/Contacts (403): the app lacks the right "Crm accounts"' in out


@pytest.mark.parametrize("answer", ['{"d": false}', '{"d": {"UserHasRights": false}}'])
def test_a_right_that_only_the_user_lacks_is_told_as_such(shop: Shop, answer: str) -> None:
    refuse(shop, r"/crm/Contacts\?")
    user_has_rights(shop, answer)

    out = shop.run("doctor").out

    assert (
        "sandbox, rights: Crm accounts: Exact refuses crm/Contacts (403): the user who signed in lacks the right to it\n"
        "  Orders and deliveries with a contact person wait. Everything else goes on.\n"
        "  → Give that user the right to it in Exact"
    ) in out
    asked = next(call for call in shop.sandbox.calls if "UserHasRights" in call.path)
    assert dict(parse_qsl(asked.query)) == {"endpoint": "'crm/Contacts'", "action": "'GET'"}


def test_a_right_that_the_user_has_is_missing_elsewhere(shop: Shop) -> None:
    refuse(shop, r"/crm/Contacts\?")
    user_has_rights(shop, '{"d": true}')

    out = shop.run("doctor").out

    assert "the user has the right to it, so the app or the licence lacks it" in out
    assert 'Give the app the right "Crm accounts" at apps.exactonline.com' in out


@pytest.mark.parametrize("answer", ['{"d": "perhaps"}', "<html>"])
def test_where_exact_does_not_tell_neither_does_doctor_and_stops_asking(shop: Shop, answer: str) -> None:
    refuse(shop, r"/crm/\w+\?")
    user_has_rights(shop, answer)

    out = shop.run("doctor").out

    assert out.count("Exact does not say whether the app or the user lacks the right") == 3
    assert sum("UserHasRights" in call.path for call in shop.sandbox.calls) <= 2


def test_a_right_of_the_user_is_told_by_exact_itself(shop: Shop) -> None:
    shop.sandbox.world.exact.user_rights.withhold("crm/Contacts")

    out = shop.run("doctor").out

    assert out.count("Exact refuses crm/Contacts (403): the user who signed in lacks the right to it") == 1
    assert "has no right to GET crm/Contacts" not in out  # that would be the same again


def test_a_stream_is_asked_for_by_the_listing_that_it_is_of(shop: Shop) -> None:
    refuse(shop, r"/sync/SalesOrder/SalesOrderHeaders\?")
    shop.sandbox.world.exact.user_rights.withhold("salesorder/SalesOrders")

    out = shop.run("doctor").out

    assert "Exact refuses sync/SalesOrder/SalesOrderHeaders (403): the user who signed in lacks" in out


@pytest.mark.parametrize("in_object", [False, True])
def test_an_empty_list_instead_of_a_refusal_is_found_out(shop: Shop, *, in_object: bool) -> None:
    behaviour, rights = shop.sandbox.world.exact.behaviour, shop.sandbox.world.exact.user_rights
    behaviour.missing_right, behaviour.rights_in_object = "nothing", in_object
    rights.withhold("logistics/Items")

    finished = shop.run("doctor")

    assert finished.status == 1
    assert (
        "sandbox, rights: of the user: according to Exact, the user who signed in has no right to GET logistics/Items"
        in finished.out
    )


def test_a_right_to_write_that_the_user_lacks_is_found_out_without_writing(shop: Shop) -> None:
    shop.sandbox.world.exact.user_rights.withhold("salesorder/GoodsDeliveries", "PUT")

    assert "has no right to PUT salesorder/GoodsDeliveries" in shop.run("doctor").out
    assert shop.sandbox.writes() == []


def test_where_exact_says_nothing_of_rights_that_is_a_note(shop: Shop) -> None:
    refuse(shop, RIGHTS_OF_THE_USER)

    finished = shop.run("doctor")

    assert finished.status == 0
    assert "note: sandbox, rights: of the user: Exact does not say which rights" in finished.out
    assert sum("UserHasRights" in call.path for call in shop.sandbox.calls) == 2


def test_doctor_says_since_when_a_question_is_refused_that_is_refused_again(shop: Shop) -> None:
    remember(shop, a_refusal("crm/Contacts"))
    refuse(shop, r"/crm/Contacts\?")

    out = shop.run("doctor").out

    assert out.count("crm/Contacts (403), since 2026-11-23 08:30 UTC: ") == 1


def test_where_a_stream_is_refused_what_runs_ask_instead_is_asked_too(shop: Shop) -> None:
    refuse(shop, r"/sync/SalesOrder/SalesOrderHeaders\?")
    refuse(shop, r"/salesorder/SalesOrders\?.*Modified%20ge", status=400, words="Filtering is not supported")

    out = shop.run("doctor").out

    assert "Exact refuses sync/SalesOrder/SalesOrderHeaders (403)" in out
    assert "Exact refuses salesorder/SalesOrders?Modified (400): Filtering is not supported" in out
    assert "Only changes of open orders are noticed, within an hour; new orders are not." in out


def test_what_runs_ask_only_instead_is_asked_again_where_it_was_refused(shop: Shop) -> None:
    remember(shop, a_refusal("crm/Contacts?Modified"))

    finished = shop.run("doctor")

    assert finished.status == 0
    assert "refused questions: Exact answers crm/Contacts?Modified again" in finished.out


def test_a_filter_for_the_division_that_is_refused_is_done_without(shop: Shop) -> None:
    refuse(shop, r"/system/Divisions\?.*filter", status=400, words="Filtering is not supported")

    out = shop.run("doctor").out

    assert "sandbox, Exact: Exact refuses system/Divisions?Code (400): Filtering is not supported" in out
    assert "  All divisions are read instead of this one." in out
    assert "not checked" not in out


def test_doctor_says_what_is_answered_again(shop: Shop) -> None:
    remember(shop, a_refusal())

    finished = shop.run("doctor")

    assert finished.status == 0
    assert (
        "note: sandbox, refused questions: Exact answers sync/Deleted again, which it refused since 2026-11-23 08:30 UTC"
        in finished.out
    )


def test_a_refused_writing_is_told_and_never_tried(shop: Shop) -> None:
    remember(shop, a_refusal("salesorder/GoodsDeliveries", method="PUT"))
    user_has_rights(shop, '{"d": false}')

    finished = shop.run("doctor")

    assert finished.status == 1
    assert (
        "sandbox, refused questions: Exact refuses PUT salesorder/GoodsDeliveries (403), since 2026-11-23 08:30 UTC: "
        "the user who signed in lacks the right to it" in finished.out
    )
    assert shop.sandbox.writes() == []


def test_refusals_of_sendcloud_are_findings_too(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", r"/api/v3/orders", status=404, times=None)

    out = shop.run("doctor").out

    assert "sandbox, shipments and orders: Sendcloud refuses orders (404)" in out
    assert "Whether incoming orders still exist in the panel is not checked" in out


def test_exact_out_of_order_is_one_finding(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", "/api/v1/", status=503, times=None)

    printed = json.loads(shop.run("doctor", "--json").out)

    assert [finding["check"] for finding in printed["findings"]] == ["Exact"]
