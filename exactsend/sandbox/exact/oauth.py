"""The pages and the token endpoint of Exact's sign-in. ``tokens`` has the rules for the tokens themselves."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import parse_qsl, urlsplit

from werkzeug import Request, Response
from werkzeug.utils import redirect

from exactsend.sandbox.exact.answers import ExactRefusal, json_response
from exactsend.sandbox.exact.state import App, ExactWorld
from exactsend.sandbox.exact.tokens import ACCESS_TOKEN_LIFE, TokenPair, TokenRefusal

_TOO_MANY = 429


class SignInPages:
    """Answers ``/api/oauth2/auth`` and ``/api/oauth2/token``."""

    def __init__(self, world: ExactWorld) -> None:
        self._world = world

    def authorize(self, request: Request) -> Response:
        """Return the page that asks for consent; a POST from its button redirects back to the app."""
        app = checked_app(self._world, request.args)
        if request.method != "POST":
            return Response(self._page(app, request.full_path), content_type="text/html; charset=utf-8")
        chosen = [int(code) for code in request.form.getlist("division") if code.isdigit()]
        return redirect(give_consent(self._world, request.args, chosen or None))

    def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token for a token pair."""
        if request.method != "POST":
            return Response(status=405)
        form = request.form
        basic = request.authorization
        client_id = form.get("client_id") or (basic.username if basic else "") or ""
        secret = form.get("client_secret") or (basic.password if basic else "") or ""
        try:
            return json_response(_body(self._granted(client_id, secret, form)))
        except TokenRefusal as refusal:
            headers = {"Reason": refusal.reason} if refusal.reason else {}
            return Response(refusal.body, refusal.status, headers, content_type="application/json")

    def _granted(self, client_id: str, secret: str, form: Mapping[str, str]) -> TokenPair:
        app = self._world.apps.get(client_id)
        if app is None or app.client_secret != secret:
            raise TokenRefusal(401, "invalid_client", "Unknown client or wrong secret.")
        if not self._world.metering.token_call_allowed(client_id):
            # The daily limit is documented, the answer is not.
            raise TokenRefusal(_TOO_MANY, "access_denied", "Rate limit exceeded: token requests per day")
        sign_ins = self._world.sign_ins
        if form.get("grant_type") == "authorization_code":
            return sign_ins.exchange(client_id, form.get("code", ""), form.get("redirect_uri", ""))
        if form.get("grant_type") == "refresh_token":
            return sign_ins.refresh(client_id, form.get("refresh_token", ""), self._world.behaviour)
        raise TokenRefusal(400, "unsupported_grant_type")

    def _page(self, app: App, action: str) -> str:
        boxes = "".join(
            f'<p><label><input type="checkbox" name="division" value="{division.code}" checked> '
            f"{division.code} {escape(division.description)}</label></p>"
            for division in self._world.divisions.values()
        )
        return (
            "<!doctype html><title>Exact Online (sandbox)</title>"
            f"<h1>Allow {escape(app.client_id)} to use your administrations?</h1>"
            f"<p>Signed in as {escape(self._world.user.name)}. This is a simulation.</p>"
            f'<form method="post" action="{escape(action)}">{boxes}<button>Allow</button></form>'
        )


def checked_app(world: ExactWorld, options: Mapping[str, str]) -> App:
    """The app that an authorize address names.

    Raises:
        ExactRefusal: 401, when the client or the redirect address is not registered.
    """
    app = world.apps.get(options.get("client_id", ""))
    if app is None or options.get("redirect_uri") != app.redirect_uri:
        raise ExactRefusal(401, "The client or its redirect address is not registered.")
    if options.get("response_type") != "code":
        raise ExactRefusal(400, "response_type must be code.")
    return app


def give_consent(
    world: ExactWorld, options: Mapping[str, str], divisions: Iterable[int] | None = None
) -> str:
    """Give consent to these divisions (None: all); return the address that the browser is sent to."""
    app = checked_app(world, options)
    granted = frozenset(world.divisions if divisions is None else divisions)
    return world.sign_ins.consent(app.client_id, app.redirect_uri, options.get("state"), granted)


def query_options(address: str) -> dict[str, str]:
    """The query options of an address."""
    return dict(parse_qsl(urlsplit(address).query))


def _body(pair: TokenPair) -> dict[str, str]:
    return {
        "access_token": pair.access_token,
        "token_type": "bearer",
        "expires_in": json.dumps(
            int(ACCESS_TOKEN_LIFE.total_seconds())
        ),  # a string, as in KB "OAuth: step 3"
        "refresh_token": pair.refresh_token,
    }
