"""No secret reaches a log, whoever writes it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from exactsend.http.redaction import Redaction
from exactsend.system.structured_log import log_event

SECRETS = ["stampe!token+value", "client-secret-1", "Basic-Key-22"]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the root logger writes at DEBUG, redacted."""
    root, stream = logging.getLogger(), io.StringIO()
    previous_level, previous_sinks = root.level, root.handlers[:]
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redaction(SECRETS))
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = previous_sinks
    root.setLevel(previous_level)


@pytest.mark.parametrize("logger", ["exactsend", "urllib3.connectionpool", "requests_oauthlib", "oauthlib"])
def test_known_secrets_are_blank_in_every_logger(log: io.StringIO, logger: str) -> None:
    logging.getLogger(logger).debug("it is %s", {"x": SECRETS[0]})

    assert log.getvalue() == "it is {'x': '[redacted]'}\n"


def test_secrets_are_blank_in_exceptions(log: io.StringIO) -> None:
    try:
        raise ValueError(SECRETS[1])  # noqa: TRY301 - the traceback is what this is about
    except ValueError:
        logging.getLogger("exactsend").exception("it failed")

    assert "ValueError: [redacted]" in log.getvalue()
    assert SECRETS[1] not in log.getvalue()


def test_a_record_still_has_its_arguments_written_into_it(log: io.StringIO) -> None:
    logging.getLogger("exactsend").debug("call ms=%d rate=%s", 12, "100%")

    assert log.getvalue() == "call ms=12 rate=100%\n"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer unknown-token-1",
        "{'Authorization': 'Bearer unknown-token-1', 'Accept': '*/*'}",
        "{'Authorization': 'Basic dW5rbm93bi10b2tlbi0x'}",
        "grant_type=refresh_token&refresh_token=unknown-token-1&client_id=x",
        "https://example.com/cb?code=unknown-token-1&state=x",
        "client_secret=unknown-token-1",
        "Obtained token {'access_token': 'unknown-token-1', 'expires_in': 600}",
        '{"refresh_token":"unknown-token-1"}',
        "data [('code', 'unknown-token-1')]",
        '"GET /api/v1/12/crm/Contacts?$filter=Email%20eq%20unknown-token-1 HTTP/1.1" 200 5',
    ],
)
def test_what_looks_like_a_secret_is_blank(text: str) -> None:
    redacted = Redaction().redacted(text)

    assert "unknown-token-1" not in redacted
    assert "dW5rbm93" not in redacted
    assert "[redacted]" in redacted


def test_ordinary_text_stays() -> None:
    text = 'call api=Exact path=/api/v1/12/crm/Contacts outcome=200 country_code=NL "GET /x HTTP/1.1"'

    assert Redaction(["", "on"]).redacted(text) == text


def test_a_secret_that_is_learned_later_is_blank_too() -> None:
    redaction = Redaction()

    redaction.add("learned-later")

    assert redaction.redacted("x learned-later y") == "x [redacted] y"


@pytest.mark.parametrize("secret", ["orders", "order_id", "label_bought"])
def test_the_programs_own_names_stay_whatever_a_secret_is_called(log: io.StringIO, secret: str) -> None:
    for sink in logging.getLogger().handlers:
        sink.addFilter(Redaction([secret]))

    log_event(
        logging.getLogger("exactsend"),
        logging.INFO,
        "label_bought",
        f"said: {secret}",
        orders=5,
        order_id=secret,
    )

    assert log.getvalue() == "label_bought orders=5 order_id=[redacted]: said: [redacted]\n"


def test_a_code_is_no_secret_in_an_event(log: io.StringIO) -> None:
    log_event(logging.getLogger("exactsend"), logging.INFO, "held", code="label_ambiguous")

    assert log.getvalue() == "held code=label_ambiguous\n"


@pytest.mark.parametrize("secret", ['with"quote', "with\\backslash", "wíth-accent"])
def test_a_secret_is_known_in_json_too(secret: str) -> None:
    assert Redaction([secret]).blanked(json.dumps({"a": secret})) == '{"a": "[redacted]"}'
