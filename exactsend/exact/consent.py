"""Asking a person for access: the address to open, and what comes back from it. No I/O, no tokens.

Source: Exact, knowledge base, "OAuth: step 2". There is no scope parameter: rights stand on the app's registration.
"""

import re
from secrets import compare_digest
from urllib.parse import parse_qs, unquote, urlsplit

from exactsend.errors import LoginNeeded

AUTHORIZE_PATH = "/api/oauth2/auth"
_AGAIN = "Run exactsend connect again and open the address that it prints."


def as_https(url: str) -> str:
    """The same URL with https: the library takes no other, also where the sandbox is meant."""
    return "https" + url.removeprefix("https").removeprefix("http")


def authorize_url(base_url: str, client_id: str, redirect_uri: str, state: str) -> str:
    """The address that a person opens to give access."""
    from requests_oauthlib import OAuth2Session  # noqa: PLC0415 - a run asks nobody for access

    base_url = base_url.rstrip("/")
    with OAuth2Session(client_id, redirect_uri=redirect_uri) as session:
        address, _ = session.authorization_url(as_https(base_url) + AUTHORIZE_PATH, state=state)
    return base_url + str(address).removeprefix(as_https(base_url))


def is_an_answer(entered: str) -> bool:
    """Whether what a person copied can be what Exact answered: a code, a refusal, or an address with one of these."""
    return "://" not in entered or bool(re.search(r"[?&](code|error)=", entered))


def read_redirect(address: str, state: str) -> str:
    """The code in what a person copied: the whole address that the browser was sent to, or only the code.

    The code is decoded once. Where only the code was copied, there is no state to compare.

    Raises:
        LoginNeeded: access was denied, or the address is not the answer to our question.
    """
    address = address.strip()
    if not re.search(r"://|[?&]|^(code|state|error)=", address):
        return _code(unquote(address))
    answer = parse_qs(urlsplit(address).query or address)
    if error := _one(answer, "error"):
        raise LoginNeeded(f"Exact gave no access: {_one(answer, 'error_description') or error}", hint=_AGAIN)
    code = _code(_one(answer, "code"))
    if not compare_digest(_one(answer, "state").encode(), state.encode()):
        raise LoginNeeded("the address is not the answer to this request: its state differs", hint=_AGAIN)
    return code


def _code(code: str) -> str:
    if not code:
        raise LoginNeeded("there is no code in what was entered", hint=_AGAIN)
    return code


def _one(answer: dict[str, list[str]], name: str) -> str:
    return answer.get(name, [""])[0]
