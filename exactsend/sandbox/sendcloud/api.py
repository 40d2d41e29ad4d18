"""The entrance of the simulated Sendcloud: checks the keys and limits, and routes each call to its handler."""

from collections.abc import Callable
from typing import Any, TypeAlias

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from exactsend.sandbox.sendcloud import (
    address_checks,
    option_calls,
    order_listing,
    orders,
    parcel_calls,
    service_points,
    settings_calls,
    shipments,
)
from exactsend.sandbox.sendcloud.accounts import Account, Integration
from exactsend.sandbox.sendcloud.announcement import apply_due_changes
from exactsend.sandbox.sendcloud.call import ApiCall, refusal_answer
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, not_found
from exactsend.sandbox.sendcloud.world import SendcloudWorld

Handler: TypeAlias = Callable[..., Response]

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/user/auth/metadata", settings_calls.get_metadata),
    ("GET", "/integrations", settings_calls.list_integrations),
    ("GET", "/integrations/<int:integration_id>", settings_calls.get_integration),
    ("GET", "/addresses/sender-addresses", settings_calls.list_sender_addresses),
    ("GET", "/addresses/sender-addresses/<int:address_id>", settings_calls.get_sender_address),
    ("POST", "/addresses/validate", address_checks.post_validate_address),
    ("GET", "/contracts", settings_calls.list_contracts),
    ("POST", "/shipping-options", option_calls.post_shipping_options),
    ("GET", "/service-points", service_points.list_service_points),
    ("GET", "/service-points/<int:point_id>", service_points.get_service_point),
    ("POST", "/service-points/<int:point_id>/check-availability", service_points.post_check_availability),
    ("POST", "/orders", orders.post_orders),
    ("GET", "/orders", order_listing.list_orders),
    ("GET", "/orders/<int:pk>", orders.get_order),
    ("PATCH", "/orders/<int:pk>", orders.patch_order),
    ("DELETE", "/orders/<int:pk>", orders.delete_order),
    ("POST", "/shipments/announce", shipments.post_announce),
    ("POST", "/shipments/announce-with-shipping-rules", shipments.post_announce_with_rules),
    ("GET", "/shipments", shipments.list_shipments),
    ("GET", "/shipments/<shipment_id>", shipments.get_shipment),
    ("POST", "/shipments/<shipment_id>/cancel", shipments.post_cancel),
    ("GET", "/parcels/statuses", parcel_calls.list_statuses),
    ("GET", "/parcels/tracking/<number>", parcel_calls.get_tracking),
    ("GET", "/parcels/<int:parcel_id>/documents/<kind>", parcel_calls.get_document),
    ("GET", "/parcel-documents/<kind>", parcel_calls.get_documents),
)
_MAP = Map(
    [Rule(f"/api/v3{path}", methods=[method], endpoint=handler) for method, path, handler in _ROUTES],
    strict_slashes=False,
    redirect_defaults=False,
    merge_slashes=False,
)


class SendcloudApi:
    """Answers calls; the caller holds the world's lock."""

    def __init__(self, world: SendcloudWorld) -> None:
        self._world = world

    def __call__(self, request: Request) -> Response:
        """Answer a call."""
        try:
            return self._answer(request)
        except SendcloudRefusal as refusal:
            return refusal_answer(refusal, bare=self._world.behaviour.errors_bare)

    def _answer(self, request: Request) -> Response:
        account, integration = self._caller(request)
        if "Sendcloud-Partner-Id" in request.headers:
            raise SendcloudRefusal(
                400, error(400, "invalid", "Unknown partner.", header="Sendcloud-Partner-Id")
            )
        is_write = request.method != "GET"
        if not account.calls.allow(is_write=is_write, now=self._world.clock()):
            return self._too_many()
        if request.path.removeprefix("/api/v3") in self._world.behaviour.missing_calls:
            raise not_found()
        handler, arguments = _route(request)
        if not is_write:
            apply_due_changes(self._world)
        return handler(ApiCall(request, self._world, account, integration), **arguments)

    def _caller(self, request: Request) -> tuple[Account, Integration]:
        """The account and integration of the key pair."""
        given = request.authorization
        if given is None or given.type != "basic":
            raise _unauthenticated("Authentication credentials were not provided.")
        for account in self._world.accounts:
            for integration in account.integrations:
                if (integration.public_key, integration.secret_key) == (given.username, given.password):
                    return account, integration
        raise _unauthenticated("Invalid username/password.")

    def _too_many(self) -> Response:
        """The 429, which has an empty body."""
        seconds = self._world.behaviour.retry_after
        return Response(status=429, headers={} if seconds is None else {"Retry-After": str(seconds)})


def _unauthenticated(detail: str) -> SendcloudRefusal:
    return SendcloudRefusal(401, error(401, "authentication_failed", detail, pointer="/data"))


def _route(request: Request) -> tuple[Handler, dict[str, Any]]:
    try:
        handler, arguments = _MAP.bind_to_environ(request.environ).match()
    except MethodNotAllowed as wrong:
        raise SendcloudRefusal(
            405, error(405, "method_not_allowed", f'Method "{request.method}" not allowed.')
        ) from wrong
    except HTTPException as wrong:
        raise not_found() from wrong
    found: Handler = handler
    return found, dict(arguments)
