"""One installation beside a served sandbox: its configuration, its state, and runs of the command line that are measured."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from exactsend.engine.wiring import Process, Wiring
from exactsend.exact.consent import authorize_url, read_redirect
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.large_world import FIRST_OF_MANY
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings, Settings
from tests.bench.serving import Served

PROGRAM = Path(sys.executable).with_name("exactsend")
LAUNCHING = Path(__file__).with_name("launching.py")
SERVICES = """
[exact]
base_url = "{exact}"
client_id = "sandbox-client"
redirect_uri = "https://localhost/exactsend"
max_calls_per_day = 1000000
[sendcloud]
base_url = "{sendcloud}"
"""
DIVISION = """
[divisions.{name}]
code = {code}
[divisions.{name}.labels]
create_automatically = true
start_date = 2026-11-01
shipping_option = "postnl:standard"
max_per_run = 100
[divisions.{name}.warehouses]
"1" = 17
"""


@dataclass(frozen=True)
class Ran:
    """What one command took."""

    wall: float
    cpu: float
    """Seconds of the processor, the system's part included."""
    memory: float
    """Most memory at once, in MB."""
    status: int


@dataclass
class Shop:
    """An installation in a folder, connected."""

    folder: Path
    served: Served
    names: Sequence[str] = ("bench",)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        many = len(self.names) > 1
        codes = (
            range(FIRST_OF_MANY + 1, FIRST_OF_MANY + 1 + len(self.names))
            if many
            else [starting_worlds.DIVISION]
        )
        divisions = "".join(
            DIVISION.format(name=name, code=code) for name, code in zip(self.names, codes, strict=True)
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(SERVICES.format(**self.served.ask("addresses")) + divisions)
        secrets = {"EXACTSEND_EXACT_CLIENT_SECRET": starting_worlds.CLIENT_SECRET}
        for number, name in enumerate(self.names, start=1):
            prefix = f"EXACTSEND_{name.upper()}_SENDCLOUD"
            secrets[f"{prefix}_PUBLIC_KEY"] = f"public-{number}" if many else "sandbox-public"
            secrets[f"{prefix}_SECRET_KEY"] = f"secret-{number}" if many else "sandbox-secret"
        self.environ = {**os.environ, **secrets}
        self._connect(secrets)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def ledger(self) -> Path:
        return self.state / str(self.division.code)

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.config)

    @cached_property
    def division(self) -> DivisionSettings:
        division = self.settings.divisions[self.names[0]]
        assert isinstance(division, DivisionSettings)
        return division

    def _connect(self, secrets: Mapping[str, str]) -> None:
        exact = self.division.exact
        wiring = Wiring(self.settings, Process(state=self.state, environ=secrets))
        url = authorize_url(exact.host_url, exact.client_id, exact.redirect_uri, "state123")
        code = read_redirect(self.served.ask("consent", url), "state123")
        wiring.sign_in(exact, starting_worlds.CLIENT_SECRET).exchange_code(code, exact.redirect_uri)

    def run(self, *arguments: str) -> Ran:
        """One command line, measured."""
        places = ("--config", str(self.config), "--state-dir", str(self.state))
        return measured([str(PROGRAM), *arguments, *places], self.environ)


def measured(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Ran:
    """Run a command and tell what it took."""
    launcher = [sys.executable, "-I", "-S", str(LAUNCHING), *command]
    told = subprocess.run(launcher, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return Ran(**json.loads(told.stdout))
