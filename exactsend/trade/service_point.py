"""The service point that an order asks for (T10), and whether parcels can be sent to it.

Never switches to home delivery silently: in doubt the consignment is held. ``gather`` looks the point up.
"""

from exactsend.domain.patterns import PatternTooSlow, first_match
from exactsend.domain.policy import Policy, ServicePointsPolicy
from exactsend.domain.problems import Code, Held, hold
from exactsend.domain.templates import sentence
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
            Code.SERVICE_POINTS_DIFFER,
            sentence("The orders of {name} ask for different service points.", name=consignment.name),
            field=policy.service_points.field,
            remedy=sentence(
                "Make the field {field} of these orders the same in Exact.", field=policy.service_points.field
            ),
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
    named = clean(wanted)
    if available is None:
        raise _refused(
            Code.SERVICE_POINT_UNCHECKED,
            sentence("The service point {point} could not be checked with Sendcloud.", point=named),
            cure=sentence("Nothing to do: the next run asks again."),
        )
    if point is None:
        raise _refused(
            Code.SERVICE_POINT_UNKNOWN,
            sentence("The service point {point} does not exist at Sendcloud.", point=named),
        )
    if point.is_expired or not available:
        raise _refused(
            Code.SERVICE_POINT_UNAVAILABLE,
            sentence("The service point {point} is closed or takes no parcels now.", point=named),
        )
    if point.country_code.upper() != country:
        raise _refused(
            Code.SERVICE_POINT_ELSEWHERE,
            sentence(
                "The service point {point} lies in another country than the delivery address.", point=named
            ),
        )
    if option is not None and point.carrier_code != (carrier := option.partition(":")[0]):
        raise _refused(
            Code.SERVICE_POINT_OTHER_CARRIER,
            sentence(
                "The service point {point} is not one of the carrier {carrier}.", point=named, carrier=carrier
            ),
        )


def _refused(code: Code, message: str, *, cure: str = "") -> Held:
    return hold(code, message, field="service point", remedy=cure or _choose())


def _choose() -> str:
    return sentence(
        "Choose another service point with the customer and enter its id in the order's field in Exact, or empty the field for home delivery."
    )


def _wanted(order: SalesOrder, rule: ServicePointsPolicy) -> str | None:
    text = clean(order.text(rule.field))
    if rule.pattern is None:
        return text or None
    try:
        return clean(first_match(rule.pattern, text) or "") or None
    except PatternTooSlow as cause:
        raise hold(
            Code.SERVICE_POINT_PATTERN_SLOW,
            sentence(
                "The pattern for service points takes too long on the field {field} of order {number}.",
                field=rule.field,
                number=order.order_number,
            ),
            field=rule.field,
            remedy=sentence(
                "Write service_points.pattern without repetitions inside repetitions, or correct the field in Exact."
            ),
        ) from cause
