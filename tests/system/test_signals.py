"""Signals wait for what must be finished, and for nothing else."""

import signal
from collections.abc import Iterator
from threading import Thread

import pytest

from exactsend.errors import Interrupted, Terminated
from exactsend.system.signals import Interrupts
from tests.moving_clock import MovingClock


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    clock = MovingClock()
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield Interrupts(clock.sleep)
    assert {number: signal.getsignal(number) for number in former} == former


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_section_is_finished_and_tells_what_it_did_before_its_signal_is_heeded(
    interrupts: Interrupts, number: signal.Signals, kind: type[BaseException]
) -> None:
    done: list[str] = []

    with interrupts.uninterrupted():
        signal.raise_signal(number)
        interrupts.stop()
        done.append("finished")

    assert done == ["finished"]
    with pytest.raises(kind):
        interrupts.stop()


def test_an_inner_section_ends_with_the_outer_one(interrupts: Interrupts) -> None:
    with interrupts.uninterrupted():
        with interrupts.uninterrupted():
            signal.raise_signal(signal.SIGTERM)
        interrupts.stop()

    with pytest.raises(Terminated):
        interrupts.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_came_too_late_to_be_obeyed_is_passed_on_to_who_listened_before(
    interrupts: Interrupts, number: signal.Signals
) -> None:
    command = Interrupts(lambda _seconds: None)
    with interrupts.handling_signals(), pytest.raises((Terminated, KeyboardInterrupt)):  # noqa: PT012 - as a command in a demo
        with command.handling_signals(), command.uninterrupted():
            signal.raise_signal(number)
        interrupts.stop()


def test_an_error_in_a_section_is_not_hidden_by_a_signal(interrupts: Interrupts) -> None:
    with pytest.raises(ValueError, match="wrong"), interrupts.uninterrupted():  # noqa: PT012 - both must happen inside
        signal.raise_signal(signal.SIGTERM)
        raise ValueError("wrong")

    with pytest.raises(Terminated):
        interrupts.stop()


def test_whoever_asks_again_and_again_is_told_once_the_section_is_finished(interrupts: Interrupts) -> None:
    with interrupts.uninterrupted():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        interrupts.stop()


def test_sigterm_ends_a_run_at_its_next_safe_point(interrupts: Interrupts) -> None:
    with interrupts.handling_signals():
        signal.raise_signal(signal.SIGTERM)

        with pytest.raises(Terminated):
            interrupts.stop()


def test_sigint_ends_at_once_outside_of_sections(interrupts: Interrupts) -> None:
    with interrupts.handling_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_wait_ends_when_the_end_is_asked_for() -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            signal.raise_signal(signal.SIGTERM)

    interrupts = Interrupts(sleep)
    with interrupts.handling_signals(), pytest.raises(Terminated):
        interrupts.wait(600)

    assert sum(slept) < 2


def test_a_wait_is_as_long_as_was_asked() -> None:
    clock = MovingClock()

    Interrupts(clock.sleep).wait(1.2)

    assert sum(clock.pauses) == pytest.approx(1.2)


def test_a_worker_stops_at_its_own_safe_point(interrupts: Interrupts) -> None:
    told: list[str] = []

    def work() -> None:
        with interrupts.uninterrupted():
            interrupts.stop()  # as each call does before it leaves
            told.append("finished")
        try:
            interrupts.stop()
        except Terminated:
            told.append("stopped")

    with interrupts.handling_signals():
        signal.raise_signal(signal.SIGTERM)
        worker = Thread(target=work)
        worker.start()
        worker.join()

    assert told == ["finished", "stopped"]


def test_a_section_of_one_thread_holds_up_no_other(interrupts: Interrupts) -> None:
    told: list[str] = []

    def work() -> None:
        try:
            interrupts.stop()
        except Terminated:
            told.append("stopped")

    with interrupts.uninterrupted():
        signal.raise_signal(signal.SIGTERM)
        worker = Thread(target=work)
        worker.start()
        worker.join()

    assert told == ["stopped"]


# ── pauses inside a section ──────────────────────────────────────────────────────────────────────

IN_A_PAUSE = [(signal.SIGTERM, Terminated), (signal.SIGINT, Interrupted)]


def asked_while_it_waits(number: signal.Signals) -> tuple[Interrupts, list[float]]:
    """It is asked to end in the second slice of a pause."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            signal.raise_signal(number)

    return Interrupts(sleep), slept


@pytest.mark.parametrize(("number", "kind"), IN_A_PAUSE)
def test_a_pause_ends_at_once_inside_a_section_that_allows_it(
    number: signal.Signals, kind: type[Terminated]
) -> None:
    interrupts, slept = asked_while_it_waits(number)

    with interrupts.uninterrupted(except_pauses=True), pytest.raises(kind):
        interrupts.wait(600)

    assert len(slept) == 2


def test_asked_before_the_pause_it_does_not_begin() -> None:
    slept: list[float] = []
    interrupts = Interrupts(slept.append)

    with interrupts.uninterrupted(except_pauses=True), pytest.raises(Terminated):  # noqa: PT012 - both must happen inside
        signal.raise_signal(signal.SIGTERM)
        interrupts.stop()  # as each call does before it leaves: this is not a pause
        interrupts.wait(600)

    assert slept == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pause_is_waited_out_where_any_section_around_it_does_not_allow_it(number: signal.Signals) -> None:
    interrupts, slept = asked_while_it_waits(number)

    with interrupts.uninterrupted(), interrupts.uninterrupted(except_pauses=True):
        interrupts.wait(5)

    assert sum(slept) == pytest.approx(5)
