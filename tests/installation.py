"""exactsend in a folder, between two services: its configuration, secrets, state and clock. Every shop of the tests is one."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypedDict, Unpack

from exactsend.engine.wiring import Process, Wiring, now_utc, sleep
from exactsend.exact.consent import authorize_url, read_redirect
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.office import Office
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings, Settings

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EXACT_SECRET = {"EXACTSEND_EXACT_CLIENT_SECRET": starting_worlds.CLIENT_SECRET}
SERVICES = """\
[exact]
base_url = "{exact_url}"
client_id = "sandbox-client"
redirect_uri = "https://localhost/exactsend"
[sendcloud]
base_url = "{sendcloud_url}"
"""


def sendcloud_keys(public: str, secret: str, *, division: str = "") -> dict[str, str]:
    """A pair of Sendcloud's keys in the environment, for all divisions or one."""
    prefix = f"EXACTSEND_{division.upper()}_SENDCLOUD" if division else "EXACTSEND_SENDCLOUD"
    return {f"{prefix}_PUBLIC_KEY": public, f"{prefix}_SECRET_KEY": secret}


SECRETS = EXACT_SECRET | sendcloud_keys("sandbox-public", "sandbox-secret")


class Installation:
    """One configuration with its state; subclasses know the services and run the program."""

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str] = SECRETS,
        clock: Callable[[], datetime] = now_utc,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.state = folder / "state"
        self.config_path = folder / "config.toml"
        self.env = dict(environ)
        self._clock = clock
        self._sleep = sleep

    def write_config(self, text: str) -> None:
        """Write the configuration; from now on it is the one that counts."""
        self.config_path.write_text(text)
        self.__dict__.pop("settings", None)

    @cached_property
    def settings(self) -> Settings:
        """The configuration as it was read."""
        return load_settings(self.config_path)

    def division_named(self, name: str) -> DivisionSettings:
        """A division of the configuration."""
        division = self.settings.divisions[name]
        assert isinstance(division, DivisionSettings)
        return division

    @property
    def process(self) -> Process:
        """What a process that runs here works with."""
        return Process(state=self.state, environ=self.env, clock=self._clock, sleep=self._sleep)

    def sign_in(self, consent: Callable[[str], str], wiring: Wiring | None = None) -> None:
        """What a person does with ``exactsend connect``; ``consent`` opens the first address and returns the second."""
        exact = self.settings.exact
        assert exact is not None
        url = authorize_url(exact.host_url, exact.client_id, exact.redirect_uri, "state123")
        code = read_redirect(consent(url), "state123")
        wiring = wiring or Wiring(self.settings, self.process)
        wiring.sign_in(exact, starting_worlds.CLIENT_SECRET).exchange_code(code, exact.redirect_uri)


class OwnClock:
    """The clock of the machine that exactsend runs on: as the services', unless somebody sets it wrong."""

    def __init__(self, services: Callable[[], datetime]) -> None:
        self._services = services
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self._services() + self.ahead


class OrderFields(TypedDict, total=False):
    """What an order may say beyond its lines and its address: arguments of ``Office.place_order``."""

    contact: str | None
    method: str | None
    warehouse: str | None
    order_date: date | None
    approved: bool


def order_mugs(
    office: Office, address: tuple[str, str], *, quantity: float = 2, **order: Unpack[OrderFields]
) -> int:
    """An order of mugs by a customer of its own, to a street and a postal code in Utrecht."""
    number = len(office.order_numbers()) + 1
    account = office.add_account(
        f"Customer {number} B.V.", email=f"c{number}@shop.example", phone="0612345678"
    )
    line, postcode = address
    door = office.add_address(account, line, postcode=postcode, city="Utrecht", main=True)
    return office.place_order(account, [("MUG", quantity, 12.5)], address=door, **order)
