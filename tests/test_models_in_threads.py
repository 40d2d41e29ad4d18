"""Models are built when they are first read, which several divisions side by side may do at once.

In a process of its own, so that threads can be made to take turns very often without slowing down anything else.
"""

import os
import subprocess
import sys

READ_BY_ALL_AT_ONCE = """
import sys
from threading import Thread
from pydantic import Field
from exactsend.domain.records import Record

sys.setswitchinterval(1e-6)

def read_by_all_at_once():
    class Inner(Record):
        number: int

    class Outer(Record):
        inner: Inner | None = None
        inners: dict[str, Inner] = Field(default_factory=dict)

    found = []

    def read(thread):
        if thread % 2:
            found.append(Outer.model_validate({"inner": {"number": 1}}).to_json())
        else:
            found.append(Outer(inner=Inner(number=1)).to_json())

    threads = [Thread(target=read, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found

for _ in range(100):
    assert read_by_all_at_once() == [{"inner": {"number": 1}}] * 8
"""
"""Threads read with models that nobody has read before."""


def test_several_threads_may_build_one_model_at_once() -> None:
    unmeasured = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_START"}

    ended = subprocess.run(
        [sys.executable, "-c", READ_BY_ALL_AT_ONCE],
        env=unmeasured,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.stderr == ""
    assert ended.returncode == 0
