"""One authenticated call: who asks, in which world, with what body; and the plain ways to answer it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug import Request, Response

from exactsend.sandbox.json_tree import Json
from exactsend.sandbox.sendcloud.accounts import Account, Integration
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, refuse_query
from exactsend.sandbox.sendcloud.structure import query_problems
from exactsend.sandbox.sendcloud.world import SendcloudWorld


@dataclass(frozen=True)
class ApiCall:
    """What a handler gets."""

    request: Request
    world: SendcloudWorld
    account: Account
    integration: Integration

    @property
    def base_url(self) -> str:
        """What the links in answers begin with."""
        return f"{self.request.host_url}api/v3"

    def body(self) -> Json:
        """The request's JSON; 400 where it is none."""
        try:
            read: Json = json.loads(self.request.get_data(as_text=True))
        except ValueError as wrong:
            raise SendcloudRefusal(
                400, error(400, "invalid", f"JSON parse error - {wrong}", pointer="/data")
            ) from wrong
        return read

    def check_query(self, name: str) -> None:
        """Refuse parameters that the vendor's structure refuses."""
        refuse_query(query_problems(name, self.request.args.to_dict()))

    def page_size(self, default: int) -> int:
        """How many rows a page holds; checked before."""
        return int(self.request.args.get("page_size", default))


def answer(content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(json.dumps(content), status, dict(headers or {}), content_type="application/json")


def answer_data(content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer under ``data``, as nearly all are."""
    return answer({"data": content}, status, headers)


def refusal_answer(refusal: SendcloudRefusal, *, bare: bool) -> Response:
    """The answer that a refusal becomes."""
    errors: Json = list(refusal.errors)
    return answer(errors if bare else {"errors": errors, **refusal.beside}, refusal.status)
