"""One sign-in to Exact: refreshed once, stored before use, never lost where that can be helped."""

import gzip
import io
import json
import logging
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest

from exactsend.errors import (
    ApiError,
    Broken,
    LedgerError,
    LoginNeeded,
    RateLimited,
    Terminated,
    Unanswered,
    Unreadable,
)
from exactsend.exact.auth import SignIn
from exactsend.exact.tokens import Tokens
from exactsend.http.redaction import Redaction
from exactsend.system.signals import Interrupts
from tests.exact.token_office import MemoryStore, TokenOffice, pair, refused
from tests.moving_clock import MORNING, MovingClock
from tests.wire_server import Answer, Drip, HangUp, WireServer, as_json

FIRST = Tokens(access_token="access-1", refresh_token="stampe!1", received_at=MORNING, expires_in=600)


class Shop:
    """An installation that is signed in with the first pair of tokens, and its Exact."""

    def __init__(self) -> None:
        self.clock = MovingClock()
        self.office = TokenOffice(self.clock)
        self.server = WireServer(self.office)
        self.store = MemoryStore(FIRST.model_dump_json())

    def sign_in(self, answer_seconds: float = 60) -> SignIn:
        return SignIn(
            self.server.url,
            "client-id",
            "client secret/+",
            self.store,
            clock=self.clock,
            interrupts=Interrupts(self.clock.sleep),
            answer_seconds=answer_seconds,
        )

    def stored(self) -> Tokens:
        return Tokens.model_validate_json(self.store.saved or "")

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with shop.server:
        yield shop


def test_a_fresh_token_is_used_across_runs_without_asking(shop: Shop) -> None:
    shop.pass_time(569)

    assert shop.sign_in().bearer() == "access-1"
    assert shop.server.asked == []


def test_a_token_near_its_end_is_refreshed_once(shop: Shop) -> None:
    shop.pass_time(571)
    sign_in = shop.sign_in()

    assert [sign_in.bearer(), sign_in.bearer()] == ["access-2", "access-2"]
    assert len(shop.server.asked) == 1
    assert shop.stored() == Tokens(
        access_token="access-2", refresh_token="stampe!2", received_at=shop.clock(), expires_in=600
    )


def test_the_refresh_is_a_form_without_any_other_credentials(shop: Shop) -> None:
    shop.pass_time(571)

    shop.sign_in().bearer()

    [asked] = shop.server.asked
    assert (asked.method, asked.target) == ("POST", "/api/oauth2/token")
    assert "Authorization" not in asked.headers
    assert asked.form() == {
        "grant_type": "refresh_token",
        "refresh_token": "stampe!1",
        "client_id": "client-id",
        "client_secret": "client secret/+",
    }


def test_the_answer_is_stored_raw_and_then_parsed_before_it_is_used(shop: Shop) -> None:
    shop.pass_time(571)

    shop.sign_in().bearer()

    assert shop.store.steps == ["prove", "save raw", "save"]


@pytest.mark.parametrize("expires_in", ["600", 600])
def test_the_life_of_a_token_comes_as_text_or_number(shop: Shop, expires_in: object) -> None:
    shop.pass_time(571)
    shop.office.instead = [pair(2, expires_in)]

    shop.sign_in().bearer()

    assert shop.stored().expires_in == 600


def test_nothing_is_spent_when_the_store_cannot_be_written(shop: Shop) -> None:
    shop.pass_time(571)
    shop.store.breaks_at = "prove"

    with pytest.raises(LedgerError):
        shop.sign_in().bearer()

    assert shop.server.asked == []


def test_a_raw_answer_that_cannot_be_stored_does_not_lose_the_pair(shop: Shop) -> None:
    shop.pass_time(571)
    shop.store.breaks_at = "save raw"

    assert shop.sign_in().bearer() == "access-2"
    assert shop.stored().refresh_token == "stampe!2"


