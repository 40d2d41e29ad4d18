"""A connected shop whose division is run in this process, with a clock that is moved by hand; the command line has its own tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.division_run import (
    Progress,
    Run,
    RunOptions,
    open_division,
    run_deliveries,
    run_division,
)
from exactsend.engine.plan.actions import ActionKind, Outcome
from exactsend.engine.snapshot import LabelRequested
from exactsend.engine.sync import ALL_STEPS, RunResult, Step
from exactsend.engine.wiring import Wiring
from exactsend.http.messages import Call
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.sendcloud.behaviour import SendcloudBehaviour
from exactsend.sandbox.sendcloud.records import Shipment
from exactsend.sandbox.server import RecordedCall
from exactsend.sandbox.world import World
from exactsend.settings.models import DivisionSettings
from exactsend.system.durable_files import FaultHook
from tests.installation import MONDAY, SECRETS, OrderFields, order_mugs
from tests.shop import AUTOMATIC_LABELS, ServedShop, division_tables, toml_lines

START = MONDAY
OTHER_INTEGRATION = 7003
AUTOMATIC = AUTOMATIC_LABELS
MANUAL = {"create_automatically": "false", "shipping_option": '"postnl:standard"'}


class FaultHooks(TypedDict, total=False):
    """What a process may do otherwise than usual: fields of ``Process``."""

    call_hook: Callable[[str, Call], None]
    disk_hook: FaultHook
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    max_wait: timedelta


class Shop(ServedShop):
    """One division between the two sandboxed services."""

    wiring: Wiring
    mark: int = 0

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def connect(self) -> None:
        """Sign in, and start a process."""
        super().connect()
        self.restart()

    def restart(self) -> None:
        """A new process on the same state."""
        self.wiring = Wiring(self.settings, self.process)

    def with_hooks(self, **fault_hooks: Unpack[FaultHooks]) -> None:
        """A new process whose calls or disk writes are watched."""
        self.wiring = Wiring(self.settings, replace(self.process, **fault_hooks))

    def run(
        self,
        *,
        after: timedelta = timedelta(0),
        division: str = "sandbox",
        steps: Sequence[Step] = ALL_STEPS,
        dry_run: bool = False,
        max_labels: int | None = None,
    ) -> Run:
        """One run, after some time has passed; ``writes`` then lists what it wrote."""
        self.clock.advance(after)
        self.mark = len(self.sandbox.calls)
        options = RunOptions(steps=steps, dry_run=dry_run, max_labels=max_labels)
        run = run_division(self.wiring, self.division_named(division), options)
        assert not self.sandbox.crashes, self.sandbox.crashes[-1]
        return run

    def ask(self, number: int, *, another: int | None = None) -> RunResult:
        """What ``labels create`` does for one delivery."""
        delivery = self.delivery_id(number)
        with open_division(self.wiring, self.division, RunOptions(), Progress(), {}) as place:
            return run_deliveries(place, [delivery], {delivery: LabelRequested(another)})

    # ── the two sides ────────────────────────────────────────────────────────────────────────────

    @property
    def division(self) -> DivisionSettings:
        return self.division_named("sandbox")

    @property
    def behaviour(self) -> SendcloudBehaviour:
        return self.sandbox.world.sendcloud.behaviour

    @property
    def writes(self) -> list[RecordedCall]:
        """What the last run wrote, on either side."""
        return [call for call in self.sandbox.calls_since(self.mark) if call.is_write]

    @property
    def written(self) -> list[str]:
        """The same in short: method and the path without ids."""
        return [f"{call.method} {call.path.split('/', 3)[-1].split('(')[0]}" for call in self.writes]

    @property
    def purchases(self) -> list[RecordedCall]:
        return [call for call in self.sandbox.calls if call.method == "POST" and "/announce" in call.path]

    def incoming(self) -> list[str]:
        """The numbers of the incoming orders."""
        return sorted(order.order_number for order in self.panel.incoming())

    def live(self) -> dict[str, list[str]]:
        """Order number → ids of its live labels."""
        found: dict[str, list[str]] = {}
        for shipment in self.panel.labels():
            found.setdefault(shipment.order_number, []).append(shipment.shipment_id)
        return found

    def paid(self) -> int:
        """How many labels are charged."""
        return len(self.sandbox.world.sendcloud.paid())

    def lives_of(self, delivery: int) -> list[Shipment]:
        """Live labels that bear a reference of this delivery."""
        mine = f"-{self.delivery_id(delivery)}-"
        return [label for label in self.panel.labels() if mine in (label.external_reference_id or "")]

    # ── what is remembered ───────────────────────────────────────────────────────────────────────

    @property
    def records(self) -> RecordStore:
        return RecordStore(Overlay(self.wiring.view(self.division)))

    def delivery_id(self, number: int) -> DeliveryId:
        return DeliveryId(self.office.delivery_id(number).lower())

    def record(self, number: int) -> DeliveryRecord:
        found = self.records.delivery(self.delivery_id(number))
        assert found is not None
        return found

    def order(self, number: int) -> OrderRecord:
        found = self.records.order(OrderId(self.office.order_id(number).lower()))
        assert found is not None
        return found

    def entry(self, number: int) -> IncomingRecord | None:
        """What is remembered of an order's entry."""
        order = self.office.order_id(number).lower()
        return self.records.incoming(IncomingRef(f"exact-{starting_worlds.DIVISION}-o-{order}"))

    def problem(self, number: int, stage: str = "label") -> str:
        """The code of a delivery's problem; empty where it has none."""
        found = self.record(number).problems.get(stage)  # type: ignore[call-overload]  # one of the stages
        return str(found.code) if found else ""

    # ── trade ────────────────────────────────────────────────────────────────────────────────────

    def place(
        self, line: str = "Kanaalstraat 12", *, quantity: float = 2, **order: Unpack[OrderFields]
    ) -> int:
        """An approved order of mugs by a customer of its own."""
        order.setdefault("method", "PNL")
        return order_mugs(self.office, (line, "3531 GV"), quantity=quantity, **order)

    def place_of(self, item: str) -> int:
        """An approved order of another item, by a customer of its own."""
        account = self.office.order(self.place()).text("DeliverTo")
        return self.office.place_order(account, [(item, 1, 20.0)], method="PNL")

    def label_by_another_app(self, order_number: str, postal_code: str = "3531 GV") -> Shipment:
        """A label made through another integration of the same Sendcloud account."""
        account = self.sandbox.world.sendcloud.accounts[0]
        if account.integration(OTHER_INTEGRATION) is None:
            account.add_integration(
                public_key="other", secret_key="other", integration_id=OTHER_INTEGRATION, shop_name="Other"
            )
        to = {"name": "X", "address_line_1": "Kanaalstraat 12", "city": "Utrecht", "country_code": "NL"}
        return self.panel.make_label_elsewhere(
            order_number,
            OTHER_INTEGRATION,
            to_address={**to, "postal_code": postal_code},
            option="postnl:standard",
        )

    def address_of(self, order: int) -> str:
        return self.office.order(order).text("DeliveryAddress")


