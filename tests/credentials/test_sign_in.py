"""The tokens of one sign-in, and the lock around their renewal."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from exactsend.credentials.file_store import FileStore
from exactsend.credentials.sign_in import LOCK_TIMEOUT, SignInStore
from exactsend.errors import AlreadyRunning

SIGN_IN = "start.exactonline.nl-c0ffee"


def sign_in(state: Path, sleep: Callable[[float], None] = lambda _seconds: None) -> SignInStore:
    return SignInStore(
        FileStore(state / "sign-in"),
        SIGN_IN,
        state=state,
        run_id="r1",
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        sleep=sleep,
    )


def test_the_answer_is_kept_before_the_pair_and_has_served_after_it(tmp_path: Path) -> None:
    tokens = sign_in(tmp_path)

    tokens.save_raw("answer")
    assert (tokens.load(), tokens.load_raw()) == (None, "answer")

    tokens.save("pair")
    assert (tokens.load(), tokens.load_raw()) == ("pair", None)


def test_the_files_have_the_names_of_the_sign_in(tmp_path: Path) -> None:
    tokens = sign_in(tmp_path)

    with tokens.lock():
        tokens.save("pair")
        tokens.save_raw("answer")

    assert sorted(path.name for path in (tmp_path / "sign-in").iterdir()) == [
        f"{SIGN_IN}.json",
        f"{SIGN_IN}.lock",
        f"{SIGN_IN}.received",
    ]


def test_the_lock_keeps_out_other_threads_too_until_it_is_given_back(tmp_path: Path) -> None:
    waits, given_back, entered = Event(), Event(), Event()

    def wait(_seconds: float) -> None:
        waits.set()
        assert given_back.wait(10)

    def renew() -> None:
        with sign_in(tmp_path, sleep=wait).lock():
            entered.set()

    thread = Thread(target=renew)
    with sign_in(tmp_path).lock():
        thread.start()
        assert waits.wait(10)
        assert not entered.is_set()
    given_back.set()
    thread.join(10)

    assert entered.is_set()


def test_a_holder_that_is_stuck_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    slept: list[float] = []

    with sign_in(tmp_path).lock(), pytest.raises(AlreadyRunning), sign_in(tmp_path, slept.append).lock():
        pass

    assert sum(slept) == pytest.approx(LOCK_TIMEOUT.total_seconds())
