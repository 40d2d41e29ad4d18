"""Every answer to a write is lost, in every way that answers are lost: then run again until all is quiet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from werkzeug import Request, Response

from exactsend.sandbox.faults import FaultKind
from exactsend.sandbox.sendcloud.behaviour import SendcloudBehaviour
from tests.prove.invariants import check, remembered
from tests.prove.kills import require_sign_in
from tests.prove.services import CallFault, Spoil, Which, at
from tests.prove.shop import SETTLED, Shop
from tests.prove.trial import Play, Rehearsal, Trial

TOKEN_PATH = "/api/oauth2/token"
ANNOUNCE = "/announce"
PATIENCE_SECONDS = 0.7
"""A service on this very machine answers in hundredths; what drips is not waited for."""
CHANGED, DIFFERS = "changed_after_label", "differs_from_delivery"


@dataclass(frozen=True)
class Loss:
    """A way in which an answer is lost."""

    name: str
    lose: FaultKind | None = None
    spoil: Spoil = lambda _request, response: response
    arrives: bool = True
    """The service has done what was asked."""


def _instead(status: int, text: str = "", content_type: str = "text/html") -> Spoil:
    return lambda _request, _response: Response(text, status, content_type=content_type)


def _half(_request: Request, response: Response) -> Response:
    whole = response.get_data()
    return Response(whole[: len(whole) // 2], response.status_code, content_type=response.content_type)


LOSSES = (
    Loss("lost on its way", FaultKind.LOST_BEFORE, arrives=False),
    Loss("answer lost", FaultKind.LOST_AFTER),
    Loss("answer cut", FaultKind.CUT_ANSWER),
    Loss("500 after storing", spoil=_instead(500, '{"error": "internal"}', "application/json")),
    Loss("502 after storing", spoil=_instead(502, "<html><h1>Bad gateway</h1></html>")),
    Loss("504 after storing", spoil=_instead(504)),
    Loss("empty 200", spoil=_instead(200)),
    Loss("page with 200", spoil=_instead(200, "<html>Please wait</html>")),
    Loss("half of the JSON", spoil=_half),
)


DRIPS = (
    Loss("the whole answer drips", FaultKind.DRIPPING_HEAD),
    Loss("the body drips", FaultKind.DRIPPING_BODY),
)


def dripping_answers(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each answer of the run, reads included, comes a byte at a time and is given up; once, writes also until the run after the next."""
    for place, call in enumerate(rehearsal.calls):
        loses_sign_in = TOKEN_PATH in call
        for drip in DRIPS:
            name = f"{place} {short(call)}: {drip.name}"
            yield Trial(name, _dripped(at(place), drip, loses_sign_in=loses_sign_in))
        if not loses_sign_in and not call.startswith("GET"):
            again = _dripped(from_then_on(place, call), DRIPS[0], runs=2)
            yield Trial(f"{place} {short(call)}: {DRIPS[0].name}, again and again", again)


