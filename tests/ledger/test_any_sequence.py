"""Any sequence of records, folds, new years, crashes and power cuts equals a model: a list of events and a dict of records."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import product
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exactsend.http.messages import Json
from exactsend.ledger import history
from exactsend.ledger.journal import Put, Record
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import NOW, at_effect, open_ledger

Puts = Sequence[tuple[str, str, dict[str, Json] | None] | Put]

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
SECTIONS, KEYS = ["orders", "shipments"], ["1", "2", "é\n"]
numbers = st.dictionaries(st.just("number"), st.integers(1, 3))
records = st.builds(
    lambda some, number: some | number,
    st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    numbers,
)
places = st.tuples(st.sampled_from(SECTIONS), st.sampled_from(KEYS))
puts = st.lists(st.builds(lambda place, record: (*place, record), places, st.none() | records), max_size=3)
effects = st.integers(min_value=1, max_value=30)


class Killed(BaseException):
    """The process is gone."""


class AnySequence(RuleBasedStateMachine):
    """A ledger, its model, and every way to die."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr(history, "STEP", 400)
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name) / "1"
        self.events: list[Puts] = []
        self.ledger = self.opened()

    def opened(self) -> Ledger:
        return open_ledger(self.folder, clock=lambda: self.now)

    def teardown(self) -> None:
        self.patched.undo()
        self.ledger.close()
        self.place.cleanup()

    @rule(changes=puts)
    def record(self, changes: Puts) -> None:
        self.ledger.record("event", puts=[put[:3] for put in changes])
        self.events.append(changes)

    @rule(place=places, fields=records | st.dictionaries(st.just("number"), st.none()))
    def change(self, place: tuple[str, str], fields: dict[str, Json]) -> None:
        """Of a record that is there; one that is closed, or not there, is put whole."""
        change = Put(*place, fields, is_change=True)
        whole = Put(*place, change.applied_to(self.model()[place[0]].get(place[1])))
        is_recent = place[1] in dict(self.ledger.recent(place[0]))
        self.ledger.record("event", changes=[(*place, fields)])
        self.events.append([change if is_recent else whole])

    @rule()
    def fold(self) -> None:
        self.ledger.fold()

    @rule(days=st.sampled_from([400, 800, -2]))
    def time_passes(self, days: int) -> None:
        """Or the clock is set back, perhaps over New Year."""
        self.now += timedelta(days=days)

    @rule(keys=st.sets(places))
    def close_records(self, keys: set[tuple[str, str]]) -> None:
        self.ledger.fold(self.recent(keys))

    def recent(self, keys: set[tuple[str, str]]) -> set[tuple[str, str]]:
        known = {(section, key) for section in SECTIONS for key, _ in self.ledger.recent(section)}
        return keys & known

    @rule()
    def lose_the_index(self) -> None:
        self.ledger.close()
        (self.folder / "index.sqlite").unlink(missing_ok=True)
        self.ledger = self.opened()

    @rule()
    def open_again(self) -> None:
        self.ledger.close()
        self.ledger = self.opened()

    @rule(changes=puts, effect=st.integers(1, 2), lost=st.integers(0, 400))
    def die_recording(self, changes: Puts, effect: int, lost: int) -> None:
        """The power goes while the line is on its way: any part of it may be there."""
        journal = self.folder / "journal.jsonl"
        safe = journal.stat().st_size
        self.die(effect, lambda: self.ledger.record("event", puts=[put[:3] for put in changes]))
        with journal.open("rb+") as file:
            file.truncate(max(safe, journal.stat().st_size - lost))
        self.ledger = self.opened()
        if len(list(LedgerView.read(self.folder).events())) > len(self.events):
            self.events.append(changes)

    @rule(
        keys=st.sets(places),
        effect=effects,
        lost=st.integers(0, 400),
    )
    def die_folding(self, keys: set[tuple[str, str]], effect: int, lost: int) -> None:
        """The power goes during a fold; what the history was given and not yet fsynced may be there in part."""
        sizes = self.sizes("*")
        died_at = self.die(effect, lambda: self.ledger.fold(self.recent(keys)))
        if died_at == "history.fsync":
            for path, size in self.sizes("history").items():
                with path.open("rb+") as file:
                    file.truncate(max(sizes.get(path, 0), size - lost))
        self.ledger = self.opened()

    def sizes(self, folder: str) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self.folder.glob(f"{folder}/*.jsonl*")}

    def die(self, effect: int, action: Callable[[], None]) -> str:
        """Do ``action`` and die at its n-th effect, if it has so many; where it died."""
        died_at = ""

        def killed(name: str) -> None:
            nonlocal died_at
            died_at = name
            raise Killed

        fault_hook = at_effect(effect, killed)
        self.ledger._fault_hook = self.ledger._file._fault_hook = fault_hook
        with suppress(Killed):
            action()
        self.ledger.close()
        return died_at

    def model(self) -> dict[str, dict[str, Record]]:
        model: dict[str, dict[str, Record]] = {section: {} for section in SECTIONS}
        for put in (Put(*put) for event in self.events for put in event):
            record = put.applied_to(model[put.section].pop(put.key, None))
            if record is not None:
                model[put.section][put.key] = record
        return model

    @invariant()
    def the_records_are_those_of_the_model(self) -> None:
        view = LedgerView.read(self.folder)
        for section, expected in self.model().items():
            assert dict(view.items(section)) == dict(self.ledger.items(section)) == expected
            assert sorted(view.stream(section), key=itemgetter(0)) == sorted(expected.items())
            for key in KEYS:
                assert view.get(section, key) == self.ledger.get(section, key) == expected.get(key)

    @invariant()
    def orders_are_found_by_their_numbers(self) -> None:
        view, orders = LedgerView.read(self.folder), self.model()["orders"]
        for number in (1, 2, 3):
            expected = [key for key in sorted(orders) if orders[key].get("number") == number]
            assert [key for key, _ in view.with_numbers("orders", {str(number)})] == expected
            assert [key for key, _ in self.ledger.with_numbers("orders", {str(number)})] == expected

    @invariant()
    def the_log_has_every_event_once(self) -> None:
        log = list(LedgerView.read(self.folder).events())
        assert [event.seq for event in log] == list(range(1, len(self.events) + 1))
        assert [[*event.puts] for event in log] == [[Put(*put) for put in event] for event in self.events]
        assert verify(self.folder) == []

    @invariant()
    def each_record_has_its_events_once(self) -> None:
        view = LedgerView.read(self.folder)
        for place in product(SECTIONS, KEYS):
            expected = [
                number
                for number, event in enumerate(self.events, start=1)
                if place in {put[:2] for put in event}
            ]
            assert [event.seq for event in view.events_of([place])] == expected


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
