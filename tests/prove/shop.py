"""A connected shop that is broken on purpose: both services on one port, a state folder, runs, and what all should come to.

A shop is copied by forking the process that holds it: see ``lane``. It knows nothing of the ways to break it.
"""

import math
import shutil
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from os import getpid
from pathlib import Path

from exactsend.credentials.file_store import FileStore
from exactsend.credentials.sign_in import sign_in_folder
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.division_run import RunOptions, run_division
from exactsend.engine.wiring import Process, Wiring
from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.world import World
from exactsend.settings.models import DivisionSettings
from exactsend.system.durable_files import FaultHook, no_fault
from exactsend.system.signals import Interrupts
from tests.installation import EXACT_SECRET, MONDAY, SERVICES, Installation, order_mugs, sendcloud_keys
from tests.prove.clock import SharedClock
from tests.prove.services import Services

SETTLED = timedelta(minutes=6)
"""Between two runs of the timer: longer than labels.settle_minutes."""
MOST_RUNS = 12
SECRETS = {
    **EXACT_SECRET,
    **sendcloud_keys("sandbox-public", "sandbox-secret", division="main"),
    **sendcloud_keys("sandbox2-public", "sandbox2-secret", division="second"),
}
DIVISIONS = """
[defaults.labels]
create_automatically = {automatic}
start_date = 2026-11-20
shipping_option = "postnl:standard"
[divisions.main]
code = 1234567
[divisions.second]
code = 7654321
"""
GOOD = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION})


@dataclass
class Expected:
    """What all should have come to once everything is quiet."""

    labels: dict[int, str] = field(default_factory=dict)
    """Delivery → the order number that its label bears."""
    held: dict[int, str] = field(default_factory=dict)
    """Delivery without a label → the code of its problem."""
    incoming: set[str] = field(default_factory=set)
    """The order numbers among the incoming orders."""
    remarks: dict[int, str] = field(default_factory=dict)
    """Delivery → what stood in its remarks before."""
    reported: dict[int, str] = field(default_factory=dict)
    """Delivery with a label → the code of the problem that must be told beside it."""
    foreign: set[str] = field(default_factory=set)
    """Shipments that somebody else paid for."""


