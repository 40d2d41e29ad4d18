"""The entrance of Exact's API: checks the access token, the division and the limits.

``resources`` answers the calls; ``oauth`` has the sign-in pages.
"""

from werkzeug import Request, Response

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.oauth import SignInPages
from exactsend.sandbox.exact.resources import ResourcePath, Resources
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision
from exactsend.sandbox.exact.tokens import Granted

_MAX_ADDRESS = 6000
_COUNTED_ERRORS = frozenset({400, 401, 403, 404})
_MAINTENANCE = "<!doctype html><title>Exact Online</title><h1>Maintenance</h1><p>We will be back soon.</p>"


class ExactApi:
    """Exact's side of the sandbox."""

    def __init__(self, world: ExactWorld) -> None:
        self._world = world
        self._pages = SignInPages(world)
        self._resources = Resources(world)

    def __call__(self, request: Request) -> Response:
        """Answer a call."""
        if self._world.behaviour.maintenance:
            return Response(_MAINTENANCE, 503, content_type="text/html; charset=utf-8")
        try:
            if request.path.startswith("/api/oauth2/"):
                return self._sign_in(request)
            granted = self._granted(request)
        except ExactRefusal as refusal:
            return refusal.response()
        response = self._answer(request, granted)
        self._count_error(granted.client_id, _endpoint(request), response)
        return response

    def _sign_in(self, request: Request) -> Response:
        if request.path == "/api/oauth2/auth":
            return self._pages.authorize(request)
        if request.path == "/api/oauth2/token":
            response = self._pages.token(request)
            self._count_error(request.form.get("client_id", ""), "oauth2/token", response)
            return response
        raise ExactRefusal(404, "Not found.")

    def _granted(self, request: Request) -> Granted:
        if not request.path.startswith("/api/v1/"):
            raise ExactRefusal(404, "Not found.")
        bearer = request.authorization
        token = bearer.token if bearer and bearer.type == "bearer" and bearer.token else ""
        granted = self._world.sign_ins.access(token)
        if granted is None:
            expired = 'Bearer error="invalid_token", error_description="The access token has expired"'
            refusal = ExactRefusal(401, "Unauthorized", {"WWW-Authenticate": expired})
            self._count_error(self._world.sign_ins.client_of(token), _endpoint(request), refusal.response())
            raise refusal
        if self._world.metering.is_blocked(granted.client_id):
            # The block is documented, its status is not; other blocks answer 403.
            raise ExactRefusal(403, "Forbidden", {"Reason": "BlockedKey: too many errors in the last hour"})
        return granted

    def _answer(self, request: Request, granted: Granted) -> Response:
        try:
            _check_length(request)
            address = ResourcePath.parse(request.path)
            if address.division is None:
                return self._resources.current(request, address, granted)
            return self._metered(request, address, self._division(address.division, granted), granted)
        except ExactRefusal as refusal:
            return refusal.response()

    def _division(self, code: int, granted: Granted) -> SandboxDivision:
        division = self._world.divisions.get(code)
        if division is None or code not in granted.divisions:
            raise ExactRefusal(403, "Forbidden", {"Reason": "NoDivisionAccess: no access to this division"})
        if division.blocking_status:
            raise ExactRefusal(403, "Forbidden", {"Reason": "DivisionBlocked: this division is blocked"})
        return division

    def _metered(
        self, request: Request, address: ResourcePath, division: SandboxDivision, granted: Granted
    ) -> Response:
        spent = self._world.metering.count(granted.client_id, division.code)
        if spent is None:
            response = self._resources.answer(request, address, division, granted)
        else:
            response = Response(status=429)
        if self._world.behaviour.rate_headers:
            response.headers.extend(self._world.metering.headers(granted.client_id, division.code, spent))
        return response

    def _count_error(self, client_id: str, endpoint: str, response: Response) -> None:
        if response.status_code in _COUNTED_ERRORS:
            self._world.metering.count_error(client_id, endpoint)


def _check_length(request: Request) -> None:
    if len(request.url) > _MAX_ADDRESS:
        # The limit of 6,000 characters is documented, the answer is not; IIS answers 404 when an address is too long.
        raise ExactRefusal(404, "The request URL is too long.")


def _endpoint(request: Request) -> str:
    """The path without the key; errors are counted per endpoint."""
    return request.path.partition("(")[0]
