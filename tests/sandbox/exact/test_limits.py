"""Exact's allowances: per minute, per day, and for errors."""

from datetime import timedelta

from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.call_limits import Limits
from tests.sandbox.exact.shop import Exact

LIST = "inventory/Warehouses"


def test_answers_carry_both_families_of_headers(exact: Exact) -> None:
    headers = exact.get(LIST).headers

    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("5000", "4999")
    assert headers["X-RateLimit-Reset"] == "1795478400000"  # midnight UTC
    assert headers["X-RateLimit-Minutely-Remaining"] == "59"
    assert headers["X-RateLimit-Minutely-Reset"] == "1795426260000"  # the next full minute


def test_the_61st_call_in_a_clock_minute_is_refused(exact: Exact, clock: SettableClock) -> None:
    statuses = [exact.get(LIST).status_code for _ in range(60)]
    refused = exact.get(LIST)

    assert set(statuses) == {200}
    assert (refused.status_code, refused.get_data()) == (429, b"")
    assert "X-RateLimit-Remaining" not in refused.headers
    assert refused.headers["X-RateLimit-Minutely-Remaining"] == "0"
    clock.advance(timedelta(minutes=1))
    assert exact.get(LIST).status_code == 200


def test_the_day_limit_holds_until_midnight(exact: Exact, clock: SettableClock) -> None:
    exact.office.use_up_calls(calls_left_today=1)

    assert exact.get(LIST).status_code == 200
    refused = exact.get(LIST)

    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert "X-RateLimit-Minutely-Remaining" not in refused.headers
    clock.advance(timedelta(days=1))
    exact.sign_in_again()
    assert exact.get(LIST).status_code == 200


def test_who_is_signed_in_is_not_counted(exact: Exact) -> None:
    exact.world.exact.limits = Limits(per_day=0)

    assert exact.call("GET", "/api/v1/current/Me", headers=exact.headers).status_code == 200


def test_by_choice_there_are_no_headers(exact: Exact) -> None:
    exact.world.exact.behaviour.rate_headers = False

    assert "X-RateLimit-Limit" not in exact.get(LIST).headers


def test_the_eleventh_error_in_an_hour_blocks_the_app(exact: Exact, clock: SettableClock) -> None:
    for _ in range(10):
        exact.get(LIST, filter="Nonsense eq 1")
    assert exact.get(LIST).status_code == 200

    exact.get(LIST, filter="Nonsense eq 1")

    assert exact.get("crm/Addresses").headers["Reason"].startswith("BlockedKey")
    clock.advance(timedelta(hours=1))
    exact.sign_in_again()
    assert exact.get(LIST).status_code == 200


def test_errors_of_different_endpoints_or_hours_do_not_add_up(exact: Exact, clock: SettableClock) -> None:
    for entity in (LIST, "crm/Addresses"):
        for _ in range(10):
            exact.get(entity, filter="Nonsense eq 1")
    clock.advance(timedelta(hours=1))
    exact.sign_in_again()
    exact.get(LIST, filter="Nonsense eq 1")

    assert exact.get(LIST).status_code == 200


def test_misses_by_key_count_per_endpoint_not_per_key(exact: Exact) -> None:
    for number in range(11):
        exact.get(f"crm/Addresses(guid'00000000-0000-0000-0000-{number:012}')")

    assert exact.get("crm/Addresses").status_code == 403


def test_maintenance_is_a_page(exact: Exact) -> None:
    exact.world.exact.behaviour.maintenance = True

    answer = exact.get(LIST)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
