"""Keys and tokens go to the hosts that the division's state belongs to, whatever the configuration says by now (S8)."""

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.cli.person import connects
from tests.shop import Shop
from tests.wire_server import Keeper

COMMANDS = [
    "sync",
    "sync --dry-run",
    "sync-orders",
    "writeback-tracking",
    "doctor",
    "doctor --items",
    "doctor --probe --yes",
    "divisions",
    "init",
    "explain 4711",
    "labels create 4711 --yes",
    "labels download 4711",
    "reconcile",
    "connect",
    "connect --move",
]
FINDINGS = {"doctor": 1, "doctor --items": 1, "explain 4711": 0}
"""How commands end that tell it as a finding; what only the ledger knows of 4711 is explained all the same."""
SENDCLOUD_KEYS = ("EXACTSEND_SENDCLOUD_PUBLIC_KEY", "EXACTSEND_SENDCLOUD_SECRET_KEY")


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose ledger belongs to the two services; its keys stand in the environment."""
    with Shop(tmp_path_factory.mktemp("pinned")) as shop:
        assert connects(shop).status == 0
        yield shop


@pytest.fixture
def thief(pinned: Shop) -> Iterator[Keeper]:
    """A server that keeps whatever it is sent."""
    before = pinned.config_path.read_text()
    with Keeper() as server:
        yield server
    pinned.config_path.write_text(before)


def port(shop: Shop) -> str:
    return shop.sandbox.url.rpartition(":")[2]


def redirect(shop: Shop, table: str, url: str) -> None:
    """Have the configuration name another address of a service, as somebody does who may write it."""
    former = shop.sandbox.exact_url if table == "exact" else shop.sandbox.sendcloud_url
    text = shop.config_path.read_text()
    shop.config_path.write_text(
        text.replace(f'[{table}]\nbase_url = "{former}"', f'[{table}]\nbase_url = "{url}"')
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_sent_to_another_exact(pinned: Shop, thief: Keeper, command: str) -> None:
    redirect(pinned, "exact", thief.url)

    done = (
        connects(pinned, *command.split()[1:])
        if command.startswith("connect")
        else pinned.run(*command.split())
    )

    assert done.status == FINDINGS.get(command, 3), done.err
    assert thief.connections == 0


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if name not in {"divisions", "connect --move"}]
)
def test_nothing_is_sent_to_another_sendcloud(pinned: Shop, thief: Keeper, command: str) -> None:
    redirect(pinned, "sendcloud", thief.url)
    mark = len(pinned.sandbox.calls_since(0))

    done = (
        connects(pinned, *command.split()[1:])
        if command.startswith("connect")
        else pinned.run(*command.split())
    )

    assert done.status == FINDINGS.get(command, 3), done.err
    assert f"instead of 127.0.0.1:{port(pinned)}" in done.err + done.out
    assert thief.connections == 0
    assert pinned.sandbox.calls_since(mark) == []  # before the first call, to whomever


# ── the host is kept with the keys ───────────────────────────────────────────────────────────────


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose keys stand in the store, and whose ledger is lost: no pins tell the host any more."""
    with Shop(tmp_path) as shop:
        keys = [shop.env.pop(name) for name in SENDCLOUD_KEYS]
        assert connects(shop, answers=keys).status == 0
        (shop.state / "1234567").rename(tmp_path / "lost")
        shop.pass_time(minutes=15)
        yield shop


def test_keys_of_the_store_go_to_no_other_host_where_the_ledger_is_lost(keeping: Shop) -> None:
    with Keeper() as thief:
        redirect(keeping, "sendcloud", thief.url)

        done = keeping.run("sync")

        assert done.status == 3
        assert f"stored for 127.0.0.1:{port(keeping)}" in done.err
        assert "exactsend connect --division sandbox --move" in done.err
        assert thief.connections == 0


def test_connecting_without_move_does_not_try_them_elsewhere(keeping: Shop) -> None:
    with Keeper() as thief:
        redirect(keeping, "sendcloud", thief.url)

        assert connects(keeping).status == 3
        assert thief.connections == 0


def test_a_move_asks_for_the_keys_of_the_new_host_and_keeps_them_for_it(keeping: Shop) -> None:
    elsewhere = keeping.sandbox.sendcloud_url.replace("127.0.0.1", "localhost")
    redirect(keeping, "sendcloud", elsewhere)

    done = connects(keeping, "--move", answers=["sandbox2-public", "sandbox2-secret"])

    assert done.status == 0, done.err
    kept = json.loads((keeping.state / "sign-in" / "1234567.sendcloud").read_text())
    assert kept == {
        "public_key": "sandbox2-public",
        "secret_key": "sandbox2-secret",
        "host": f"localhost:{port(keeping)}",
    }
    assert keeping.run("sync").status == 0


def test_keys_that_were_kept_without_a_host_serve_where_the_ledger_names_it(keeping: Shop) -> None:
    kept = keeping.state / "sign-in" / "1234567.sendcloud"
    kept.write_text('{"public_key": "sandbox-public", "secret_key": "sandbox-secret"}')

    lost = keeping.run("sync")
    rmtree(keeping.state / "1234567")
    (keeping.folder / "lost").rename(keeping.state / "1234567")

    assert lost.status == 4
    assert "stored without their host" in lost.err
    assert keeping.run("sync").status == 0
