"""Each folder in ``damaged`` is a state that a crash, a disk or a person left; its ``verdict.json`` says what must come of it.

``why``: what happened. ``says``: the run is refused, and message and hint have these words. Else it goes on: ``events`` are found in the log,
``records`` (the same where not named) are known, and ``verify`` names the damage that the run did not need to see.
"""

import json
import shutil
from pathlib import Path
from typing import TypedDict

import pytest

from exactsend.errors import ExitStatus, LedgerError, StateDamaged
from exactsend.ledger.store import LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import note, open_ledger, records_of

CASES = sorted((Path(__file__).parent / "damaged").iterdir())


class Verdict(TypedDict, total=False):
    why: str
    says: list[str]
    events: list[str]
    records: list[str]
    verify: list[str]


def verdict_of(case: Path) -> Verdict:
    verdict: Verdict = json.loads((case / "verdict.json").read_text())
    return verdict


REFUSED = [case for case in CASES if "says" in verdict_of(case)]
USABLE = [case for case in CASES if "says" not in verdict_of(case)]
READABLE = [case for case in USABLE if "verify" not in verdict_of(case)]


def each(cases: list[Path]) -> pytest.MarkDecorator:
    """Run the test for each case: ``state`` is a copy of it."""
    return pytest.mark.parametrize(
        ("state", "case"), [pytest.param(case, case, id=case.name) for case in cases], indirect=["state"]
    )


@pytest.fixture
def state(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the case, closed to others: version control keeps no such modes."""
    state = tmp_path / "1234567"
    shutil.copytree(request.param, state, ignore=shutil.ignore_patterns("verdict.json"))
    for path in (state, *state.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return state


def contents(state: Path) -> dict[str, bytes]:
    return {str(path.relative_to(state)): path.read_bytes() for path in state.rglob("*.json*")}


def assert_says(error: LedgerError, words: list[str]) -> None:
    told = f"{error.message} {error.hint}"
    assert [word for word in words if word not in told] == []
    assert error.hint


@each(REFUSED)
def test_damage_stops_a_run_and_a_view_and_stays_untouched(state: Path, case: Path) -> None:
    before = contents(state)
    says = verdict_of(case)["says"]

    with pytest.raises(StateDamaged) as run:
        open_ledger(state)
    with pytest.raises(StateDamaged) as view:
        LedgerView.read(state)

    assert_says(run.value, says)
    assert_says(view.value, says)
    assert run.value.status == ExitStatus.LEDGER
    assert any(finding.message == run.value.message for finding in verify(state))
    assert contents(state) == before


@each(USABLE)
def test_what_a_crash_leaves_is_repaired_and_the_run_goes_on(state: Path, case: Path) -> None:
    verdict = verdict_of(case)
    known = verdict.get("records", verdict["events"])
    assert list(records_of(state, "deliveries")) == known

    with open_ledger(state) as ledger:
        assert [key for key, _ in ledger.items("deliveries")] == known
        assert not list(state.glob("*.tmp"))
        note(ledger, "next")
        ledger.fold()

    assert list(records_of(state, "deliveries")) == [*known, "next"]


@each(READABLE)
def test_no_event_is_lost_or_doubled_by_the_repair(state: Path, case: Path) -> None:
    events = verdict_of(case)["events"]
    assert [event.name for event in LedgerView.read(state).events()] == events
    assert verify(state) == []

    with open_ledger(state) as ledger:
        note(ledger, "next")
        ledger.fold()

    assert [event.name for event in LedgerView.read(state).events()] == [*events, "next"]


@each([case for case in USABLE if case not in READABLE])
def test_damage_that_a_run_need_not_see_is_found_by_verify(state: Path, case: Path) -> None:
    (finding,) = verify(state)

    assert_says(LedgerError(finding.message, hint=finding.hint), verdict_of(case)["verify"])
