"""Each exit status of the table, by a command line that ends with it."""

import os
import signal
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from exactsend.system.lock import Lock
from exactsend.system.signals import Interrupts
from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Shop


def test_a_run_that_did_what_it_should_ends_with_0(shop: Shop) -> None:
    assert shop.run("sync").status == 0


def test_a_label_that_failed_ends_with_1(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()

    finished = shop.run("sync")

    assert finished.status == 1
    assert finished.err == "exactsend: some orders or labels need a person; to list them: exactsend errors\n"


def test_a_label_that_was_asked_for_and_not_bought_is_never_passed_over_in_silence(shop: Shop) -> None:
    number = shop.deliver_all()[0]
    shop.office.edit_delivery(number, TrackingNumber="SHIPPED-OTHERWISE")
    shop.run("sync")

    finished = shop.run("labels", "create", "--delivery", str(number), "--yes")

    assert finished.status == 1
    assert finished.out == (
        f"delivery {number}  no label: has a tracking number in Exact that exactsend did not write\n"
    )


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["sinc"], "exactsend: No such command 'sinc'."),
        (["sync", "--dry"], "exactsend: No such option: --dry"),
        (["sync", "--jobs", "0"], "exactsend: Invalid value for '--jobs'"),
        (["sync", "--division", "acme"], "exactsend: there is no division 'acme' in the configuration"),
        (["explain"], "exactsend: Missing argument"),
        (["labels", "create", "4711", "--order", "4711"], "exactsend: name the delivery, and in one way"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(shop: Shop, argv: list[str], said: str) -> None:
    finished = shop.run(*argv)

    assert finished.status == 2
    assert finished.err.startswith(said)
    assert finished.out == ""


def test_no_command_at_all_is_wrong_usage(shop: Shop) -> None:
    finished = shop.run()

    assert finished.status == 2
    assert "Usage: exactsend" in finished.err


def test_a_wrong_configuration_ends_with_3_and_every_problem(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace("code = 1234567", 'code = "1234567"\ncolour = "red"'))

    finished = shop.run("sync")

    assert finished.status == 3
    assert "divisions.sandbox.code must be a whole number" in finished.err
    assert "unknown key divisions.sandbox.colour" in finished.err


def test_without_a_sign_in_a_run_ends_with_4(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        finished = shop.run("sync")

    assert finished.status == 4
    assert finished.err == (
        "exactsend: this installation is not signed in to Exact\n  Run exactsend connect.\n"
    )


def test_more_labels_than_a_run_may_buy_ends_with_5_and_buys_none(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace("shipping_option =", "max_per_run = 3\nshipping_option ="))
    shop.run("sync")
    shop.deliver_all()

    finished = shop.run("sync")

    assert finished.status == 5
    assert "7 labels were to be bought in one run and the limit is 3" in finished.err
    assert shop.panel.labels() == []
    assert shop.run("sync", "--max-labels", "7").status == 1


def test_a_damaged_ledger_ends_with_6(shop: Shop) -> None:
    shop.run("sync")
    ledger = shop.state / "1234567" / "ledger.json"
    ledger.write_text(ledger.read_text().replace("4711", "4811"))

    finished = shop.run("sync")

    assert finished.status == 6
    assert "ledger.json is damaged" in finished.err


def test_services_out_of_reach_end_with_7_and_one_sentence(shop: Shop) -> None:
    shop.sandbox.stop()

    finished = shop.run("sync")

    assert finished.status == 7
    assert len(finished.err.splitlines()[0]) > 0
    assert finished.err.count("exactsend: ") == 1


def test_a_purchase_without_an_answer_ends_with_7(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.sandbox.faults.lose_call("POST", "/shipments/announce")

    finished = shop.run("sync")

    assert finished.status == 7
    assert "the outcome of a purchase is not known yet; the next run looks again" in finished.err


class Calamity:
    """A clock that something happens to when it is asked for the n-th time."""

    def __init__(self, shop: Shop, after: int, calamity: BaseException | signal.Signals) -> None:
        self._shop = shop
        self._calls = count(1)  # counts right in several threads
        self._after = after
        self._calamity = calamity

    def __call__(self) -> datetime:
        if next(self._calls) == self._after:
            if isinstance(self._calamity, BaseException):
                raise self._calamity
            self._send(self._calamity)
        return self._shop.clock()

    def _send(self, asked: signal.Signals) -> None:
        """Send it to this process, and go on once the main thread has noted it."""
        noting = getattr(signal.getsignal(asked), "__self__", None)
        assert isinstance(noting, Interrupts)
        os.kill(os.getpid(), asked)
        while noting._asked is None:
            Event().wait(0.001)


def test_a_bug_ends_with_70_and_its_traceback(shop: Shop) -> None:
    finished = shop.run("sync", clock=Calamity(shop, 12, ZeroDivisionError("no such day")))

    assert finished.status == 70
    assert "ZeroDivisionError" in finished.err
    assert "in run_division" in finished.err
    assert "this is a bug in exactsend" in finished.err


def test_another_run_on_the_division_ends_with_75(shop: Shop) -> None:
    lock = Lock(shop.state / "1234567" / "lock")
    with lock.acquire(run_id="another", clock=shop.clock, sleep=shop.pass_time):
        finished = shop.run("sync")

    assert finished.status == 75
    assert "another" in finished.err


def test_a_run_that_waits_for_the_other_gives_up_when_it_was_told_to(shop: Shop) -> None:
    lock = Lock(shop.state / "1234567" / "lock")
    before = shop.clock()
    with lock.acquire(run_id="another", clock=shop.clock, sleep=shop.pass_time):
        finished = shop.run("sync", "--wait", "30")

    assert finished.status == 75
    assert timedelta(seconds=29) < shop.clock() - before < timedelta(seconds=31)


def test_an_interrupted_run_ends_with_130(shop: Shop) -> None:
    finished = shop.run("sync", clock=Calamity(shop, 30, signal.SIGINT))

    assert finished.status == 130
    assert finished.err == "exactsend: interrupted; the next run goes on from here\n"
    assert shop.run("sync").status == 0


def test_a_terminated_run_ends_with_143(shop: Shop) -> None:
    finished = shop.run("sync", clock=Calamity(shop, 30, signal.SIGTERM))

    assert finished.status == 143
    assert (
        finished.err == "exactsend: terminated; what had begun was finished, the next run goes on from here\n"
    )
    assert shop.run("sync").status == 0


# ── several divisions ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two(shop: Shop) -> Shop:
    shop.configure(TWO_DIVISIONS)
    shop.env |= SECOND_SECRETS
    return shop


def test_with_several_divisions_the_choice_must_be_made(two: Shop) -> None:
    finished = two.run("sync")

    assert finished.status == 2
    assert "Add --all, or --division with one of: sandbox, second" in finished.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_all_divisions_run_side_by_side(two: Shop, jobs: str) -> None:
    finished = two.run("sync", "--all", "--jobs", jobs)

    assert finished.status == 0
    assert finished.out.splitlines()[-2:] == ["sandbox: 6 incoming orders sent", "second: nothing to do"]


def test_a_locked_division_is_passed_over(two: Shop) -> None:
    lock = Lock(two.state / "7654321" / "lock")
    with lock.acquire(run_id="another", clock=two.clock, sleep=two.pass_time):
        finished = two.run("sync", "--all")
        alone = two.run("sync", "-d", "second")

    assert finished.status == 0
    assert "exactsend: second: another run" in finished.err
    assert alone.status == 75


def test_a_division_whose_tables_are_wrong_does_not_stop_the_others(two: Shop) -> None:
    two.configure(TWO_DIVISIONS + "colour = 1\n")

    finished = two.run("sync", "--all")

    assert finished.status == 3
    assert "sandbox: 6 incoming orders sent" in finished.out
    assert "exactsend: second: the configuration of division second has errors" in finished.err


def test_a_division_whose_ledger_cannot_be_read_does_not_stop_the_others(two: Shop) -> None:
    two.run("sync", "--all")
    (two.state / "7654321" / "ledger.json").write_text("{}")

    finished = two.run("sync", "--all")

    assert finished.status == 6
    assert finished.out == "sandbox: nothing to do\n"


def test_a_bug_in_one_division_does_not_stop_the_others(two: Shop) -> None:
    calamity = Calamity(two, 14, ZeroDivisionError("no such day"))

    finished = two.run("sync", "--all", "--jobs", "1", clock=calamity)

    assert finished.status == 70
    assert "exactsend: sandbox: a bug ended this run: ZeroDivisionError" in finished.err
    assert finished.out == "second: nothing to do\n"


@pytest.mark.parametrize(("asked", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_divisions_side_by_side_come_to_their_safe_points_when_asked_to_end(
    two: Shop, asked: signal.Signals, status: int
) -> None:
    finished = two.run("sync", "--all", clock=Calamity(two, 20, asked))

    assert finished.status == status
    assert two.run("sync", "--all").status == 0


def test_the_worst_division_decides(two: Shop) -> None:
    two.env.pop("EXACTSEND_SECOND_SENDCLOUD_SECRET_KEY")
    two.run("sync", "-d", "sandbox")
    two.deliver_all()

    finished = two.run("sync", "--all")

    assert finished.status == 4
    assert "exactsend: second: no Sendcloud secret key for division second" in finished.err
    assert "labels bought" in finished.out
