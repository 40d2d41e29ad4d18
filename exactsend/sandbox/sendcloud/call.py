"""An authenticated call, and the usual forms of an answer."""

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
    """The argument of a handler."""

    request: Request
    world: SendcloudWorld
    account: Account
    integration: Integration

    @property
    def base_url(self) -> str:
        """The beginning of the links in answers."""
        return f"{self.request.host_url}api/v3"

    def body(self) -> Json:
        """The parsed JSON body.

        Raises:
            SendcloudRefusal: 400, when it is not JSON.
        """
        try:
            read: Json = json.loads(self.request.get_data(as_text=True))
        except ValueError as wrong:
            raise SendcloudRefusal(
                400, error(400, "invalid", f"JSON parse error - {wrong}", pointer="/data")
            ) from wrong
        return read

    def check_query(self, name: str) -> None:
        """Refuse query parameters that do not match the vendor's structure."""
        refuse_query(query_problems(name, self.request.args.to_dict()))

    def page_size(self, default: int) -> int:
        """The number of rows on a page; ``check_query`` has checked it."""
        return int(self.request.args.get("page_size", default))


def answer(content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(json.dumps(content), status, dict(headers or {}), content_type="application/json")


def answer_data(content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer under ``data``, the form of nearly all answers."""
    return answer({"data": content}, status, headers)


def refusal_answer(refusal: SendcloudRefusal, *, bare: bool) -> Response:
    """The answer for a refusal."""
    errors: Json = list(refusal.errors)
    return answer(errors if bare else {"errors": errors, **refusal.extra_fields}, refusal.status)
