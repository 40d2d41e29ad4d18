"""The service point that an order asks for (T10), and whether parcels can be sent to it.

Never switches to home delivery silently: in doubt the consignment is held. ``gather`` looks the point up.
"""

from exactsend.domain.patterns import PatternTooSlow, first_match
from exactsend.domain.policy import Policy, ServicePointsPolicy
from exactsend.domain.problems import Code, hold
from exactsend.exact.models import SalesOrder
from exactsend.sendcloud.models import ServicePoint
from exactsend.trade.consignment import Consignment
from exactsend.trade.text import clean


def service_point_id(consignment: Consignment, policy: Policy) -> str | None:
    """The id of the orders' service point; None for home delivery.

    Raises:
        Held: the orders of one delivery ask for different ones, or the pattern takes too long.
    """
    if not policy.service_points.enabled:
        return None
    wanted = {_wanted(order, policy.service_points) for order in consignment.orders}
    if len(wanted) > 1:
        raise hold(
            Code.SERVICE_POINTS_DIFFER, {"name": consignment.name, "field": policy.service_points.field}
        )
    return wanted.pop()


def check_service_point(
    point: ServicePoint | None, *, available: bool | None, country: str, option: str | None, wanted: str
) -> None:
    """Refuse a service point that can't be used.

    Args:
        point: Sendcloud's record; None: the id is unknown.
        available: Sendcloud's answer whether parcels can be sent there now; None: no answer.
        country: the recipient's country.
        option: the shipping option to use; None: Sendcloud's rules choose one.
        wanted: the id in Exact.

    Raises:
        Held: it does not exist, is closed, is in another country, belongs to another carrier, or could not be
            checked.
    """
    named = {"point": clean(wanted)}
    if available is None:
        raise hold(Code.SERVICE_POINT_UNCHECKED, named)
    if point is None:
        raise hold(Code.SERVICE_POINT_UNKNOWN, named)
    if point.is_expired or not available:
        raise hold(Code.SERVICE_POINT_UNAVAILABLE, named)
    if point.country_code.upper() != country:
        raise hold(Code.SERVICE_POINT_ELSEWHERE, named)
    if option is not None and point.carrier_code != (carrier := option.partition(":")[0]):
        raise hold(Code.SERVICE_POINT_OTHER_CARRIER, {**named, "carrier": carrier})


def _wanted(order: SalesOrder, rule: ServicePointsPolicy) -> str | None:
    text = clean(order.text(rule.field))
    if rule.pattern is None:
        return text or None
    try:
        return clean(first_match(rule.pattern, text) or "") or None
    except PatternTooSlow as cause:
        raise hold(
            Code.SERVICE_POINT_PATTERN_SLOW, {"field": rule.field, "number": str(order.order_number)}
        ) from cause
