"""The consent page where a person grants access: its address, and the address it redirects to. No I/O, no tokens.

Source: Exact, knowledge base, "OAuth: step 2". There is no scope parameter: the app's registration lists the rights.
"""

import re
from secrets import compare_digest
from urllib.parse import parse_qs, unquote, urlsplit

from exactsend.errors import LoginNeeded

AUTHORIZE_PATH = "/api/oauth2/auth"
_CONNECT_AGAIN = "Run exactsend connect again and open the address that it prints."


def as_https(url: str) -> str:
    """The same URL with https: the library accepts nothing else, even for the sandbox."""
    return "https" + url.removeprefix("https").removeprefix("http")


def authorize_url(base_url: str, client_id: str, redirect_uri: str, state: str) -> str:
    """The address that a person opens to grant access."""
    from requests_oauthlib import OAuth2Session  # noqa: PLC0415 - runs do not need it

    base_url = base_url.rstrip("/")
    with OAuth2Session(client_id, redirect_uri=redirect_uri) as session:
        address, _ = session.authorization_url(as_https(base_url) + AUTHORIZE_PATH, state=state)
    return base_url + str(address).removeprefix(as_https(base_url))


def is_redirect_or_code(entered: str) -> bool:
    """Whether what a person pasted may be Exact's answer: a code, or an address with a code or an error."""
    return "://" not in entered or bool(re.search(r"[?&](code|error)=", entered))


def read_redirect(address: str, state: str) -> str:
    """The code in what a person pasted: the whole address that the browser was redirected to, or only the code.

    The code is decoded once. If only the code was pasted, there is no state to compare.

    Raises:
        LoginNeeded: access was denied, or the address does not belong to this request.
    """
    address = address.strip()
    if not re.search(r"://|[?&]|^(code|state|error)=", address):
        return _code(unquote(address))
    answer = parse_qs(urlsplit(address).query or address)
    if error := _first(answer, "error"):
        reason = _first(answer, "error_description") or error
        raise LoginNeeded(f"Exact did not grant access: {reason}", hint=_CONNECT_AGAIN)
    code = _code(_first(answer, "code"))
    if not compare_digest(_first(answer, "state").encode(), state.encode()):
        raise LoginNeeded(
            "the address does not belong to this request: its state differs", hint=_CONNECT_AGAIN
        )
    return code


def _code(code: str) -> str:
    if not code:
        raise LoginNeeded("the text that was entered has no code", hint=_CONNECT_AGAIN)
    return code


def _first(answer: dict[str, list[str]], name: str) -> str:
    return answer.get(name, [""])[0]
