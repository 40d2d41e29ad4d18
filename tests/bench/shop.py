"""One installation beside a served sandbox: its configuration, its state, and runs of the command line that are measured."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.large_world import FIRST_OF_MANY
from exactsend.settings.models import DivisionSettings
from tests.bench.sandbox_process import Served
from tests.installation import EXACT_SECRET, SERVICES, Installation, sendcloud_keys

PROGRAM = Path(sys.executable).with_name("exactsend")
LAUNCHER = Path(__file__).with_name("launcher.py")
MANY_CALLS = "max_calls_per_day = 1000000\n"
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


class Shop(Installation):
    """An installation in a folder, connected."""

    def __init__(self, folder: Path, served: Served, names: Sequence[str] = ("bench",)) -> None:
        keys, codes = [("sandbox-public", "sandbox-secret")], [starting_worlds.DIVISION]
        if len(names) > 1:
            numbers = range(1, len(names) + 1)
            keys = [(f"public-{number}", f"secret-{number}") for number in numbers]
            codes = [FIRST_OF_MANY + number for number in numbers]
        secrets = dict(EXACT_SECRET)
        for name, (public, secret) in zip(names, keys, strict=True):
            secrets |= sendcloud_keys(public, secret, division=name)
        super().__init__(folder, environ={**os.environ, **secrets})
        self.served = served
        self.division_name = names[0]
        addresses = served.ask("addresses")
        services = SERVICES.format(exact_url=addresses["exact"], sendcloud_url=addresses["sendcloud"])
        divisions = (DIVISION.format(name=name, code=code) for name, code in zip(names, codes, strict=True))
        self.write_config(services.replace("[sendcloud]", f"{MANY_CALLS}[sendcloud]") + "".join(divisions))
        self.sign_in(lambda url: str(served.ask("consent", url)))

    @property
    def division(self) -> DivisionSettings:
        """The first division."""
        return self.division_named(self.division_name)

    @property
    def ledger(self) -> Path:
        """The folder of its ledger."""
        return self.state / str(self.division.code)

    def run(self, *arguments: str) -> Ran:
        """One command line, measured."""
        places = ("--config", str(self.config_path), "--state-dir", str(self.state))
        return measured([str(PROGRAM), *arguments, *places], self.env)


def measured(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Ran:
    """Run a command and tell what it took."""
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), *command]
    told = subprocess.run(launcher, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return Ran(**json.loads(told.stdout))
