"""The sandbox in a process of its own, so that what the program uses can be told from what the simulation uses.

``python -m tests.bench.sandbox_process WORLD`` serves; it takes orders, one JSON document a line, and answers each with one.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import wall_clock
from exactsend.sandbox.exact.call_limits import Limits
from exactsend.sandbox.large_world import large, many_divisions, place_open_orders
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.world import World

WORLDS: Mapping[str, Callable[[], World]] = {
    "small": lambda: starting_worlds.empty(wall_clock),
    "large": partial(large, wall_clock, open_orders=1_000),
    "divisions": partial(many_divisions, wall_clock, 200),
}


class Orders:
    """What the bench may ask of the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._mark = 0

    def addresses(self) -> dict[str, str]:
        """Where the two services are."""
        return {"exact": self._sandbox.exact_url, "sendcloud": self._sandbox.sendcloud_url}

    def consent(self, url: str) -> str:
        """What a person does in the browser; gives the redirected address."""
        return self._sandbox.office.consent(url)

    def latency(self, seconds: float) -> None:
        """Let every answer take so long from now on."""
        self._sandbox.latency = seconds

    def change(self, orders: int) -> None:
        """Order more on so many orders."""
        office = self._sandbox.office
        for number in self._waiting()[:orders]:
            line = office.order_lines(number)[0]
            office.division.change("SalesOrderLines", line, {"Quantity": line.amount("Quantity") + 1})

    def deliver(self, orders: int) -> None:
        """Deliver so many orders."""
        for number in self._waiting()[:orders]:
            self._sandbox.office.deliver(number)

    def place(self, orders: int) -> None:
        """Place so many orders."""
        place_open_orders(self._sandbox.office, orders)

    def _waiting(self) -> list[int]:
        return sorted(int(entry.order_number) for entry in self._sandbox.panel.incoming())

    def calls(self) -> dict[str, int]:
        """The calls since this was asked last, by service; "writes" are Sendcloud's unsafe ones, of which it allows 100 a minute."""
        recent = self._sandbox.calls_since(self._mark)
        self._mark += len(recent)
        found = Counter(call.api for call in recent if "oauth2" not in call.path)
        writes = sum(call.api == "sendcloud" and call.method != "GET" for call in recent)
        return {**found, "writes": writes}

    def limit(self, calls: int) -> None:
        """Allow so many calls to Exact in a minute from now on."""
        self._sandbox.world.exact.limits = Limits(per_minute=calls, per_day=1_000_000)

    def numbers(self) -> list[int]:
        """The numbers of the incoming orders."""
        return self._waiting()


def main() -> None:
    """Serve until the orders end."""
    with Sandbox(WORLDS[sys.argv[1]]()) as sandbox:
        sandbox.world.exact.limits = Limits(per_minute=100_000, per_day=1_000_000)
        orders = Orders(sandbox)
        _say("ready")
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            _say(json.dumps(getattr(orders, name)(*arguments)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Served:
    """A sandbox that is served by another process."""

    def __init__(self, world: str) -> None:
        command = [sys.executable, "-m", "tests.bench.sandbox_process", world]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._answers = self._process.stdin, self._process.stdout
        assert self._answers.readline() == "ready\n", "the sandbox did not start"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.close()
        self._process.wait(timeout=30)
        self._answers.close()

    def ask(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - as the order answers
        """Have the sandbox do something; gives its answer."""
        self._orders.write(json.dumps([name, *arguments]) + "\n")
        self._orders.flush()
        return json.loads(self._answers.readline())


if __name__ == "__main__":
    main()
