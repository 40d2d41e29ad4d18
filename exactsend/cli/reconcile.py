"""``reconcile``: whether a label was paid twice, or stands on one side alone. Asks Sendcloud; takes no lock and writes nothing there or in the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from exactsend.cli.context import CommandContext
from exactsend.cli.run import say_error
from exactsend.cli.since import moment_of
from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import Pins
from exactsend.engine.gather.account_identity import require_same
from exactsend.engine.wiring import Services, host_of
from exactsend.errors import ApiError, ExactSendError, ExitStatus, UsageError, worst
from exactsend.sendcloud.client import SendcloudClient
from exactsend.sendcloud.models import Shipment
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.data.read_model import read_model
from exactsend.views.data.reconciliation import Reconciled, There, reconcile, to_ask_for
from exactsend.views.text.json_documents import JsonObject
from exactsend.views.text.reconciliation import reconciled_document, reconciled_lines, reconciled_object

ASKED_SINGLY = 100
"""Up to this many labels that a walk did not show are asked for by their ids; the others count as not answered."""


@dataclass(frozen=True)
class _Compared:
    """One division's labels and shipments side by side, or why they could not be."""

    division: str
    came_to: Reconciled = field(default_factory=Reconciled)
    shipments: int = 0
    error: ExactSendError | None = None

    @property
    def status(self) -> ExitStatus:
        """1 with findings; 7 where a part of the answer is missing."""
        if self.error is not None:
            return self.error.status
        if self.came_to.unanswered:
            return ExitStatus.API
        return ExitStatus.ATTENTION if self.came_to.findings else ExitStatus.DONE


def reconciled(place: CommandContext, since: str) -> ExitStatus:
    """Compare Sendcloud's shipments since then with the ledger; status 1 with findings.

    Raises:
        UsageError: ``since`` is no moment, or has not come yet: nothing would be compared, and nothing wrong found.
    """
    now = place.surroundings.clock()
    start = moment_of(since, now)
    if start > now:
        raise UsageError(f"--since {since} has not come yet", hint="Say 30d, or a day that has begun (UTC).")
    chosen = place.chosen()
    done = [_compared(place, division, start, alone=len(chosen) == 1) for division in chosen]
    if place.terminal.json:
        place.terminal.document(reconciled_document(start, [_object(compared) for compared in done]))
    else:
        _tell(place, done, start, now)
    return worst([compared.status for compared in done])


def _compared(
    place: CommandContext, division: DivisionSettings | BrokenDivision, start: datetime, *, alone: bool
) -> _Compared:
    """What one division can't be compared for stops no other."""
    try:
        if isinstance(division, BrokenDivision):
            raise division.error()
        return _with_ledger(place, division, start)
    except ExactSendError as error:
        if alone:
            raise
        say_error(error, place.terminal, division=division.name)
        return _Compared(division.name, error=error)


def _with_ledger(place: CommandContext, division: DivisionSettings, start: datetime) -> _Compared:
    pinned = place.wiring.pins(division)
    with place.wiring.services(division, pinned=pinned, show_phase=place.terminal.tell) as systems:
        pins = _accounts_behind(place, division, systems)
        place.terminal.tell("asking Sendcloud for the shipments of this integration")
        walk = systems.sendcloud.shipments_updated_after(start, integration=pins.integration)
        # The ledger is read after the walk: what a run buys meanwhile is in it, and is asked for by its id.
        model = read_model(place.wiring, division)
        require_same(model.pins, pins)
        books = model.books(start, walk.shipments)
        walked: There = {ShipmentId(shipment.id): shipment for shipment in walk.shipments}
        there = {**walked, **_asked_for(systems.sendcloud, to_ask_for(books, walked))}
    return _Compared(division.name, reconcile(books, walked, there), len(walked))


def _accounts_behind(place: CommandContext, division: DivisionSettings, systems: Services) -> Pins:
    """Whose the keys are; from then on calls are counted with all that have the same account."""
    who = systems.sendcloud.who_am_i()
    place.wiring.share_account(systems, who.user_id)
    return Pins(
        exact_host=division.exact.host,
        division=division.code,
        sendcloud_host=host_of(place.settings.sendcloud.base_url),
        user=who.user_id,
        integration=who.integration_id,
    )


def _asked_for(sendcloud: SendcloudClient, shipments: Iterable[ShipmentId]) -> There:
    """What Sendcloud says of these; where one is not answered, the rest is not asked for."""
    answers: dict[ShipmentId, Shipment | None] = {}
    try:
        for shipment in list(shipments)[:ASKED_SINGLY]:
            answers[shipment] = sendcloud.shipment(shipment)
    except ApiError:
        return answers
    return answers


def _tell(place: CommandContext, done: list[_Compared], start: datetime, now: datetime) -> None:
    for compared in done:
        if compared.error is not None:
            continue
        name = compared.division if len(done) > 1 else ""
        lines = reconciled_lines(compared.came_to, compared.shipments, start, now, name=name)
        shown = [text for is_news, text in lines if is_news or not place.terminal.quiet]
        if shown:
            place.terminal.result("\n".join(shown))


def _object(compared: _Compared) -> JsonObject:
    return reconciled_object(compared.division, compared.came_to, compared.shipments, compared.error)
