"""Every key outside of the divisions' tables does something: what a person sees is otherwise with another value.

The keys of a division are the cases' business (``tests/test_cases.py``).
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from exactsend.domain.policy import MethodTable
from exactsend.settings.models import (
    CredentialsSettings,
    ExactSettings,
    MonitoringSettings,
    SendcloudSettings,
)
from tests.installation import SERVICES
from tests.operations.test_monitoring import Pings
from tests.shop import AUTOMATIC, Shop

See = Callable[[Shop, Pings], object]


def where_to_sign_in(shop: Shop, _: Pings) -> str:
    """The address that ``connect`` prints, but for what is drawn by lot in it."""
    (address,) = (line for line in shop.run("connect").out.splitlines() if line.startswith("http"))
    return re.sub("state=[^&]*", "", address).replace(shop.sandbox.exact_url, "the sandbox")


def how_a_sync_ends(shop: Shop, _: Pings) -> int:
    return shop.run("sync").status


def what_was_pinged(shop: Shop, pings: Pings) -> list[str]:
    """After a run with a label that failed."""
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")
    return pings.paths


def the_metrics(shop: Shop, _: Pings) -> bool:
    shop.run("sync")
    return (shop.folder / "exactsend.prom").exists()


def the_page(shop: Shop, _: Pings) -> bool:
    shop.run("sync")
    return (shop.folder / "exactsend.html").exists()


TABLES: dict[str, type[MethodTable]] = {
    "exact": ExactSettings,
    "sendcloud": SendcloudSettings,
    "credentials": CredentialsSettings,
    "monitoring": MonitoringSettings,
}
A_SITE = SERVICES.replace('base_url = "{exact_url}"', 'site = "nl"')
A_PING = '[monitoring]\nping_url = "{ping_url}"\n'
KEYS: dict[str, tuple[str, str, See]] = {
    # key: the configuration with one value of it, with another one or none, and what a person sees
    "exact.site": (A_SITE, A_SITE.replace('"nl"', '"be"'), where_to_sign_in),
    "exact.base_url": (SERVICES, A_SITE, where_to_sign_in),
    "exact.client_id": (SERVICES, SERVICES.replace("sandbox-client", "another-app"), where_to_sign_in),
    "exact.redirect_uri": (SERVICES, SERVICES.replace("localhost/", "example.com/"), where_to_sign_in),
    "exact.max_calls_per_day": (
        SERVICES,
        SERVICES.replace("[sendcloud]", "max_calls_per_day = 3\n[sendcloud]"),
        how_a_sync_ends,
    ),
    "sendcloud.base_url": (
        SERVICES,
        SERVICES.replace("{sendcloud_url}", "http://127.0.0.1:1"),
        how_a_sync_ends,
    ),
    "credentials.store": (SERVICES, SERVICES + '[credentials]\nstore = "keyring"\n', how_a_sync_ends),
    "monitoring.ping_url": (SERVICES, SERVICES + A_PING, what_was_pinged),
    "monitoring.ping_fail_on_errors": (
        SERVICES + A_PING,
        SERVICES + A_PING + "ping_fail_on_errors = true\n",
        what_was_pinged,
    ),
    "monitoring.metrics_file": (
        SERVICES,
        SERVICES + '[monitoring]\nmetrics_file = "{folder}/exactsend.prom"\n',
        the_metrics,
    ),
    "monitoring.report_file": (
        SERVICES,
        SERVICES + '[monitoring]\nreport_file = "{folder}/exactsend.html"\n',
        the_page,
    ),
}


def test_every_shared_key_is_tried() -> None:
    assert set(KEYS) == {f"{name}.{key}" for name, model in TABLES.items() for key in model.model_fields}


@pytest.mark.parametrize("key", KEYS)
def test_the_key_makes_a_difference(key: str, tmp_path: Path) -> None:
    one, other, see = KEYS[key]

    assert seen(one, see, tmp_path / "one") != seen(other, see, tmp_path / "other")


@pytest.mark.parametrize("see", [where_to_sign_in, how_a_sync_ends, what_was_pinged, the_metrics])
def test_the_same_configuration_twice_makes_none(see: See, tmp_path: Path) -> None:
    same = SERVICES + A_PING

    assert seen(same, see, tmp_path / "one") == seen(same, see, tmp_path / "other")


def seen(services: str, see: See, folder: Path) -> object:
    """What a person sees of a shop, connected as it should be, whose configuration begins with these services."""
    folder.mkdir()
    service = Pings()
    with Shop(folder) as shop, service:
        shop.connect()
        services = services.format(
            exact_url=shop.sandbox.exact_url,
            sendcloud_url=shop.sandbox.sendcloud_url,
            ping_url=service.url,
            folder=folder,
        )
        shop.config_path.write_text(services + AUTOMATIC)
        return see(shop, service)
