"""A small shop's Exact, called without a socket: the wire has its own tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.api import ExactApi
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.world import World

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
AUTHORIZE = {
    "client_id": starting_worlds.CLIENT_ID,
    "redirect_uri": starting_worlds.REDIRECT_URI,
    "response_type": "code",
    "state": "s1",
}


@dataclass
class Exact:
    """Exact as an app sees it."""

    world: World
    clock: SettableClock
    access_token: str = ""
    _api: ExactApi = field(init=False)

    def __post_init__(self) -> None:
        self._api = ExactApi(self.world.exact)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}", "Accept": "application/json"}

    @property
    def office(self) -> Office:
        return Office(self.world.exact, lock=self.world.lock)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> Response:
        builder = EnvironBuilder(
            path,
            "http://127.0.0.1",
            query,
            method=method,
            headers=list((headers or {}).items()),
            data=data,
            json=json,
        )
        try:
            return self._api(Request(builder.get_environ()))
        finally:
            builder.close()

    def authorize_url(self, **changed: str) -> str:
        options = "&".join(f"{name}={value}" for name, value in {**AUTHORIZE, **changed}.items())
        return f"http://127.0.0.1/api/oauth2/auth?{options}"

    def code(self) -> str:
        return code_in(self.office.consent(self.authorize_url()))

    def token(self, grant_type: str, **form: str) -> Response:
        app = {"client_id": starting_worlds.CLIENT_ID, "client_secret": starting_worlds.CLIENT_SECRET}
        return self.call("POST", "/api/oauth2/token", data={**app, "grant_type": grant_type, **form})

    def exchange(self, code: str) -> Response:
        return self.token("authorization_code", code=code, redirect_uri=starting_worlds.REDIRECT_URI)

    def refresh(self, refresh_token: str) -> Response:
        return self.token("refresh_token", refresh_token=refresh_token)

    def sign_in_again(self) -> None:
        """Consent anew, after the access token has expired."""
        self.access_token = self.exchange(self.code()).get_json()["access_token"]

    def ask(
        self,
        method: str,
        entity: str,
        *,
        json: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Response:
        """Call below the division."""
        path = f"/api/v1/{starting_worlds.DIVISION}/{entity}"
        return self.call(method, path, query=query, headers=self.headers, json=json)

    def get(self, entity: str, **options: str) -> Response:
        """Read; options without their dollar sign."""
        return self.ask("GET", entity, query={f"${name}": value for name, value in options.items()})

    def rows(self, entity: str, **options: str) -> list[dict[str, Any]]:
        response = self.get(entity, **options)
        assert response.status_code == 200, response.get_data(as_text=True)
        found = response.get_json()["d"]
        return found if isinstance(found, list) else list(found["results"])

    def version(self, entity: str, key: str) -> int:
        """The row version of one row, as sync shows it."""
        name = "EntryID" if entity.endswith("GoodsDeliveries") else "ID"
        rows = self.rows(entity, select=f"{name},Timestamp", filter="Timestamp gt 1L")
        return next(int(row["Timestamp"]) for row in rows if row[name] == key)


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def message(response: Response) -> str:
    """The sentence of a refusal."""
    body: Mapping[str, Any] = response.get_json()
    return str(body["error"]["message"]["value"])
