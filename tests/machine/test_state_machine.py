"""Anything that people, carriers, networks and clocks do, in any order; what is promised is checked after every single run.

Beside the tests: ``EXACTSEND_LONG=1 pytest tests/machine`` tries many more and longer lives, at random.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from exactsend.engine.division_run import Run
from exactsend.engine.sync import ALL_STEPS, Step
from exactsend.errors import ExitStatus
from exactsend.http.messages import Call
from tests.end_to_end.shop import AUTOMATIC, Shop, open_shop
from tests.installation import SECRETS
from tests.machine import final_state, promises
from tests.machine.people import EXACT, PANEL, People
from tests.shop import Stream

IS_LONG = bool(os.environ.get("EXACTSEND_LONG"))
LENGTH = settings(
    max_examples=1500 if IS_LONG else 20,
    stateful_step_count=60 if IS_LONG else 25,
    derandomize=not IS_LONG,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)

WHICH = st.integers(0, 4)
PAUSES = st.sampled_from([0, 1, 6, 16, 65, 25 * 60]).map(lambda minutes: timedelta(minutes=minutes))
STEPS = st.sampled_from([ALL_STEPS, ALL_STEPS, *((step,) for step in Step)])
CALLS = st.sampled_from(
    [
        ("POST", "/shipments/announce"),
        ("POST", "/v3/orders"),
        ("DELETE", "/v3/orders"),
        ("GET", "/v3/orders"),
        ("GET", "/v3/shipments"),
        ("GET", "/v3/parcels"),
        ("PUT", "GoodsDeliveries"),
        ("POST", "Documents"),
        ("POST", "DocumentAttachments"),
        ("GET", "GoodsDeliver"),
        ("GET", "SalesOrder"),
        ("POST", "oauth2/token"),
    ]
)
WAYS = st.sampled_from(["lose_call", "lose_answer", "cut_answer", "gateway", "empty", "html"])
BY_HAND = AUTOMATIC | {"create_automatically": "false"}
ALLOWED = frozenset({0, 1, 2, 4, 5, 7})
"""How a command may end here: never by a bug, a broken ledger or a wrong configuration."""


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Bomb:
    """Goes off, once, at the n-th effect that it is told of."""

    def __init__(self, left: int, goes_off: Callable[[], None]) -> None:
        self._left = left
        self._goes_off = goes_off

    def call(self, _when: str, _call: Call) -> None:
        self.disk("")

    def disk(self, _effect: str) -> None:
        self._left -= 1
        if self._left == 0:
            self._goes_off()


def _die() -> None:
    raise Died


class Life(RuleBasedStateMachine):
    """One shop, from its first run to its last."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.people: People

    @property
    def shop(self) -> Shop:
        return self.people.shop

    @initialize(is_automatic=st.sampled_from([True, True, False]))
    def begin(self, *, is_automatic: bool) -> None:
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        labels = AUTOMATIC if is_automatic else BY_HAND
        shop = self._open.enter_context(open_shop(folder / "shop", labels=labels))
        self.people = People(shop, folder / "backup")
        for _ in range(3):
            self.people.place(0, 3, lamps=0, approved=True, method="PNL")
        self.run()
        self.people.deliver(0)
        self.people.deliver_part(0)

    def teardown(self) -> None:
        try:
            if hasattr(self, "people"):
                self._end()
        finally:
            self._open.close()

    def _end(self) -> None:
        self.all_works_again()
        self.shop.own_clock.ahead = timedelta(0)
        self.run(after=timedelta(days=1, hours=1))
        final_state.assert_comes_to_rest(self.people)
        final_state.assert_all_is_right(self.people)
        final_state.assert_every_purchase_is_known(self.people)
        promises.assert_state_is_impersonal(self.people)

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def run(self, *, after: timedelta = timedelta(0), steps: Sequence[Step] = ALL_STEPS) -> Run | None:
        """A run, with everything that is promised of it; None: it died."""
        self.shop.clock.advance(after)
        seen = promises.before(self.people)
        run: Run | None = None
        try:
            run = self.shop.run(steps=steps)
        except Died:
            pass
        finally:
            self.shop.restart()
        self._check(seen, run, steps)
        return run

    def _check(self, seen: promises.Before, run: Run | None, steps: Sequence[Step]) -> None:
        assert not self.shop.sandbox.crashes, self.shop.sandbox.crashes[-1]
        promises.assert_nothing_bought_twice(self.people, seen)
        promises.assert_tracking_is_its_own(self.people, seen)
        if run is None:
            return
        assert run.exit_status in ALLOWED - {2}, run.error
        if run.exit_status is ExitStatus.LOGIN:
            self.shop.connect()
        promises.assert_records_are_sound(self.people, run)
        if steps == ALL_STEPS:
            promises.assert_nothing_forgotten(self.people, run)

    @rule(after=PAUSES)
    def sync(self, after: timedelta) -> None:
        self.run(after=after)

    @rule(after=PAUSES, steps=STEPS)
    def sync_a_step(self, after: timedelta, steps: Sequence[Step]) -> None:
        self.run(after=after, steps=steps)

    @rule(after=PAUSES, at=st.integers(1, 60), on_disk=st.booleans())
    def die(self, after: timedelta, at: int, *, on_disk: bool) -> None:
        """A run whose process ends at some effect."""
        bomb = Bomb(at, _die)
        self.shop.with_hooks(**({"disk_hook": bomb.disk} if on_disk else {"call_hook": bomb.call}))
        self.run(after=after)

    @rule(at=st.integers(4, 60), what=st.sampled_from(PANEL + EXACT), which=WHICH)
    def meddle(self, at: int, what: str, which: int) -> None:
        """A run in the middle of which a person does something."""
        bomb = Bomb(at, lambda: self._by_hand(what, which))
        self.shop.with_hooks(call_hook=bomb.call)
        self.run(after=timedelta(minutes=6))

    @rule(which=WHICH, steps=STEPS)
    def only_look(self, which: int, steps: Sequence[Step]) -> None:
        """Commands that only look, and a dry run, change nothing on either side nor in the ledger."""
        seen = promises.before(self.people)
        assert self.shop.run(steps=steps, dry_run=True).exit_status in ALLOWED
        number = str(self.people.delivery(which) or 4711)
        for command in (("errors",), ("status",), ("labels", "list"), ("explain", number)):
            self._command(*command)
        assert promises.files_of(self.people.ledger) == seen.files
        assert [call for call in self.shop.sandbox.calls_since(seen.mark) if call.is_write] == []
        self.shop.restart()

    @rule(
        which=WHICH,
        what=st.sampled_from(["create", "create", "retry", "cancel", "accept"]),
        another=st.integers(0, 3),
    )
    def labels(self, which: int, what: str, another: int) -> None:
        """One of the commands for a single delivery."""
        number = self.people.delivery(which)
        if number is None:
            return
        more = ["--another", str(another)] if what == "create" and another else []
        if what in {"cancel", "accept"} or more:
            self.people.touched |= {str(order) for order in self.shop.office.orders_of(number)}
        asked = self.shop.delivery_id(number) if what in {"create", "retry"} else None
        seen = promises.before(self.people)
        status = self._command("labels", what, "--delivery", str(number), "--yes", *more)
        assert not self.shop.sandbox.crashes, self.shop.sandbox.crashes[-1]
        promises.assert_nothing_bought_twice(self.people, seen, asked=asked, is_another=bool(more))
        promises.assert_tracking_is_its_own(self.people, seen)
        if status == ExitStatus.LOGIN:
            self.shop.connect()

    def _command(self, *argv: str) -> int:
        from exactsend.cli.main import main  # noqa: PLC0415 - loads the whole program
        from exactsend.cli.process_io import ProcessIO  # noqa: PLC0415 - likewise

        process = self.shop.process
        places = {
            "EXACTSEND_CONFIG": str(process.state.parent / "config.toml"),
            "EXACTSEND_STATE_DIR": str(process.state),
        }
        err = Stream()
        here = ProcessIO(
            SECRETS | places, Stream(), Stream(), err, clock=self.shop.clock, sleep=process.sleep
        )
        status = main(argv, here)
        assert status in ALLOWED, f"{argv}: {status} {err.getvalue()}"
        return status

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────

    @rule(call=CALLS, way=WAYS, times=st.integers(1, 3))
    def break_calls(self, call: tuple[str, str], way: str, times: int) -> None:
        faults, (method, path) = self.shop.sandbox.faults, call
        answers = {"gateway": (503, "<html>"), "empty": (200, ""), "html": (200, "<html>maintenance")}
        if way in answers:
            status, text = answers[way]
            faults.answer_instead(method, path, status=status, text=text, times=times)
        else:
            getattr(faults, way)(method, path, times=times)

    @rule(down=st.sampled_from([None, None, "postnl"]), minutes=st.integers(0, 8), switch=st.integers(0, 5))
    def behave(self, down: str | None, minutes: int, switch: int) -> None:
        """The carrier is down, or answers late; Sendcloud stores, shows or cancels late."""
        self.all_works_again()
        behaviour, late = self.shop.behaviour, timedelta(minutes=minutes)
        behaviour.carrier_down = down
        behaviour.announce_answers_announcing = switch == 1
        behaviour.orders_saved_after = late if switch in {2, 5} else timedelta(0)
        behaviour.lookups_lag = late if switch in {3, 5} else timedelta(0)
        behaviour.cancellation_takes = timedelta(hours=1 if switch == 4 else 0)

    def all_works_again(self) -> None:
        self.shop.sandbox.faults.clear()
        self.shop.behaviour.carrier_down = None
        self.shop.behaviour.announce_answers_announcing = False
        self.shop.behaviour.orders_saved_after = timedelta(0)
        self.shop.behaviour.lookups_lag = timedelta(0)

    @rule(
        ahead=st.sampled_from([0, -26 * 60, -5, 5, 26 * 60]).map(lambda minutes: timedelta(minutes=minutes))
    )
    def set_the_clock(self, ahead: timedelta) -> None:
        """The machine's own clock jumps; the services keep theirs."""
        self.shop.own_clock.ahead = ahead

    @rule(what=st.sampled_from(["back_up", "back_up", "put_back", "lose_state"]))
    @precondition(lambda self: self.shop.records.pins is not None)
    def state(self, what: str) -> None:
        getattr(self.people, what)()
        self.shop.restart()

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    @rule(
        street=st.sampled_from([0, 0, 1, 2, 3]),
        quantity=st.integers(1, 4),
        lamps=st.integers(0, 2),
        approved=st.sampled_from([True, True, False]),
        method=st.sampled_from(["PNL", "PNL", "DPD", "AFH"]),
    )
    def place(self, street: int, quantity: int, lamps: int, method: str, *, approved: bool) -> None:
        self.people.place(street, quantity, lamps=lamps, approved=approved, method=method)

    @rule(which=WHICH, how=st.sampled_from(["deliver", "deliver", "deliver_part", "deliver_together"]))
    def deliver(self, which: int, how: str) -> None:
        getattr(self.people, how)(which)

    @rule(which=WHICH, after=PAUSES)
    def deliver_and_sync(self, which: int, after: timedelta) -> None:
        self.people.deliver(which)
        self.run(after=after)

    @rule(what=st.sampled_from(EXACT), which=WHICH)
    def at_exact(self, what: str, which: int) -> None:
        self._by_hand(what, which)

    @rule(what=st.sampled_from(PANEL), which=WHICH)
    def in_the_panel(self, what: str, which: int) -> None:
        self._by_hand(what, which)

    @rule(which=WHICH, what=st.sampled_from(PANEL), after=PAUSES)
    def race_to_the_label(self, which: int, what: str, after: timedelta) -> None:
        """A delivery, and a person who is quicker than the next run."""
        self.people.deliver(which)
        self._by_hand(what, 0)
        self.run(after=after)

    def _by_hand(self, what: str, which: int) -> None:
        getattr(self.people, what)(which)


Life.TestCase.settings = LENGTH
TestLife = Life.TestCase
