"""Invented shops with weeks of history, written as the program's own state: to look at and to measure.

Everything goes through the program's records and file formats. The clock and the dice are given, so it is the same each time.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from exactsend.domain.division_records import Purchases
from exactsend.domain.ids import (
    DeliveryId,
    Division,
    OrderId,
    ShipmentId,
    label_reference,
    order_incoming_ref,
)
from exactsend.domain.problems import Code
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    LabelRecord,
    OrderRecord,
    ProblemRecord,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.domain.run_history import RunEnd, schedule_after
from exactsend.domain.shown_problem import shown
from exactsend.domain.store_protocol import Change, JsonRecord, Put
from exactsend.engine.wiring import Wiring
from exactsend.http.messages import Json
from exactsend.ledger import history, journal, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.journal import Event, Line
from exactsend.ledger.loader import PREVIOUS_SNAPSHOT, SNAPSHOT
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.snapshot import Records
from exactsend.settings.models import DivisionSettings
from exactsend.system import durable_files
from tests.installation import Installation
from tests.told_problems import a_told_problem

NOW = datetime(2026, 11, 23, 15, 7, tzinfo=UTC)
CARRIERS = (
    ("postnl", "3SABCD{:09d}"),
    ("postnl", "3SABCD{:09d}"),
    ("dpd", "05{:012d}"),
    ("dhl_express", "JD{:014d}"),
)
FAILURES = (
    a_told_problem(
        Code.HOUSE_NUMBER_MISSING,
        "the delivery address of delivery {delivery} has no house number that the carrier can read",
        field="AddressLine1",
        remedy="Correct the first line of the delivery address in Exact (street and house number); the next run makes the label. "
        "Or correct it in Sendcloud's panel in incoming order {order} and make the label there.",
        detail="house_number: This field cannot be blank.",
    ),
    a_told_problem(
        Code.WEIGHT_MISSING,
        "an item of delivery {delivery} has no weight",
        field="GrossWeight",
        remedy="Enter the weight of the item in Exact, or set weight.default_item; the next run makes the label.",
    ),
    a_told_problem(
        Code.HS_CODE_MISSING,
        "an item of delivery {delivery} has no HS code, and it goes to a country where customs ask for one",
        field="StatisticalCode",
        remedy="Enter the HS code of the item in Exact; the next run makes the label.",
    ),
    a_told_problem(
        Code.LABEL_FAILED,
        "the carrier made no label for delivery {delivery}",
        remedy="Nothing to do: it is tried again by itself.",
        detail="carrier service temporarily unavailable",
    ),
)


@dataclass
class Scribe:
    """A store that keeps everything in memory, to be written out at once."""

    at: datetime
    records: Records = field(default_factory=Records)
    events: list[Event] = field(default_factory=list)

    def get(self, section: str, key: str) -> JsonRecord | None:
        return self.records.section(section).get(key)

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        kept = sorted(self.records.section(section).items())
        return ((key, record) for key, record in kept if record is not None)

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        return self.items(section)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        return (value for value in self.items(section) if numbers_of(section, value[1]) & {*numbers})

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] | None = None,
        puts: Sequence[Put] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        changed = (journal.Put(*change, is_change=True) for change in changes)
        happened = Event(
            self.records.seq + 1, self.at, "a1b2c3d4", event, subject, dict(facts or {}),
            (*(journal.Put(*put) for put in puts), *changed),
        )  # fmt: skip
        self.events.append(happened)
        self.records.apply(happened)

    def write(self, folder: Path) -> None:
        """Leave a ledger in ``folder`` as a run that folded it does."""
        durable_files.make_private_folder(folder)
        lines = [Line(event, journal.encode(event)) for event in self.events]
        history.append(folder / HISTORY, lines, fault_hook=durable_files.no_fault)
        snapshot.write(
            folder / SNAPSHOT, self.records, program="a test", previous=folder / PREVIOUS_SNAPSHOT,
            fault_hook=durable_files.no_fault,
        )  # fmt: skip


@dataclass(frozen=True)
class Trade:
    """How busy a shop is."""

    deliveries: int
    days: int = 30
    waiting: int = 0
    """Deliveries of today that wait for a label made by hand."""
    failing: int = 0
    """Deliveries of today that need a person."""
    every: timedelta = timedelta(minutes=15)
    silent_for: timedelta = timedelta(0)
    """No run came since."""
    seed: int = 1


class Shopkeeper:
    """Plays the days of one division into a scribe."""

    def __init__(self, division: Division, trade: Trade, now: datetime) -> None:
        self.division = division
        self._trade = trade
        self._now = now
        self._dice = Random(f"{division} {trade.seed}")  # noqa: S311 - invented data
        self._scribe = Scribe(now)
        self._records = RecordStore(self._scribe)
        self._serial = 0

    def play(self) -> Scribe:
        """All days, oldest first."""
        moments = sorted(self._working_moment() for _ in range(self._trade.deliveries))
        runs = self._runs()
        next_run = next(runs, None)
        for place, moment in enumerate(moments):
            while next_run and next_run <= moment:
                self._end_run(next_run)
                next_run = next(runs, None)
            self._serve(moment, fate=self._fate(len(moments) - place))
        while next_run:
            self._end_run(next_run)
            next_run = next(runs, None)
        return self._scribe

    def _fate(self, left: int) -> str:
        """What becomes of a delivery: the last ones wait or fail, of the others a few failed and were cured."""
        if left <= self._trade.waiting:
            return "waits"
        if left <= self._trade.waiting + self._trade.failing:
            return "fails"
        rolled = self._dice.random()
        return "cured" if rolled < 0.03 else "cancelled" if rolled < 0.036 else "sent"

    def _working_moment(self) -> datetime:
        """Some moment in working hours, seldom at the weekend."""
        while True:
            day = self._now.date() - timedelta(days=self._dice.randrange(self._trade.days))
            if day.weekday() < 5 or self._dice.random() < 0.12:
                break
        hour = min(17.9, max(7.0, self._dice.gauss(11.5, 2.4)))
        moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)
        return min(moment, self._now - self._trade.silent_for - timedelta(minutes=5))

    def _runs(self) -> Iterator[datetime]:
        last = self._now - self._trade.silent_for - timedelta(minutes=4)
        count = int(timedelta(days=self._trade.days) / self._trade.every)
        yield from (last - n * self._trade.every for n in range(count, -1, -1))

    def _end_run(self, moment: datetime) -> None:
        self._scribe.at = moment
        status = 7 if self._dice.random() < 0.004 else 0
        end = RunEnd(
            moment, status, is_good=status == 0, seconds=4.2, calls={"exact": 6, "sendcloud": 2}, new_errors=0
        )
        self._records.note(
            "run_ended", schedule_after(self._records.schedule, end), facts={"exit_status": status}
        )

    def _id(self) -> str:
        return str(UUID(int=self._dice.getrandbits(128), version=4))

    def _serve(self, moment: datetime, *, fate: str) -> None:
        """One order and its delivery."""
        self._serial += 1
        order, delivery = OrderId(self._id()), DeliveryId(self._id())
        number = 40_000 + self._serial
        ref = order_incoming_ref(self.division, order)
        seen = moment - timedelta(hours=self._dice.choice((2, 3, 20, 26)))
        self._scribe.at = max(seen, self._now - timedelta(days=self._trade.days, hours=-1))
        entry = IncomingRecord(
            ref=ref, number=str(number), order=order, state=IncomingState.STORED, changed_at=self._scribe.at
        )
        remembered = OrderRecord(order_id=order, number=number, seen_at=self._scribe.at)
        self._records.note("entries_pushed", remembered, entry, facts={"numbers": [number]})
        self._scribe.at = moment
        record = DeliveryRecord(
            delivery_id=delivery, number=20_000 + self._serial, order_ids=(order,), order_numbers=(number,),
            incoming=ref, incoming_number=str(number), seen_at=moment,
        )  # fmt: skip
        match fate:
            case "waits":
                self._records.note("decided", record, facts={"count": 1, "reasons": ["waits_for_label"]})
            case "fails":
                self._fail(record, moment)
            case "cured":
                cured = self._fail(record, moment)
                self._label(cured.without_problem("label"), moment + timedelta(minutes=35), remembered, entry)
            case "cancelled":
                self._cancel(self._label(record, moment, remembered, entry, moved=False))
            case _:
                self._label(record, moment, remembered, entry)

    def _fail(self, record: DeliveryRecord, moment: datetime) -> DeliveryRecord:
        problem = self._dice.choice((FAILURES[0], *FAILURES))
        words = shown(problem)
        told = a_told_problem(
            problem.code,
            words.message.format(delivery=record.number),
            field=words.field,
            remedy=words.remedy.format(order=record.incoming_number),
            detail=problem.detail,
        )
        retry = moment + timedelta(hours=1) if problem.code is Code.LABEL_FAILED else None
        seen = ProblemRecord.seen("label", told, at=moment, before=None, next_try=retry)
        failed = record.with_problem(seen)
        self._records.note("label_held", failed, facts={"delivery": record.number})
        return failed

    def _label(
        self,
        record: DeliveryRecord,
        moment: datetime,
        order: OrderRecord,
        entry: IncomingRecord,
        *,
        moved: bool = True,
    ) -> DeliveryRecord:
        carrier, form = self._dice.choice(CARRIERS)
        parcels = self._dice.choice((1, 1, 1, 1, 1, 1, 2))
        numbers = tuple(form.format(self._dice.randrange(10**9)) for _ in range(parcels))
        shipment = ShipmentId(self._id())
        reference = label_reference(self.division, record.delivery_id, 1)
        self._scribe.at = moment
        attempt = Attempt(
            number=1, reference=reference, fingerprint="f" * 64, state=AttemptState.INTENDED, at=moment
        )
        self._records.note("label_intended", record.with_attempt(attempt), facts={"delivery": record.number})
        live = attempt.replace(state=AttemptState.LIVE, shipment=shipment)
        label = LabelRecord(
            shipment=shipment, parcels=tuple(range(1, parcels + 1)), tracking_numbers=numbers, carrier=carrier,
            how="adopted" if self._dice.random() < 0.1 else "bought", at=moment, printable=True, tracked=True,
            moved=moved and moment < self._now - timedelta(days=1),
        )  # fmt: skip
        bought = record.with_attempt(live).replace(label=label)
        known = ShipmentRecord(
            shipment=shipment, number=record.incoming_number, state="live", owner=record.delivery_id
        )
        self._records.note("label_bought", bought, known, facts={"delivery": record.number})
        gone = entry.replace(state=IncomingState.WITHDRAWN, changed_at=moment)
        self._records.note("entry_withdrawing", gone, order.replace(settled=True))
        written = WritebackRecord(
            tracking=numbers[0], numbers=numbers, document=self._id(), attached=label.parcels,
            shipment=shipment, done=True,
        )  # fmt: skip
        done = bought.replace(writeback=written)
        self._records.note("written_back", done, facts={"delivery": record.number})
        return done

    def _cancel(self, record: DeliveryRecord) -> None:
        """The delivery was deleted in Exact after its label."""
        self._records.note("delivery_gone", record.replace(gone=True), facts={"delivery": record.number})

    def purchases(self) -> None:
        """What counts towards the day's limit."""
        made = tuple((delivery.label.at, 1) for delivery in self._records.deliveries() if delivery.label)
        recent = tuple(sorted(pair for pair in made if pair[0] > self._now - timedelta(days=1)))
        self._records.note("counted", Purchases(made=recent))


