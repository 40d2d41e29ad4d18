"""The configuration and the secrets for the sandbox's small shop, as texts: for the demo, and for ``exactsend sandbox --write-config``."""

import shlex
from collections.abc import Mapping
from datetime import date

import tomli_w

from exactsend.sandbox import starting_worlds

DIVISION_NAME = "sandbox"

_HEADING = """\
# A configuration for the sandbox of exactsend. Everything in it is made up, and nothing leaves this machine.
# config.example.toml explains every key.

"""


def config_text(*, exact_url: str, sendcloud_url: str, labels_from: date) -> str:
    """A configuration with a single division, which buys labels automatically."""
    return _HEADING + tomli_w.dumps(
        {
            "exact": {
                "base_url": exact_url,
                "client_id": starting_worlds.CLIENT_ID,
                "redirect_uri": starting_worlds.REDIRECT_URI,
            },
            "sendcloud": {"base_url": sendcloud_url},
            "divisions": {DIVISION_NAME: {"code": starting_worlds.DIVISION, **_division_tables(labels_from)}},
        }
    )


def _division_tables(labels_from: date) -> dict[str, object]:
    return {
        "labels": {
            "create_automatically": True,
            "start_date": labels_from,
            "shipping_option": "postnl:standard",
            "shipping_methods": {
                "PNL": "postnl:standard",
                "PNLSP": "postnl:service-point",
                "DPD": "dpd:home",
                "DHLX": "dhl_express:worldwide",
                "AFH": "none",
            },
        },
        "warehouses": {"1": 17, "2": 18},
        "service_points": {
            "enabled": True,
            "field": "YourRef",
            "pattern": r"SP:(\d+)",
            "shipping_option": "postnl:service-point",
        },
        "customs": {"country_of_origin_field": "FreeTextField_02"},
    }


def secrets_of_the_sandbox() -> Mapping[str, str]:
    """The sandbox's secrets, by the environment variables that exactsend reads. They open nothing else."""
    return {
        "EXACTSEND_EXACT_CLIENT_SECRET": starting_worlds.CLIENT_SECRET,
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "sandbox-public",
        "EXACTSEND_SENDCLOUD_SECRET_KEY": "sandbox-secret",
    }


def env_text(variables: Mapping[str, str]) -> str:
    """Lines that a shell reads with ``set -a; . sandbox.env``."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