class Shop(Installation):
    """One installation of exactsend, with both services and all that a person does there."""

    def __init__(self, folder: Path, port: int, world: Callable[[SharedClock], World]) -> None:
        self.clock = SharedClock(MONDAY)
        super().__init__(folder, environ=SECRETS, clock=self.clock, sleep=self.clock.sleep)
        self.world = world(self.clock)
        self.port = port
        self.services = Services(self.world, port=port)
        self.expected = Expected()
        self.findings: list[str] = []
        """What was not as promised."""
        self.counts = Counter[str]()
        self.longest_call = math.inf
        """Seconds that any call is waited for at most."""
        self.max_wait = timedelta(minutes=10)
        """How long a run may wait for room in Exact's minute."""

    # ── the two services ─────────────────────────────────────────────────────────────────────────

    @contextmanager
    def serving(self) -> Iterator[Services]:
        """Both services can be reached. Fork before, never inside: they are served by threads."""
        self.services = Services(self.world, port=self.port)
        with self.services:
            yield self.services

    def connect(self, state: Path | None = None) -> None:
        """What a person does with ``exactsend connect``."""
        self.sign_in(self.services.office.consent, self.wiring(self.process_on(state)))

    # ── a process of exactsend ───────────────────────────────────────────────────────────────────

    def process_on(self, state: Path | None = None) -> Process:
        """What a process that runs here works with; perhaps on another state."""
        return replace(
            self.process,
            state=state or self.state,
            longest_call=self.longest_call,
            max_wait=self.max_wait,
        )

    def wiring(
        self, process: Process, *, disk_hook: FaultHook = no_fault, interrupts: Interrupts | None = None
    ) -> Wiring:
        """The real systems of that process; with a fault hook also under its credentials."""
        wiring = Wiring(self.settings, replace(process, disk_hook=disk_hook), interrupts)
        wiring.use_store(FileStore(sign_in_folder(process.state), fault_hook=disk_hook))
        return wiring

    def division(self, name: str = "main") -> DivisionSettings:
        """A division of the configuration."""
        return self.division_named(name)

    def run(
        self,
        *,
        state: Path | None = None,
        name: str = "main",
        ahead: Callable[[], timedelta] = timedelta,
    ) -> ExitStatus:
        """One sync in this very process. A bug is a finding, as is a crash of the services.

        ``ahead``: by how much this machine's clock is ahead of the services'.
        """
        process = replace(self.process_on(state), clock=lambda: self.clock() + ahead())
        try:
            run = run_division(self.wiring(process), self.division(name), RunOptions())
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            self.findings.append(f"a bug: {traceback.format_exc(limit=-4)}")
            return ExitStatus.BUG
        self.counts["runs"] += 1
        return run.exit_status

    def go_on(self, *, state: Path | None = None) -> None:
        """Run as a timer would, and sign in where that is asked for, until a run writes nothing, and nothing is left to decide or to try again."""
        statuses: list[int] = []
        waited: set[tuple[object, ...]] = set()
        for _ in range(MOST_RUNS):
            self.clock.advance(SETTLED)
            mark = len(self.services.calls)
            status = self.run(state=state)
            statuses.append(int(status))
            if status is ExitStatus.LOGIN:
                self.counts["sign-ins lost"] += 1
                self.connect(state)
            elif status in GOOD and not any(call.is_write for call in self.services.calls_since(mark)):
                due = {attempt: when for attempt, when in self._tries(state).items() if attempt not in waited}
                if not due and not self.records(state).todo():
                    return
                waited |= set(due)
                self.clock.advance(max(timedelta(0), max(due.values(), default=self.clock()) - self.clock()))
        self.findings.append(f"never comes to rest: runs ended with {statuses}")

    def _tries(self, state: Path | None) -> dict[tuple[object, ...], datetime]:
        """What has failed and is tried again by itself, with the time for it."""
        return {
            (known.number, stage, problem.code): problem.next_try
            for known in self.records(state).open_deliveries()
            for stage, problem in known.problems.items()
            if problem.next_try
        }

    # ── what is remembered ───────────────────────────────────────────────────────────────────────

    def records(self, state: Path | None = None) -> RecordStore:
        """What the ledger of the main division remembers."""
        return RecordStore(Overlay(self.wiring(self.process_on(state)).view(self.division())))

    def moved_to(self, folder: Path) -> None:
        """Go on alone on a copy of the state: what happens here stays here."""
        self.clock.part()
        state = folder / "state"
        if self.state.exists():
            shutil.copytree(self.state, state)
        self.state = state


def new_shop(
    folder: Path,
    port: int,
    *,
    automatic: bool = True,
    world: Callable[[SharedClock], World] = starting_worlds.empty,
) -> Shop:
    """A shop with items and nothing else, configured and not connected."""
    shop = Shop(folder, port, world)
    write_config(shop, automatic=automatic)
    shop.services.office.add_item("MUG", "Enamel mug", weight=0.35, hs_code="732394", origin="NL")
    return shop


def write_config(shop: Shop, *, automatic: bool = True, more: str = "") -> None:
    """The configuration of both divisions."""
    url = f"http://127.0.0.1:{shop.port}"
    services = SERVICES.format(exact_url=url, sendcloud_url=f"{url}/api/v3")
    shop.write_config(services + DIVISIONS.format(automatic=str(automatic).lower()) + more)


def free_port() -> int:
    """A port that nothing listens on, below those that the system gives to outgoing connections."""
    for port in count(20_000 + getpid() % 5_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable")


def place_order(
    shop: Shop, line: str = "Oudegracht 231", *, quantity: float = 2, contact: str | None = None
) -> int:
    """An approved order of mugs by a customer of its own."""
    return order_mugs(shop.services.office, (line, "3511 NK"), quantity=quantity, contact=contact)


def deliver(
    shop: Shop,
    order: int,
    quantities: Mapping[str, float] | None = None,
    *,
    number: str = "",
    remarks: str = "",
) -> int:
    """Deliver an order, or a part of it, and expect a label that bears ``number`` or the order's."""
    delivery = shop.services.office.deliver(order, quantities, Remarks=remarks)
    shop.expected.labels[delivery] = number or (f"{order}/{delivery}" if quantities else str(order))
    shop.expected.remarks[delivery] = remarks
    return delivery