CONFIG = """\
[exact]
site = "nl"
client_id = "00000000-0000-0000-0000-000000000000"
redirect_uri = "https://example.com/exactsend"
[sendcloud]
base_url = "https://panel.sendcloud.sc/api/v3"
"""


def build(folder: Path, shops: Mapping[str, Trade], *, now: datetime = NOW) -> Wiring:
    """Write configuration and state of these shops, and give what reads them."""
    tables = [f"[divisions.{name}]\ncode = {1_000_001 + place}\n" for place, name in enumerate(shops)]
    installation = Installation(folder, environ={}, clock=lambda: now, sleep=lambda _seconds: None)
    installation.write_config(CONFIG + "".join(tables))
    wiring = Wiring(installation.settings, installation.process)
    for name, trade in shops.items():
        division = installation.division_named(name)
        keeper = Shopkeeper(division.code, trade, now)
        scribe = keeper.play()
        keeper.purchases()
        scribe.write(wiring.folder(division))
        _count_calls(wiring, division, trade, now)
    _sign_in(wiring, now)
    return wiring


def _count_calls(wiring: Wiring, division: DivisionSettings, trade: Trade, now: datetime) -> None:
    calls = 400 + trade.deliveries // 4
    book = wiring.exact_counters(division.exact)
    for _ in range(calls):
        book.sent(str(division.code), now)
    limits = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(max(0, 5000 - calls))}
    book.answered(str(division.code), "salesorder/SalesOrders", 200, limits, now)
    wiring.save_exact_counters(division.exact)


def _sign_in(wiring: Wiring, now: datetime) -> None:
    exact = wiring.settings.exact
    assert exact is not None
    answer = json.dumps({"access_token": "a", "refresh_token": "r", "expires_in": "600"})
    received = {"received_at": (now - timedelta(days=2)).isoformat(), "answer": answer}
    wiring.sign_in_store(exact).save_raw(json.dumps(received))
