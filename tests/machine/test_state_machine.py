"""Anything that people, carriers, networks and clocks do, in any order; what is promised is checked after every single run.

Beside the tests: ``EXACTSEND_LONG=1 pytest tests/machine`` tries many more and longer lives, at random.
"""

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from exactsend.calls import Call
from exactsend.domain.ids import DeliveryId
from exactsend.errors import ExitStatus
from exactsend.runner import Run
from exactsend.sync import ALL_STEPS, Step
from tests.end_to_end.shop import AUTOMATIC, SECRETS, Shop, open_shop
from tests.machine import ending, promises
from tests.machine.hands import STREETS, Hands
from tests.shop import Stream

IS_LONG = bool(os.environ.get("EXACTSEND_LONG"))
LENGTH = settings(
    max_examples=1500 if IS_LONG else 25,
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
STEPS = st.sampled_from([ALL_STEPS, ALL_STEPS, *((one,) for one in Step)])
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
    """Goes off at the n-th effect that it is told of."""

    def __init__(self, left: int) -> None:
        self._left = left

    def call(self, _when: str, _call: Call) -> None:
        self.disk("")

    def disk(self, _effect: str) -> None:
        self._left -= 1
        if self._left == 0:
            raise Died


class Life(RuleBasedStateMachine):
    """One shop, from its first run to its last."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.hands: Hands

    @property
    def shop(self) -> Shop:
        return self.hands.shop

    @initialize(is_automatic=st.sampled_from([True, True, False]), orders=st.integers(1, 3))
    def begin(self, *, is_automatic: bool, orders: int) -> None:
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        labels = AUTOMATIC if is_automatic else BY_HAND
        shop = self._open.enter_context(open_shop(folder / "shop", labels=labels))
        self.hands = Hands(shop, folder / "backup")
        for _ in range(orders):
            self.hands.place(0, 3, lamps=0, approved=True, method="PNL")
        self.run()

    def teardown(self) -> None:
        try:
            if hasattr(self, "hands"):
                self._end()
        finally:
            self._open.close()

    def _end(self) -> None:
        self.all_works_again()
        self.run(after=timedelta(days=1, hours=1))
        ending.assert_comes_to_rest(self.hands)
        ending.assert_all_is_right(self.hands)
        ending.assert_every_purchase_is_known(self.hands)
        promises.assert_state_is_impersonal(self.hands)

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def run(self, *, after: timedelta = timedelta(0), steps: Sequence[Step] = ALL_STEPS) -> Run | None:
        """A run, with everything that is promised of it; None: it died."""
        self.shop.clock.advance(after)
        seen = promises.before(self.hands)
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
        promises.assert_nothing_bought_twice(self.hands, seen, asked=frozenset())
        promises.assert_tracking_is_its_own(self.hands, seen)
        if run is None:
            return
        assert run.exit_status in ALLOWED - {2}, run.error
        if run.exit_status is ExitStatus.LOGIN:
            self.shop.connect()
        promises.assert_records_are_sound(self.hands, run)
        if steps == ALL_STEPS:
            promises.assert_nothing_forgotten(self.hands, run)

    @rule(after=PAUSES, steps=STEPS)
    def sync(self, after: timedelta, steps: Sequence[Step]) -> None:
        self.run(after=after, steps=steps)

    @rule(after=PAUSES)
    def sync_all(self, after: timedelta) -> None:
        self.run(after=after)

    @rule(after=PAUSES, at=st.integers(1, 60), on_disk=st.booleans())
    def die(self, after: timedelta, at: int, *, on_disk: bool) -> None:
        bomb = Bomb(at)
        self.shop.tapped(**({"disk_tap": bomb.disk} if on_disk else {"call_tap": bomb.call}))
        self.run(after=after)

    @rule(steps=STEPS)
    def dry_run(self, steps: Sequence[Step]) -> None:
        seen = promises.before(self.hands)
        run = self.shop.run(steps=steps, dry_run=True)
        assert run.exit_status in ALLOWED, run.error
        assert [call for call in self.shop.sandbox.calls_since(seen.mark) if call.is_write] == []
        assert promises.files_of(self.hands.ledger) == seen.files
        self.shop.restart()
        if run.exit_status is ExitStatus.LOGIN:
            self.shop.connect()

    @rule(which=WHICH, what=st.sampled_from(["create", "retry", "cancel", "accept"]), another=st.integers(0, 3))
    def labels(self, which: int, what: str, another: int) -> None:
        """One of the commands for a single delivery."""
        number = self.hands.delivery(which)
        if number is None:
            return
        delivery = self.shop.delivery_id(number)
        asked = frozenset([delivery]) if what in {"create", "retry"} else frozenset[DeliveryId]()
        more = ["--another", str(another)] if what == "create" and another else []
        if what in {"cancel", "accept"} or more:
            self.hands.touched |= {str(order) for order in self.shop.office.orders_of(number)}
        seen = promises.before(self.hands)
        status = self._command("labels", what, "--delivery", str(number), "--yes", *more)
        assert not self.shop.sandbox.crashes, self.shop.sandbox.crashes[-1]
        promises.assert_nothing_bought_twice(self.hands, seen, asked=asked if more or what == "retry" else asked)
        promises.assert_tracking_is_its_own(self.hands, seen)
        if status == ExitStatus.LOGIN:
            self.shop.connect()

    @rule(which=WHICH)
    def look(self, which: int) -> None:
        """Commands that only look change nothing."""
        files = promises.files_of(self.hands.ledger)
        mark = len(self.shop.sandbox.calls)
        number = str(self.hands.delivery(which) or 4711)
        for command in (("errors",), ("status",), ("labels", "list"), ("explain", number)):
            self._command(*command)
        assert promises.files_of(self.hands.ledger) == files
        assert self.shop.sandbox.calls_since(mark) == []

    def _command(self, *argv: str) -> int:
        from exactsend.cli import main  # noqa: PLC0415 - loads the whole program
        from exactsend.cli.surroundings import Surroundings  # noqa: PLC0415 - likewise

        process = self.shop.process
        places = {
            "EXACTSEND_CONFIG": str(process.state.parent / "config.toml"),
            "EXACTSEND_STATE_DIR": str(process.state),
        }
        err = Stream()
        here = Surroundings(
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

    @rule(carrier=st.sampled_from([None, "postnl", "dpd"]), is_slow=st.booleans())
    def carrier(self, carrier: str | None, *, is_slow: bool) -> None:
        self.shop.behaviour.carrier_down = carrier
        self.shop.behaviour.announce_answers_announcing = is_slow

    @rule(orders=st.integers(0, 8), lookups=st.integers(0, 8), queued=st.booleans())
    def lag(self, orders: int, lookups: int, *, queued: bool) -> None:
        self.shop.behaviour.orders_saved_after = timedelta(minutes=orders)
        self.shop.behaviour.lookups_lag = timedelta(minutes=lookups) if lookups < 5 else timedelta(0)
        self.shop.behaviour.cancel_queued = queued

    @rule()
    def all_works_again(self) -> None:
        self.shop.sandbox.faults.clear()
        self.shop.behaviour.carrier_down = None
        self.shop.behaviour.announce_answers_announcing = False
        self.shop.behaviour.orders_saved_after = timedelta(0)
        self.shop.behaviour.lookups_lag = timedelta(0)

    # ── people at Exact ──────────────────────────────────────────────────────────────────────────

    @rule(
        street=st.integers(0, len(STREETS) - 1),
        quantity=st.integers(1, 4),
        lamps=st.integers(0, 2),
        approved=st.sampled_from([True, True, False]),
        method=st.sampled_from(["PNL", "PNL", "DPD", "AFH"]),
    )
    def place(self, street: int, quantity: int, lamps: int, method: str, *, approved: bool) -> None:
        self.hands.place(street, quantity, lamps=lamps, approved=approved, method=method)

    @rule(which=WHICH, how=st.sampled_from(["deliver", "deliver", "deliver_part", "deliver_together"]))
    def deliver(self, which: int, how: str) -> None:
        getattr(self.hands, how)(which)

    @rule(which=WHICH, quantity=st.integers(1, 5))
    def change_quantity(self, which: int, quantity: int) -> None:
        self.hands.change_quantity(which, quantity)

    @rule(which=WHICH, approved=st.booleans())
    def set_approval(self, which: int, *, approved: bool) -> None:
        self.hands.set_approval(which, approved=approved)

    @rule(which=WHICH, street=st.integers(0, len(STREETS) - 1))
    def correct_address(self, which: int, street: int) -> None:
        self.hands.correct_address(which, street)

    @rule(which=WHICH, what=st.sampled_from(["cancel_order", "delete_order", "delete_delivery", "type_tracking"]))
    def undo(self, which: int, what: str) -> None:
        getattr(self.hands, what)(which)

    @rule(which=WHICH, quantity=st.integers(1, 3))
    def edit_delivery(self, which: int, quantity: int) -> None:
        self.hands.edit_delivery(which, quantity)

    # ── people at Sendcloud ──────────────────────────────────────────────────────────────────────

    @rule(which=WHICH, what=st.sampled_from(["make_label", "make_label", "edit_entry", "delete_entry"]))
    def panel_entry(self, which: int, what: str) -> None:
        getattr(self.hands, what)(which)

    @rule(which=WHICH, what=st.sampled_from(["cancel_label", "restore_label"]))
    def panel_label(self, which: int, what: str) -> None:
        getattr(self.hands, what)(which)

    @rule(which=WHICH, as_new=st.booleans())
    def panel_retry(self, which: int, *, as_new: bool) -> None:
        self.hands.retry_failed(which, as_new_shipment=as_new)

    @rule(which=WHICH, right_address=st.booleans())
    def another_app(self, which: int, *, right_address: bool) -> None:
        self.hands.label_by_another_app(which, right_address=right_address)

    # ── the state folder ─────────────────────────────────────────────────────────────────────────

    @rule(what=st.sampled_from(["back_up", "put_back", "lose_state"]))
    @precondition(lambda self: self.shop.memory.pins is not None)
    def state(self, what: str) -> None:
        getattr(self.hands, what)()
        self.shop.restart()


Life.TestCase.settings = LENGTH
TestLife = Life.TestCase
