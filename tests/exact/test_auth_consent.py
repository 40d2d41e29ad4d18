"""The address that a person opens, and what comes back from it."""

from urllib.parse import parse_qs, urlsplit

import pytest

from exactsend.errors import LoginNeeded
from exactsend.exact.consent import authorize_url, read_redirect


@pytest.mark.parametrize("base_url", ["https://start.exactonline.co.uk", "http://127.0.0.1:8080"])
def test_the_address_holds_what_exact_asks_for_and_no_scope(base_url: str) -> None:
    url = authorize_url(base_url, "client-id", "https://example.com/cb", "the-state")

    assert url.startswith(f"{base_url}/api/oauth2/auth?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["client-id"],
        "redirect_uri": ["https://example.com/cb"],
        "state": ["the-state"],
    }


@pytest.mark.parametrize(
    "entered",
    [
        "https://example.com/cb?code=stampe%21NL001.a&state=the-state",
        " https://example.com/cb?state=the-state&code=stampe!NL001.a \n",
        "code=stampe%21NL001.a&state=the-state",
        "stampe%21NL001.a",
        "stampe!NL001.a",
    ],
)
def test_the_code_is_read_from_the_address_or_alone(entered: str) -> None:
    assert read_redirect(entered, "the-state") == "stampe!NL001.a"


def test_the_code_is_decoded_once() -> None:
    assert read_redirect("https://example.com/cb?code=a%2521&state=s", "s") == "a%21"


@pytest.mark.parametrize(
    ("entered", "why"),
    [
        ("https://example.com/cb?code=a&state=another", "state differs"),
        ("https://example.com/cb?code=a", "state differs"),
        ("https://example.com/cb?state=the-state", "no code"),
        ("https://example.com/cb?error=access_denied&state=the-state", "access_denied"),
        ("", "no code"),
        ("https://example.com/cb", "no code"),
    ],
)
def test_anything_else_needs_another_try(entered: str, why: str) -> None:
    with pytest.raises(LoginNeeded, match=why) as refused:
        read_redirect(entered, "the-state")

    assert "exactsend connect" in refused.value.hint
