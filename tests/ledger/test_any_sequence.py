"""Any sequence of records, folds, crashes and power cuts equals a model: a list of events and a dict of records."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exactsend.calls import Json
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import at_effect, open_ledger

Puts = list[tuple[str, str, dict[str, Json] | None]]

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
records = st.dictionaries(st.text(max_size=3), json_values, max_size=3)
puts = st.lists(
    st.tuples(st.sampled_from("xy"), st.sampled_from(["1", "2", "é\n"]), st.none() | records), max_size=3
)
effects = st.integers(min_value=1, max_value=18)


class Killed(BaseException):
    """The process is gone."""


class AnySequence(RuleBasedStateMachine):
    """A ledger, its model, and every way to die."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name) / "1"
        self.events: list[Puts] = []
        self.ledger = self.opened()

    def opened(self) -> Ledger:
        return open_ledger(self.folder)

    def teardown(self) -> None:
        self.ledger.close()
        self.place.cleanup()

    @rule(changes=puts)
    def record(self, changes: Puts) -> None:
        self.ledger.record("event", puts=changes)
        self.events.append(changes)

    @rule()
    def fold(self) -> None:
        self.ledger.fold()

    @rule(keys=st.sets(st.tuples(st.sampled_from("xy"), st.sampled_from(["1", "2", "é\n"]))))
    def archive(self, keys: set[tuple[str, str]]) -> None:
        self.ledger.fold(self.recent(keys))

    def recent(self, keys: set[tuple[str, str]]) -> set[tuple[str, str]]:
        known = {(section, key) for section in "xy" for key, _ in self.ledger.recent(section)}
        return keys & known

    @rule()
    def lose_the_index(self) -> None:
        self.ledger.close()
        (self.folder / "archive" / "index.sqlite").unlink(missing_ok=True)
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
        self.die(effect, lambda: self.ledger.record("event", puts=changes))
        with journal.open("rb+") as file:
            file.truncate(max(safe, journal.stat().st_size - lost))
        self.ledger = self.opened()
        if len(list(LedgerView.read(self.folder).events())) > len(self.events):
            self.events.append(changes)

    @rule(
        keys=st.sets(st.tuples(st.sampled_from("xy"), st.sampled_from("12"))),
        effect=effects,
        lost=st.integers(0, 400),
    )
    def die_folding(self, keys: set[tuple[str, str]], effect: int, lost: int) -> None:
        """The power goes during a fold; what history and archive were given and not yet fsynced may be there in part."""
        sizes = self.sizes()
        died_at = self.die(effect, lambda: self.ledger.fold(self.recent(keys)))
        if died_at in {"history.fsync", "archive.fsync"}:
            for path, size in self.sizes().items():
                with path.open("rb+") as file:
                    file.truncate(max(sizes.get(path, 0), size - lost))
        self.ledger = self.opened()

    def sizes(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self.folder.glob("*/*.jsonl*")}

    def die(self, effect: int, deed: Callable[[], None]) -> str:
        """Do ``deed`` and die at its n-th effect, if it has so many; where it died."""
        died_at = ""

        def killed(name: str) -> None:
            nonlocal died_at
            died_at = name
            raise Killed

        tap = at_effect(effect, killed)
        self.ledger._tap = self.ledger._file._tap = self.ledger._archive._tap = tap
        with suppress(Killed):
            deed()
        self.ledger.close()
        return died_at

    @invariant()
    def the_records_are_those_of_the_model(self) -> None:
        model: dict[str, dict[str, Json]] = {"x": {}, "y": {}}
        for section, key, record in (put for event in self.events for put in event):
            model[section].pop(key, None)
            if record is not None:
                model[section][key] = record
        view = LedgerView.read(self.folder)
        for section, expected in model.items():
            assert dict(view.items(section)) == dict(self.ledger.items(section)) == expected
            for key in ("1", "2", "é\n"):
                assert view.get(section, key) == self.ledger.get(section, key) == expected.get(key)

    @invariant()
    def the_log_has_every_event_once(self) -> None:
        log = list(LedgerView.read(self.folder).events())
        assert [event.seq for event in log] == list(range(1, len(self.events) + 1))
        assert [[tuple(put) for put in event.puts] for event in log] == self.events
        assert verify(self.folder) == []


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=100, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