def test_a_pair_that_was_received_and_not_saved_is_adopted_by_the_next_process(shop: Shop) -> None:
    shop.pass_time(571)
    shop.store.breaks_at = "save"
    with pytest.raises(LedgerError):
        shop.sign_in().bearer()
    shop.store.breaks_at = ""

    assert shop.sign_in().bearer() == "access-2"
    assert shop.stored().refresh_token == "stampe!2"
    assert (len(shop.server.asked), shop.office.replays) == (1, 0)


@pytest.mark.parametrize("raw", ["", "torn {", '{"received_at": "2030-01-01T00:00:00Z", "answer": "<html>"}'])
def test_a_raw_answer_that_is_none_is_passed_over(shop: Shop, raw: str) -> None:
    shop.store.raw = raw

    assert shop.sign_in().bearer() == "access-1"


def test_a_raw_answer_that_is_older_is_passed_over(shop: Shop) -> None:
    answer = json.dumps({"access_token": "a", "refresh_token": "r", "expires_in": "600"})
    before = (MORNING - timedelta(hours=1)).isoformat()
    shop.store.raw = json.dumps({"received_at": before, "answer": answer})

    assert shop.sign_in().bearer() == "access-1"


@pytest.mark.parametrize("saved", [None, "", "torn {", '{"version": 2}'])
def test_without_a_readable_sign_in_a_person_must_connect(shop: Shop, saved: str | None) -> None:
    shop.store.saved = saved

    with pytest.raises(LoginNeeded, match="not signed in"):
        shop.sign_in().bearer()


NOT_EXPIRED = [
    refused(400, "access_denied", "Rate limit exceeded: access_token not expired"),
    refused(400, "invalid_request", "access_token not expired"),
    Answer(401, b"Access Token not expired"),
    Answer(400, b"", {"Reason": "TooEarlyToRefreshTokens: wait"}),
]


@pytest.mark.parametrize("answer", NOT_EXPIRED, ids=lambda answer: f"{answer.status} {answer.body[-24:]!r}")
def test_not_expired_means_that_the_present_token_is_good(shop: Shop, answer: Answer) -> None:
    shop.pass_time(571)
    shop.office.instead = [answer]
    sign_in = shop.sign_in()

    assert [sign_in.bearer(), sign_in.bearer()] == ["access-1", "access-1"]
    assert len(shop.server.asked) == 1
    assert shop.stored() == FIRST


