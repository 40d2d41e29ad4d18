"""Other programs on the same machine and the same sandbox, in the same run: installed into a throw-away environment from PyPI."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from exactsend.engine.wiring import Wiring
from exactsend.exact.tokens import latest
from tests.bench.measures import LATENCY, Measure, quickest
from tests.bench.sandbox_process import Served
from tests.bench.shop import Shop, measured

CLIENT = "exactonline"
COMMANDS = {"httpie": "http", "vdirsyncer": "vdirsyncer", "borgmatic": "borgmatic"}
"""Python programs that people run by hand or by cron, and their commands."""
ORDERS = 50
RECORD_BY_RECORD = Path(__file__).with_name("record_by_record.py")
SETTINGS = """
[server]
rest_url = {exact}/api
[application]
base_url = https://localhost/exactsend
client_id = sandbox-client
client_secret = unused
iteration_limit = 1000
[transient]
access_token = {token}
access_expiry = 9999999999
division = {division}
"""


def compared(folder: Path) -> Iterator[Measure]:
    """What can be installed; what can't is left out."""
    folder.mkdir(parents=True)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    bare = quickest([sys.executable, "-c", "pass"])
    for package, command in COMMANDS.items():
        if _installed(environment, package):
            took = quickest([str(environment / "bin" / command), "--version"]) - bare
            yield Measure(f"{package}: `{command} --version`, over bare Python", took, "ms")
    if _installed(environment, CLIENT):
        yield from _record_by_record(folder, environment)


def _installed(environment: Path, package: str) -> bool:
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", package]
    return subprocess.run(pip, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _record_by_record(folder: Path, environment: Path) -> Iterator[Measure]:
    with Served("large") as served:
        shop = Shop(folder / "shop", served)
        settings = folder / "settings.ini"
        token = _access_token(shop)
        settings.write_text(
            SETTINGS.format(exact=served.ask("addresses")["exact"], token=token, division=shop.division.code)
        )
        served.ask("latency", LATENCY)
        served.ask("calls")
        ran = measured(
            [str(environment / "bin" / "python"), str(RECORD_BY_RECORD), str(settings), str(ORDERS)], shop.env
        )
        calls = served.ask("calls").get("exact", 0)
        assert ran.status == 0, "the client failed"
        yield Measure(f"{CLIENT}, record by record: calls to Exact for {ORDERS} orders", calls, "calls")
        yield Measure(f"{CLIENT}, record by record: time for {ORDERS} orders", ran.wall, "s")
        yield Measure(f"{CLIENT}, record by record: calls for each order", calls / ORDERS, "calls an order")


def _access_token(shop: Shop) -> str:
    wiring = Wiring(shop.settings, shop.process)
    store = wiring.sign_in_store(shop.division.exact)
    tokens = latest(store.load(), store.load_raw())
    assert tokens is not None
    return tokens.access_token