def lost_answers(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each write of the run and each renewal of tokens, in each way; once, and until the run after the next."""
    for place, call in enumerate(rehearsal.calls):
        if not call.startswith("GET"):
            for loss in LOSSES:
                loses_sign_in = TOKEN_PATH in call and loss.arrives
                yield Trial(
                    f"{place} {short(call)}: {loss.name}", _lost(at(place), loss, loses_sign_in=loses_sign_in)
                )
                if not loses_sign_in:
                    yield Trial(
                        f"{place} {short(call)}: {loss.name}, again and again",
                        _lost(from_then_on(place, call), loss, runs=2),
                    )


def from_then_on(place: int, call: str) -> Which:
    """That call and all of its kind that follow."""
    method, _, path = call.partition(" ")
    kind = kind_of(path.partition("?")[0])
    return lambda found, request: (
        found >= place and request.method == method and kind_of(request.path) == kind
    )


def short(call: str) -> str:
    """Method and path, without what was asked."""
    return call.partition("?")[0]


def kind_of(path: str) -> str:
    """The path without ids."""
    return (
        path.partition("(")[0]
        if "/api/v1/" in path
        else "/".join(part for part in path.split("/") if not part.isdigit())
    )


def _dripped(which: Which, drip: Loss, *, runs: int = 1, loses_sign_in: bool = False) -> Play:
    lost = _lost(which, drip, runs=runs, loses_sign_in=loses_sign_in)

    def play(shop: Shop) -> None:
        shop.longest_call = PATIENCE_SECONDS
        lost(shop)

    return play


def _lost(which: Which, loss: Loss, *, runs: int = 1, loses_sign_in: bool = False) -> Play:
    def play(shop: Shop) -> None:
        with shop.serving() as services:
            services.inject(CallFault(which, spoil=loss.spoil, lose=loss.lose))
            for _ in range(runs):
                shop.run()
                shop.clock.advance(SETTLED)
            shop.counts["struck"] += services.wire.hits
            services.clear_faults()
            shop.go_on()
            check(shop)
        require_sign_in(shop, may_be_lost=loses_sign_in)

    return play


# ── whatever Sendcloud is like ───────────────────────────────────────────────────────────────────

BEHAVIOURS: Mapping[str, Mapping[str, object]] = {
    "409 without data": {"conflict_body": "empty"},
    "409 with a bare shipment": {"conflict_body": "bare"},
    "look-ups lag 3 minutes": {"lookups_lag": timedelta(minutes=3)},
    "look-ups lag 9 minutes": {"lookups_lag": timedelta(minutes=9)},
    "look-ups lag 40 minutes": {"lookups_lag": timedelta(minutes=40)},
    "announces later": {"announce_answers_announcing": True},
    "a failure frees its reference": {"reference_kept_by_failed": False},
    "failures have no tracking number": {"failed_with_tracking_number": False},
    "oldest first": {"listing_order": "oldest_first"},
    "orders stored late": {"orders_saved_after": timedelta(minutes=2)},
    "orders stored very late": {"orders_saved_after": timedelta(minutes=20)},
    "bare errors": {"errors_bare": True},
}


def lost_purchases_of_every_kind(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each purchase, lost in each way, at a Sendcloud that behaves in each way that its documents leave open."""
    places: Sequence[int] = [place for place, call in enumerate(rehearsal.calls) if ANNOUNCE in call]
    for name, switches in BEHAVIOURS.items():
        yield Trial(f"{name}: nothing lost", _behaving(switches, _lost(_never, LOSSES[0])))
        for place in places:
            for loss in LOSSES:
                yield Trial(f"{name}: {place} {loss.name}", _behaving(switches, _lost(at(place), loss)))


def _never(_place: int, _request: Request) -> bool:
    return False


def _behaving(switches: Mapping[str, object], play: Play) -> Play:
    def behaving(shop: Shop) -> None:
        shop.world.sendcloud.behaviour = SendcloudBehaviour(**switches)  # type: ignore[arg-type]  # as named there
        play(shop)

    return behaving


# ── and the delivery changes meanwhile ───────────────────────────────────────────────────────────


def changed_meanwhile(rehearsal: Rehearsal) -> Iterator[Trial]:
    """The purchase is lost, and before the next run the delivery is sent to another address in Exact: 409 with other content."""
    (place,) = [place for place, call in enumerate(rehearsal.calls) if ANNOUNCE in call]
    for name, switches in {"": {}, **BEHAVIOURS}.items():
        for loss in LOSSES:
            yield Trial(
                f"{name} {loss.name}, then another address", _behaving(switches, _changed(place, loss))
            )


def _changed(place: int, loss: Loss) -> Play:
    def play(shop: Shop) -> None:
        (delivery,) = shop.expected.labels
        with shop.serving() as services:
            services.inject(CallFault(at(place), spoil=loss.spoil, lose=loss.lose))
            shop.run()
            shop.counts["struck"] += services.wire.hits
            services.clear_faults()
            is_known = (known := remembered(shop, delivery)) is not None and known.label is not None
            move(shop, delivery)
            shop.go_on()
            if loss.arrives:
                shop.expected.reported[delivery] = CHANGED if is_known else DIFFERS
            check(shop)
            if loss.arrives and not is_known and services.office.tracking(delivery):
                shop.findings.append(
                    "a label to another address was written back before a person had looked at it"
                )

    return play


def move(shop: Shop, delivery: int) -> None:
    """Send a delivery to another address than its order names."""
    office = shop.services.office
    account = office.delivery(delivery).text("DeliveryAccount")
    elsewhere = office.add_address(account, "Dam 1", postcode="1017 GC", city="Amsterdam")
    office.edit_delivery(delivery, DeliveryAddress=elsewhere)