def outcomes(run: Run | RunResult, kind: ActionKind | None = None) -> list[Outcome]:
    """What a run reports, of one kind."""
    return [outcome for outcome in run.outcomes if outcome.listed and kind in (None, outcome.kind)]


def told(run: Run | RunResult) -> set[tuple[str, str, str]]:
    """Kind, outcome and reason of what a run reports."""
    return {(outcome.kind.value, outcome.outcome.value, outcome.reason) for outcome in outcomes(run)}


@contextmanager
def open_shop(
    folder: Path,
    *,
    small: bool = False,
    labels: Mapping[str, str] = AUTOMATIC,
    orders: Mapping[str, str] | None = None,
    more: str = "",
    secrets: Mapping[str, str] = SECRETS,
    world: Callable[[SettableClock], World] | None = None,
) -> Iterator[Shop]:
    """A shop that is connected and has not been run: the small one, one with nothing but items, or another world."""
    make = world or (starting_worlds.small_shop if small else starting_worlds.empty)
    tables = division_tables(labels)
    if orders:
        tables += f"[divisions.sandbox.orders]\n{toml_lines(orders)}\n"
    with Shop(folder, config=tables + more, secrets=secrets, world=make) as shop:
        if make is starting_worlds.empty:
            shop.office.add_item("MUG", "Enamel mug", weight=0.35, hs_code="732394", origin="NL")
            shop.office.add_item("LAMP", "Desk lamp", weight=1.8, hs_code="940521", origin="DE")
        shop.connect()
        yield shop
