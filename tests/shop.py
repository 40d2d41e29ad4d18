"""A connected small shop to run commands in: the sandbox over real HTTP, a configuration, a state folder, and a clock for both."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from exactsend.cli import main
from exactsend.cli.process_io import ProcessIO
from exactsend.engine.wiring import Process, Wiring
from exactsend.exact.consent import authorize_url, read_redirect
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock, wall_clock
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.world import World
from exactsend.settings.load import load_settings

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

SECRETS = {
    "EXACTSEND_EXACT_CLIENT_SECRET": "sandbox-client-secret",
    "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "sandbox-public",
    "EXACTSEND_SENDCLOUD_SECRET_KEY": "sandbox-secret",
}

SERVICES = """\
[exact]
base_url = "{exact_url}"
client_id = "sandbox-client"
redirect_uri = "https://localhost/exactsend"
[sendcloud]
base_url = "{sendcloud_url}"
"""

AUTOMATIC = """\
[divisions.sandbox]
code = 1234567
[divisions.sandbox.labels]
create_automatically = true
start_date = 2026-11-20
shipping_option = "postnl:standard"
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

SECOND_SECRETS = {
    "EXACTSEND_SANDBOX_SENDCLOUD_PUBLIC_KEY": "sandbox-public",
    "EXACTSEND_SANDBOX_SENDCLOUD_SECRET_KEY": "sandbox-secret",
    "EXACTSEND_SECOND_SENDCLOUD_PUBLIC_KEY": "sandbox2-public",
    "EXACTSEND_SECOND_SENDCLOUD_SECRET_KEY": "sandbox2-secret",
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


class Shop:
    """The small shop of the sandbox, and one installation of exactsend beside it.

    Example:
        >>> with Shop(tmp_path) as shop:
        ...     shop.connect()
        ...     assert shop.run("sync").status == 0
    """

    def __init__(
        self,
        folder: Path,
        *,
        config: str = AUTOMATIC,
        world: Callable[[SettableClock], World] = starting_worlds.small_shop,
    ) -> None:
        self.folder = folder
        self.clock = SettableClock(MONDAY)
        self.sandbox = Sandbox(world(self.clock))
        self.office = self.sandbox.office
        self.panel = self.sandbox.panel
        self.state = folder / "state"
        self.config_path = folder / "config.toml"
        self.env: dict[str, str] = dict(SECRETS)
        self._divisions = config

    def __enter__(self) -> Self:
        self.sandbox.start()
        self.configure(self._divisions)
        self.env |= {"EXACTSEND_CONFIG": str(self.config_path), "EXACTSEND_STATE_DIR": str(self.state)}
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.stop()

    def come_to_the_present(self) -> None:
        """Let the services' clock go with that of this machine, for processes of their own. Before signing in."""
        self.clock.advance(wall_clock() - self.clock())

    def configure(self, divisions: str) -> None:
        """Write a configuration with these tables below those of the two services."""
        services = SERVICES.format(exact_url=self.sandbox.exact_url, sendcloud_url=self.sandbox.sendcloud_url)
        self.config_path.write_text(services + divisions)

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

    def pass_time(self, seconds: float = 0, *, minutes: float = 0) -> None:
        """Let time pass for the program and for both services."""
        self.clock.advance(timedelta(seconds=seconds, minutes=minutes))

    def connect(self) -> None:
        """Sign in to Exact, with the person's consent played."""
        settings = load_settings(self.config_path)
        exact = settings.exact
        assert exact is not None
        wiring = Wiring(
            settings, Process(state=self.state, environ=self.env, clock=self.clock, sleep=self.pass_time)
        )
        url = authorize_url(exact.host_url, exact.client_id, exact.redirect_uri, "our-state")
        code = read_redirect(self.office.consent(url), "our-state")
        wiring.sign_in(exact, SECRETS["EXACTSEND_EXACT_CLIENT_SECRET"]).exchange_code(
            code, exact.redirect_uri
        )

    def deliver_all(self) -> list[int]:
        """Have the warehouse ship all that can be shipped, five minutes later; the delivery numbers."""
        self.pass_time(minutes=5)
        return starting_worlds.deliver_all(self.office)
