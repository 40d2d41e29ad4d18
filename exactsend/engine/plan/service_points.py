"""Whether a consignment's service point can be used, by Sendcloud's answers in this run (T10). Pure."""

from exactsend.domain.problems import Code, hold
from exactsend.engine.snapshot import Snapshot
from exactsend.trade.consignment import Consignment
from exactsend.trade.recipient import recipient
from exactsend.trade.service_point import check_service_point, service_point_id
from exactsend.trade.shipping_option import Option, shipping_choice


def check_point(snapshot: Snapshot, consignment: Consignment) -> None:
    """Refuse a service point that can't be used. A consignment without one passes.

    Raises:
        Held: the point doesn't exist, is unavailable, is in another country or another carrier's, or there was no
            answer.
    """
    wanted = service_point_id(consignment, snapshot.policy)
    if wanted is None:
        return
    check = snapshot.points.get(wanted)
    if check is None or not check.answered:
        raise hold(
            Code.SERVICE_POINT_UNCHECKED,
            {"name": consignment.name, "field": snapshot.policy.service_points.field},
            variant="not_answered",
        )
    choice = shipping_choice(consignment, snapshot.policy)
    check_service_point(
        check.point,
        available=check.available,
        country=recipient(consignment, snapshot.policy).address.country_code,
        option=choice.code if isinstance(choice, Option) else None,
        wanted=wanted,
    )
