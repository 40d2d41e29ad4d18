"""Models are built when they are first read, which several divisions side by side may do at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from pydantic import Field

from exactsend.domain.records import Record

THREADS = 8


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def read_by_all_at_once() -> list[object]:
    """What each thread reads with models that nobody has read before."""

    class Inner(Record):
        number: int

    class Outer(Record):
        inner: Inner | None = None
        inners: dict[str, Inner] = Field(default_factory=dict)

    together = Barrier(THREADS)

    def read(thread: int) -> object:
        together.wait()
        if thread % 2:
            return Outer.model_validate({"inner": {"number": 1}}).to_json()
        return Outer(inner=Inner(number=1)).to_json()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(read, range(THREADS)))


def test_several_threads_may_build_one_model_at_once() -> None:
    for _ in range(100):
        assert read_by_all_at_once() == [{"inner": {"number": 1}}] * THREADS
