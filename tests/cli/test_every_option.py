"""Every option of every command is tried once. The options are enumerated from the program: one without a trial fails here."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.person import connects
from tests.cli.test_sandbox_command import serving
from tests.documents import commands
from tests.shop import Finished, Shop

LONG = "--config {config} --state-dir {state} --division sandbox --log-format json --verbose --json"
SHORT = "-c {config} -d sandbox --all -v -q --quiet"


@dataclass(frozen=True)
class Trial:
    """A command line, and what it must come to."""

    line: str
    says: str
    """Something that only this option makes it say, on either stream."""
    status: int = 0


def common(command: str, long: str, short: str, *, status: int = 0) -> tuple[Trial, Trial]:
    """The common options, in both their spellings."""
    return Trial(f"{command} {LONG}", long, status), Trial(f"{command} {SHORT}", short, status)


def schema(name: str) -> str:
    return f'"schema": "exactsend.{name}/1"'


def of_a_sync(name: str, planned: str, done: str, *, before: int, after: int) -> tuple[Trial, ...]:
    """The trials of a sync command: dry runs first, since what is done is not planned again."""
    return (
        Trial(f"{name} --dry-run", planned, before),
        Trial(f"{name} --dry-run --compare {{plan}}", "compared with the earlier plan", before),
        Trial(f"{name} --dry-run --max-labels 7", planned, before),
        Trial(f"{name} --wait 1 --jobs 1 --max-minutes 0", done, after),
        *common(name, schema(name), "run_begins", status=after),
    )


BUYS: Any = {"planned": "labels to buy, which cost money", "done": "label bought", "before": 0, "after": 1}

TRIALS: dict[str, tuple[Trial, ...]] = {
    "divisions": common("divisions", schema("divisions"), "1234567"),
    "doctor": (
        *common("doctor", schema("doctor"), ""),
        Trial("doctor --shapes --compare {shapes}", "nothing is new, gone or changed"),
        Trial("doctor --items", "items: "),
        Trial("doctor --items --csv {folder}/items.csv", "items are listed in"),
        Trial(
            "doctor --probe --yes --refresh --order 4711 --delivery 20001",
            "The ledger keeps the answers",
        ),
    ),
    "sync": (Trial("sync --max-labels 0", "(labels.max_per_run)", 5), *of_a_sync("sync", **BUYS)),
    "sync-deliveries": of_a_sync("sync-deliveries", **BUYS),
    "sync-orders": of_a_sync(
        "sync-orders", "new among the incoming orders", "order 4717  sent to", before=0, after=0
    ),
    "writeback-tracking": of_a_sync(
        "writeback-tracking", "tracking to write into Exact", "tracking written to Exact", before=1, after=1
    ),
    "errors": (
        *common("errors", schema("errors"), "house_number_missing"),
        Trial("errors --customers", "customer: Sanne de Boer"),
    ),
    "explain": (
        *common("explain 4711", schema("explain"), "history:"),
        Trial("explain 4711 --offline", "history:"),
        Trial("explain 20005 --show-data", "to_address"),
        Trial("explain 20005 --bodies --offline", "request, masked: "),
    ),
    "status": (
        *common("status", schema("status"), "last good run"),
        Trial("status --max-age 1", "the last good run was", 1),
    ),
    "history": (
        *common("history", schema("history"), "label bought"),
        Trial("history --since 2026-11-24", "nothing was done"),
        Trial("history --unused", "no label since 2026-11-01 seems unused"),
        Trial("history --csv", "at,division,run,event"),
    ),
    "reconcile": (
        *common("reconcile", schema("reconcile"), ""),
        Trial("reconcile --since 7d", "changed since 2026-11-16"),
    ),
    "report": (
        Trial("report --output {folder}/week.html --since 7d", "week.html"),
        Trial(f"report -o {{folder}}/a.html {LONG}", schema("report")),
        Trial(f"report -o {{folder}}/b.html {SHORT}", ""),
    ),
    "labels list": (
        *common("labels list", schema("labels-list"), "20001"),
        Trial("labels list --waiting", "held: house_number_missing"),
        Trial("labels list --since 7d", "20001"),
    ),
    "labels create": (
        Trial("labels create 4711 --yes", "has a live label", 1),
        Trial("labels create --delivery 20001 --another 2 --yes", "label bought"),
        Trial("labels create --order 4712 -y --another 2", "label bought"),
        *common("labels create 4711 --yes", schema("labels-create"), "has a live label", status=1),
    ),
    "labels retry": (
        Trial("labels retry --order 4715 --yes", "no label", 1),
        Trial("labels retry --delivery 20005 -y", "no label", 1),
        *common("labels retry 4715 --yes", schema("labels-retry"), "no label", status=1),
    ),
    "labels cancel": (
        Trial("labels cancel --order 4711 --yes", "cancelled"),
        Trial("labels cancel --delivery 20002 -y --shipment {shipment_of_4712}", "cancelled"),
        Trial(f"labels cancel 4713 --yes {LONG}", schema("labels-cancel")),
        Trial(f"labels cancel 4714 --yes {SHORT}", "cancelled"),
    ),
    "labels download": (
        Trial("labels download --order 4711 --to {folder}/a", ".pdf"),
        Trial("labels download --order 4711 --to {folder}/a", "already exists", 2),
        Trial("labels download --order 4711 --to {folder}/a --overwrite", ".pdf"),
        Trial("labels download --delivery 20002 --to {folder}/b --separate", ".pdf"),
        Trial(f"labels download 4713 --to {{folder}}/c {LONG}", schema("labels-download")),
        Trial(f"labels download 4714 --to {{folder}}/d {SHORT}", ".pdf"),
    ),
    "labels accept": (
        Trial("labels accept --order 4711 --yes", "no error", 1),
        Trial("labels accept --delivery 20001 -y --shipment 1", "no error", 1),
        Trial("labels accept --order 4711 --code double_label --yes", "no error", 1),
        *common("labels accept 4711 --yes", schema("labels-accept"), "no error", status=1),
    ),
    "ledger verify": common("ledger verify", schema("ledger-verify"), ""),
    "ledger show": common("ledger show 4711", schema("ledger-show"), '"section": "orders"'),
}
"""Each on a shop after two runs: 4711 to 4714 and 4716 have labels, the label of 4715 failed."""


def spellings(line: str) -> set[str]:
    return {word.partition("=")[0] for word in line.split() if word.startswith("-")}


def require_all_tried(command: str, lines: list[str]) -> None:
    tried = {spelling for line in lines for spelling in spellings(line)}

    assert commands()[command] - tried == set(), "these options have no trial"


def test_every_command_is_tried() -> None:
    others = {"demo", "sandbox", "init", "connect"}  # tried below, each in its own way

    assert set(commands()) == set(TRIALS) | others


@pytest.mark.parametrize("command", TRIALS)
def test_every_option_of_a_command_does_what_it_says(shop: Shop, command: str) -> None:
    require_all_tried(command, [trial.line for trial in TRIALS[command]])
    prepare(shop, command)
    values: dict[str, object] = {"config": shop.config_path, "state": shop.state, "folder": shop.folder}
    values |= {f"shipment_of_{label.order_number}": label.shipment_id for label in shop.panel.labels()}
    values["plan"] = saved_plan(shop)
    if command == "doctor":
        values["shapes"] = saved_shapes(shop)

    for trial in TRIALS[command]:
        shop.pass_time(minutes=5)
        require(run(shop, trial.line.format(**values).split()), trial)


def run(shop: Shop, words: list[str]) -> Finished:
    """Run a command line; what it names itself does not stand in the environment too."""
    env = shop.env
    named = {"EXACTSEND_CONFIG": {"--config", "-c"}, "EXACTSEND_STATE_DIR": {"--state-dir"}}
    shop.env = {name: value for name, value in env.items() if not named.get(name, set()) & set(words)}
    try:
        return shop.run(*words)
    finally:
        shop.env = env


def prepare(shop: Shop, command: str) -> None:
    """What the command is about is left to be done."""
    shop.run("sync")
    if command == "sync-orders":
        shop.office.approve_order(4717)
        return
    shop.deliver_all()
    if command not in {"sync", "sync-deliveries"}:
        shop.run("sync-deliveries" if command == "writeback-tracking" else "sync")


def saved_plan(shop: Shop) -> Path:
    file = shop.folder / "plan.json"
    file.write_text(shop.run("sync", "--dry-run", "--json").out)
    return file


def saved_shapes(shop: Shop) -> Path:
    file = shop.folder / "shapes.txt"
    file.write_text(shop.run("doctor", "--shapes").out)
    return file


def require(finished: Finished, trial: Trial) -> None:
    told = f"{trial.line}: {finished}"
    assert finished.status == trial.status, told
    assert trial.says in finished.out + finished.err, told
    if "--json" in trial.line:
        assert json.loads(finished.out), told


# ── those that talk to a person, or serve until they are stopped ─────────────────────────────────


def test_every_option_of_connect(shop: Shop) -> None:
    lines = ["--store file --move", LONG, SHORT]
    require_all_tried("connect", lines)
    for line in lines:
        words = line.removesuffix("--json").format(config=shop.config_path, state=shop.state).split()
        assert connects(shop, *words).status == 0
    assert schema("connect") in shop.run("connect", "--json").out  # where nobody answers


def test_every_option_of_init(shop: Shop) -> None:
    lines = [LONG, SHORT]
    require_all_tried("init", lines)
    for place, line in enumerate(lines):
        config = shop.folder / f"new-{place}.toml"
        answers = "nl\nclient\nhttps://example.com/x\n1234567 acme\n2026-11-20\n"
        words = line.format(config=config, state=shop.state).split()
        assert shop.run("init", *words, stdin=answers).status == 0
        assert config.exists()


def test_every_option_of_demo(shop: Shop) -> None:
    require_all_tried("demo", [LONG, SHORT])
    words = f"{LONG} {SHORT}".format(config=shop.config_path, state=shop.state).split()

    assert shop.run("demo", *words).status == 0


def test_every_option_of_sandbox(tmp_path: Path) -> None:
    lines = [f"--port {free_port()} --write-config {tmp_path / 'written'} {LONG}", SHORT]
    require_all_tried("sandbox", lines)
    for line in lines:
        words = line.format(config=tmp_path / "none", state=tmp_path).replace("--json", "").split()
        with serving(*words) as (_, url):
            assert url.startswith("http://127.0.0.1:")
    assert (tmp_path / "written" / "config.toml").exists()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