def test_after_not_expired_it_is_tried_again_a_little_later(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.instead = [NOT_EXPIRED[0]]
    sign_in = shop.sign_in()
    sign_in.bearer()

    shop.pass_time(20)

    assert sign_in.bearer() == "access-2"


PASSING = {
    "gateway": as_json({"fault": {"faultstring": "Unable to identify proxy"}}, 500),
    "fault as 404": as_json({"fault": {"faultstring": "Unable to identify proxy"}}, 404),
    "fault as 200": as_json({"fault": {"faultstring": "Unable to identify proxy"}}),
    "nothing": Answer(),
    "nothing as 503": Answer(503),
    "page": Answer(200, b"<html>maintenance</html>"),
    "page as 504": Answer(504, b"<html>maintenance</html>"),
    "list": as_json([]),
    "redirect": Answer(307, headers={"Location": "https://evil.example.com/"}),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_a_passing_trouble_leaves_the_sign_in_as_it_is(shop: Shop, answer: Answer) -> None:
    shop.pass_time(571)
    shop.office.instead = [answer]

    with pytest.raises(Broken):
        shop.sign_in().bearer()

    assert (shop.stored(), shop.store.raw) == (FIRST, None)
    assert shop.sign_in().bearer() == "access-2"


@pytest.mark.parametrize("hang_up", list(HangUp))
def test_a_lost_answer_is_not_asked_for_again_in_the_same_run(shop: Shop, hang_up: HangUp) -> None:
    shop.pass_time(571)
    with WireServer([Answer(body=b"{}  ", hang_up=hang_up)] * 5) as server:
        shop.server = server
        sign_in = shop.sign_in()
        for _ in range(3):
            with pytest.raises(Unanswered):
                sign_in.bearer()

    assert server.connections == 1


@pytest.mark.parametrize("drip", list(Drip))
def test_a_refresh_ends_however_slowly_its_answer_drips(shop: Shop, drip: Drip) -> None:
    shop.pass_time(571)
    shop.office.instead = [Answer(drip=drip)]

    with pytest.raises(Unanswered, match="took too long"):
        shop.sign_in(answer_seconds=0.1).bearer()

    assert shop.server.was_cut.wait(1)
    assert (shop.stored(), shop.store.raw) == (FIRST, None)


def test_tokens_that_are_too_large_are_not_read_to_their_end(shop: Shop) -> None:
    shop.pass_time(571)
    bomb = gzip.compress(b" " * 3_000_000)
    shop.office.instead = [Answer(body=bomb, headers={"Content-Encoding": "gzip"})]

    with pytest.raises(Unreadable, match="more than 1 MB"):
        shop.sign_in().bearer()

    assert (shop.stored(), shop.store.raw) == (FIRST, None)


def test_packed_tokens_are_unpacked(shop: Shop) -> None:
    shop.pass_time(571)
    packed = gzip.compress(pair(2).body)
    shop.office.instead = [Answer(body=packed, headers={"Content-Encoding": "gzip"})]

    assert shop.sign_in().bearer() == "access-2"


def test_a_run_that_goes_on_asks_again_after_a_minute(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.instead = [Answer(503)]
    sign_in = shop.sign_in()
    with pytest.raises(Broken):
        sign_in.bearer()

    shop.pass_time(61)

    assert sign_in.bearer() == "access-2"


DEAD = [
    refused(400, "invalid_request", "The refresh token expired at 1-1-2026 and it is now 1-3-2026"),
    refused(400, "invalid_grant", "Token is not allowed, because of invalid or empty chainId"),
    refused(401, "invalid_client"),
    refused(400, "invalid_request"),
]


@pytest.mark.parametrize("answer", DEAD, ids=lambda answer: answer.body[10:40].decode())
def test_a_dead_sign_in_needs_a_person(shop: Shop, answer: Answer) -> None:
    shop.pass_time(571)
    shop.office.instead = [answer]

    with pytest.raises(LoginNeeded, match="refuses the sign-in") as raised:
        shop.sign_in().bearer()

    assert "whose user changed the password" in raised.value.hint
    assert "exactsend connect" in raised.value.hint


def test_a_token_that_was_used_elsewhere_says_so(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.next_pair()

    with pytest.raises(LoginNeeded, match="another installation") as raised:
        shop.sign_in().bearer()

    assert "whose user changed the password" in raised.value.hint


def test_a_store_that_fails_is_not_taken_for_a_refused_sign_in(shop: Shop) -> None:
    shop.pass_time(571)

    def locked(size: int) -> None:
        del size
        raise LoginNeeded("the keyring is locked", hint="Unlock it.")

    shop.store.prove_writable = locked  # type: ignore[method-assign]  # a keyring's way to fail

    with pytest.raises(LoginNeeded, match="the keyring is locked") as raised:
        shop.sign_in().bearer()

    assert raised.value.hint == "Unlock it."


def test_a_token_that_another_process_used_meanwhile_is_replaced_by_its_pair(shop: Shop) -> None:
    """Whoever saved it did not hold the lock: a restored backup, a store on another machine."""
    shop.pass_time(571)
    theirs = Tokens(
        access_token="access-9", refresh_token="stampe!9", received_at=shop.clock(), expires_in=600
    )
    shop.office.given = 9
    shop.office.meanwhile = lambda: shop.store.save(theirs.model_dump_json())

    assert shop.sign_in().bearer() == "access-9"


def test_too_many_sign_ins_are_a_rate_limit(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.instead = [Answer(429)]

    with pytest.raises(RateLimited):
        shop.sign_in().bearer()


def test_tokens_in_an_unknown_form_are_kept_as_they_came(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.instead = [as_json({"access_token": "a", "refresh_token": "r", "expires_in": "soon"})]

    with pytest.raises(Unreadable):
        shop.sign_in().bearer()

    assert '\\"soon\\"' in (shop.store.raw or "")
    assert shop.stored() == FIRST


def test_a_short_lived_token_is_used_to_its_end_and_then_waited_for(shop: Shop) -> None:
    shop.store.saved = FIRST.model_copy(update={"expires_in": 300}).model_dump_json()
    shop.pass_time(290)
    assert shop.sign_in().bearer() == "access-1"

    shop.pass_time(20)

    with pytest.raises(RateLimited) as early:
        shop.sign_in().bearer()
    assert early.value.pause == timedelta(seconds=260)


def test_a_clock_that_was_set_back_does_not_cause_refreshes(shop: Shop) -> None:
    shop.pass_time(-3600)

    assert shop.sign_in().bearer() == "access-1"
    assert shop.server.asked == []


def wait_for_others() -> None:
    """Leave those who do not wait for the lock the time to ask, too."""
    Event().wait(0.1)


def test_eight_threads_refresh_once(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.meanwhile = wait_for_others
    sign_in, bearers = shop.sign_in(), list[str]()
    threads = [Thread(target=lambda: bearers.append(sign_in.bearer())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bearers == ["access-2"] * 8
    assert (len(shop.server.asked), shop.office.replays) == (1, 0)


def test_eight_sign_ins_with_one_store_refresh_once(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.meanwhile = wait_for_others
    bearers: list[str] = []
    threads = [Thread(target=lambda: bearers.append(shop.sign_in().bearer())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bearers == ["access-2"] * 8
    assert (len(shop.server.asked), shop.office.replays) == (1, 0)


def test_sigterm_during_a_refresh_waits_until_the_pair_is_stored(shop: Shop) -> None:
    shop.pass_time(571)
    shop.office.meanwhile = lambda: os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Terminated):
        shop.sign_in().bearer()

    assert shop.stored().refresh_token == "stampe!2"


def test_a_consent_gives_the_first_pair(shop: Shop) -> None:
    shop.store.saved = None

    shop.sign_in().exchange_code("code!1", "https://example.com/cb")

    assert shop.stored().access_token == "access-2"
    assert shop.server.asked[0].form() == {
        "grant_type": "authorization_code",
        "code": "code!1",
        "redirect_uri": "https://example.com/cb",
        "client_id": "client-id",
        "client_secret": "client secret/+",
    }
    assert shop.store.steps == ["prove", "save raw", "save"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(400, "invalid_grant", "code expired"), LoginNeeded),
        (refused(401, "unauthorized_client", "Old refresh token used."), LoginNeeded),
        (NOT_EXPIRED[0], RateLimited),
        (Answer(503), Broken),
    ],
)
def test_a_code_that_is_refused_leaves_the_old_sign_in(
    shop: Shop, answer: Answer, kind: type[ApiError | LoginNeeded]
) -> None:
    shop.office.instead = [answer]

    with pytest.raises(kind):
        shop.sign_in().exchange_code("code!1", "https://example.com/cb")

    assert shop.stored() == FIRST


def test_a_sign_in_dies_after_thirty_days_unused(shop: Shop) -> None:
    assert shop.sign_in().days_left(MORNING + timedelta(days=20)) == 10
    assert shop.sign_in().days_left(MORNING + timedelta(days=31)) == 0
    shop.store.saved = None
    assert shop.sign_in().days_left(MORNING) is None


def test_no_token_stands_in_a_log_or_a_representation(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stream = io.StringIO()
    sink = logging.StreamHandler(stream)
    sink.addFilter(Redaction(["client secret/+"]))
    logging.getLogger().addHandler(sink)
    shop.pass_time(571)

    shop.sign_in().bearer()

    logging.getLogger().removeHandler(sink)
    written = stream.getvalue() + repr(shop.stored())
    assert "oauth2/token" in written
    for secret in ("access-2", "stampe!1", "stampe%211", "stampe!2", "client secret", "client+secret"):
        assert secret not in written
