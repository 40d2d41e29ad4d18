"""The shapes of Exact's answers: JSON, the XML that comes by default, and refusals."""

import json
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from werkzeug import Response

_JSON = "application/json; charset=utf-8"
_DATE = re.compile(r'"/Date\((-?\d+)\)/"')
_ATOM = "application/atom+xml; charset=utf-8"


class ExactRefusal(Exception):
    """A refused call, as an exception with the status and message of the answer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The refusal as Exact words it (KB "Response codes and error handling")."""
        body = {"error": {"code": "", "message": {"lang": "", "value": self.message}}}
        return Response(json.dumps(body), self.status, self.headers, content_type=_JSON)


def json_response(document: object, status: int = 200, *, escaped_dates: bool = False) -> Response:
    """A document as JSON, with the slashes of its dates escaped on request."""
    text = json.dumps(document)
    if escaped_dates:
        text = _DATE.sub(r'"\\/Date(\1)\\/"', text)
    return Response(text, status, content_type=_JSON)


def atom_response(document: object, status: int = 200) -> Response:
    """What Exact sends unless JSON is requested: just enough of an Atom feed to be recognised as one."""
    text = escape(json.dumps(document))
    feed = f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><content>{text}</content></feed>'
    return Response(feed, status, content_type=_ATOM)


def no_content() -> Response:
    """The answer to a successful write: 204."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
