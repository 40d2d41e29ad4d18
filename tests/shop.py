"""A small shop to run exactsend in: the sandbox over real HTTP, an installation beside it, and one clock for both."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock, wall_clock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.sendcloud.panel import Panel
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.world import World
from tests.installation import MONDAY, SECRETS, SERVICES, Installation, OwnClock, sendcloud_keys

TABLES = """\
[divisions.sandbox]
code = 1234567
[divisions.sandbox.labels]
{labels}
[divisions.sandbox.labels.shipping_methods]
"PNL" = "postnl:standard"
"PNLSP" = "postnl:service-point"
"DPD" = "dpd:home"
"DHLX" = "dhl_express:worldwide"
"AFH" = "none"
[divisions.sandbox.warehouses]
"1" = 17
"2" = 18
[divisions.sandbox.service_points]
enabled = true
field = "YourRef"
pattern = 'SP:(\\d+)'
[divisions.sandbox.customs]
country_of_origin_field = "FreeTextField_02"
"""
AUTOMATIC_LABELS = {
    "create_automatically": "true",
    "start_date": "2026-11-20",
    "shipping_option": '"postnl:standard"',
}


def division_tables(labels: Mapping[str, str]) -> str:
    """The configuration of the small shop's division."""
    return TABLES.format(labels=toml_lines(labels))


def toml_lines(keys: Mapping[str, str]) -> str:
    """Keys of a table with their values as they are written."""
    return "\n".join(f"{key} = {value}" for key, value in keys.items())


AUTOMATIC = division_tables(AUTOMATIC_LABELS)
SECOND_SECRETS = {
    **sendcloud_keys("sandbox-public", "sandbox-secret", division="sandbox"),
    **sendcloud_keys("sandbox2-public", "sandbox2-secret", division="second"),
}
"""With these two divisions can run."""

TWO_DIVISIONS = f"""\
{AUTOMATIC}
[divisions.second]
code = 7654321
"""

MANUAL = AUTOMATIC.replace("create_automatically = true", "create_automatically = false")


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, text: str = "", *, tty: bool = False) -> None:
        super().__init__(text)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@dataclass(frozen=True)
class Finished:
    """What a command left."""

    status: int
    out: str
    err: str


class ServedShop(Installation):
    """The sandbox of a world while the ``with`` block lasts, and an installation that is not signed in."""

    def __init__(
        self,
        folder: Path,
        *,
        config: str = AUTOMATIC,
        secrets: Mapping[str, str] = SECRETS,
        world: Callable[[SettableClock], World] = starting_worlds.small_shop,
    ) -> None:
        self.clock = SettableClock(MONDAY)
        self.own_clock = OwnClock(self.clock)
        super().__init__(folder, environ=secrets, clock=self.own_clock, sleep=self.pass_time)
        self.sandbox = Sandbox(world(self.clock))
        self._divisions = config

    def __enter__(self) -> Self:
        self.sandbox.start()
        self.configure(self._divisions)
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.stop()

    @property
    def office(self) -> Office:
        return self.sandbox.office

    @property
    def panel(self) -> Panel:
        return self.sandbox.panel

    def configure(self, divisions: str) -> None:
        """Write a configuration with these tables below those of the two services."""
        services = SERVICES.format(exact_url=self.sandbox.exact_url, sendcloud_url=self.sandbox.sendcloud_url)
        self.write_config(services + divisions)

    def connect(self) -> None:
        """Sign in to Exact, with the person's consent played."""
        self.sign_in(self.office.consent)

    def pass_time(self, seconds: float = 0, *, minutes: float = 0) -> None:
        """Let time pass for the program and for both services."""
        self.clock.advance(timedelta(seconds=seconds, minutes=minutes))


class Shop(ServedShop):
    """The small shop of the sandbox, and the command line.

    Example:
        >>> with Shop(tmp_path) as shop:
        ...     shop.connect()
        ...     assert shop.run("sync").status == 0
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self.env |= {"EXACTSEND_CONFIG": str(self.config_path), "EXACTSEND_STATE_DIR": str(self.state)}
        return self

    def come_to_the_present(self) -> None:
        """Let the services' clock go with that of this machine, for processes of their own. Before signing in."""
        self.clock.advance(wall_clock() - self.clock())

    def run(
        self, *argv: str, stdin: str = "", tty: bool = False, clock: Callable[[], datetime] | None = None
    ) -> Finished:
        """Run a command line, on a terminal or without one; to wait moves the clock."""
        out, err = Stream(tty=tty), Stream(tty=tty)
        here = ProcessIO(
            self.env, Stream(stdin, tty=tty), out, err, clock=clock or self.clock, sleep=self.pass_time
        )
        status = main(argv, here)
        return Finished(status, out.getvalue(), err.getvalue())

    def deliver_all(self) -> list[int]:
        """Have the warehouse ship all that can be shipped, five minutes later; the delivery numbers."""
        self.pass_time(minutes=5)
        return starting_worlds.deliver_all(self.office)
