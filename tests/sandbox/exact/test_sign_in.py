"""Exact's OAuth: codes, tokens, and how they die."""

from datetime import timedelta

import pytest
from werkzeug.wrappers import Response

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from tests.sandbox.exact.shop import Exact, code_in


def refresh_token(exact: Exact) -> str:
    return str(exact.exchange(exact.code()).get_json()["refresh_token"])


def error(response: Response) -> tuple[int, str, str]:
    body = response.get_json()
    return response.status_code, body["error"], body.get("error_description", "")


def test_the_consent_page_names_the_divisions(exact: Exact) -> None:
    page = exact.call("GET", exact.authorize_url())

    assert page.status_code == 200
    assert "Second Shop B.V." in page.get_data(as_text=True)


def test_the_button_leads_to_the_redirect_address_with_code_and_state(exact: Exact) -> None:
    answer = exact.call("POST", exact.authorize_url(), data={"division": "1234567"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{starting_worlds.REDIRECT_URI}?code=")
    assert answer.headers["Location"].endswith("%21&state=s1")


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"redirect_uri": "https://elsewhere.example"}])
def test_another_client_or_redirect_address_is_refused(exact: Exact, wrong: dict[str, str]) -> None:
    assert exact.call("GET", exact.authorize_url(**wrong)).status_code == 401
    with pytest.raises(ExactRefusal):
        exact.office.consent(exact.authorize_url(**wrong))


def test_a_code_buys_a_pair_whose_expiry_is_a_string(exact: Exact) -> None:
    pair = exact.exchange(exact.code()).get_json()

    assert pair["expires_in"] == "600"
    assert "!" in pair["refresh_token"]


def test_a_code_works_once(exact: Exact) -> None:
    code = exact.code()
    exact.exchange(code)

    assert exact.exchange(code).status_code == 400


def test_a_code_lives_three_minutes(exact: Exact, clock: SettableClock) -> None:
    code = exact.code()
    clock.advance(timedelta(seconds=181))

    assert exact.exchange(code).status_code == 400


def test_a_wrong_client_secret_is_refused(exact: Exact) -> None:
    assert exact.token("refresh_token", client_secret="wrong").status_code == 401


def test_a_refresh_gives_another_pair(exact: Exact, clock: SettableClock) -> None:
    old = refresh_token(exact)
    clock.advance(timedelta(seconds=570))

    pair = exact.refresh(old).get_json()

    assert pair["refresh_token"] != old


def test_a_spent_refresh_token_is_refused(exact: Exact, clock: SettableClock) -> None:
    old = refresh_token(exact)
    clock.advance(timedelta(seconds=570))
    exact.refresh(old)

    assert error(exact.refresh(old)) == (401, "unauthorized_client", "Old refresh token used.")


def test_an_early_refresh_is_refused_and_spends_nothing(exact: Exact, clock: SettableClock) -> None:
    token = refresh_token(exact)
    clock.advance(timedelta(seconds=569))

    refused = exact.refresh(token)

    assert error(refused) == (400, "access_denied", "Rate limit exceeded: access_token not expired")
    assert refused.headers["Reason"].startswith("TooEarlyToRefreshTokens: ")
    clock.advance(timedelta(seconds=1))
    assert exact.refresh(token).status_code == 200


def test_by_choice_only_full_expiry_allows_a_refresh(exact: Exact, clock: SettableClock) -> None:
    exact.world.exact.behaviour = ExactBehaviour(refresh_from_seconds=600, early_refresh_as_401=True)
    token = refresh_token(exact)
    clock.advance(timedelta(seconds=599))

    assert error(exact.refresh(token))[2] == "Access Token not expired"


def test_a_refresh_token_unused_for_thirty_days_has_expired(exact: Exact, clock: SettableClock) -> None:
    token = refresh_token(exact)
    clock.advance(timedelta(days=30, seconds=1))

    status, name, description = error(exact.refresh(token))

    assert (status, name) == (400, "invalid_request")
    assert description.startswith("The refresh token expired at ")


def test_a_new_consent_kills_the_older_chain(exact: Exact, clock: SettableClock) -> None:
    older = refresh_token(exact)
    newer = refresh_token(exact)
    clock.advance(timedelta(seconds=600))

    assert error(exact.refresh(older))[1] == "invalid_grant"
    assert exact.refresh(newer).status_code == 200


def test_two_hundred_token_calls_a_day(exact: Exact) -> None:
    exact.world.exact.limits.tokens_per_day = 2  # the fixture made one

    assert exact.exchange(exact.code()).status_code == 200
    assert exact.exchange(exact.code()).status_code == 429


def test_an_access_token_lives_600_seconds(exact: Exact, clock: SettableClock) -> None:
    clock.advance(timedelta(seconds=599))
    assert exact.get("inventory/Warehouses", select="Code").status_code == 200

    clock.advance(timedelta(seconds=1))
    refused = exact.get("inventory/Warehouses", select="Code")

    assert refused.status_code == 401
    assert "expired" in refused.headers["WWW-Authenticate"]


def test_a_division_that_was_not_granted_is_refused(exact: Exact) -> None:
    code = code_in(exact.office.consent(exact.authorize_url(), divisions=[starting_worlds.SECOND_DIVISION]))
    exact.access_token = exact.exchange(code).get_json()["access_token"]

    refused = exact.get("inventory/Warehouses", select="Code")

    assert refused.status_code == 403
    assert refused.headers["Reason"].startswith("NoDivisionAccess")


def test_a_revoked_consent_ends_access_at_once(exact: Exact, clock: SettableClock) -> None:
    token = refresh_token(exact)
    exact.office.revoke_consent()
    clock.advance(timedelta(seconds=600))

    assert exact.get("inventory/Warehouses", select="Code").status_code == 401
    assert error(exact.refresh(token))[1] == "invalid_grant"


def test_a_missing_right_is_a_scope_violation(exact: Exact) -> None:
    exact.office.set_right("Logistics inventory", None)

    refused = exact.get("inventory/Warehouses", select="Code")

    assert refused.status_code == 403
    assert "Forbidden - Application Scope Violated. Cannot read" in refused.get_data(as_text=True)


def test_a_blocked_division_says_so(exact: Exact) -> None:
    exact.office.block_division()

    assert exact.get("inventory/Warehouses", select="Code").headers["Reason"].startswith("DivisionBlocked")
