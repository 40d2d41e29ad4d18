"""The ping and the metrics file: what is told, and that neither changes how a run ends."""

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_refused_questions import a_refusal, remember
from tests.shop import AUTOMATIC, Shop
from tests.wire_server import Answer, Asked, Keeper


class Pings(Keeper):
    """A monitoring service that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, signal.Signals] = {}
        """Asked for such a path, it asks the program to end."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/5f1a0a52-check"

    @property
    def paths(self) -> list[str]:
        return [_below(asked) for asked in self.asked]

    def _take(self, asked: Asked) -> Answer:
        if (path := _below(asked)) in self.at:
            os.kill(os.getpid(), self.at[path])
        return super()._take(asked)


def _below(asked: Asked) -> str:
    return asked.target.removeprefix("/5f1a0a52-check")


@pytest.fixture
def pings() -> Iterator[Pings]:
    with Pings() as service:
        yield service


@pytest.fixture
def shop(tmp_path: Path, pings: Pings) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        watch(shop, pings)
        yield shop


def watch(shop: Shop, pings: Pings, *more: str) -> None:
    """Configure the monitoring."""
    table = [f'ping_url = "{pings.url}"', f'metrics_file = "{shop.folder / "exactsend.prom"}"', *more]
    shop.configure("\n".join(["[monitoring]", *table, AUTOMATIC]))


def test_a_good_run_pings_its_start_and_its_success(shop: Shop, pings: Pings) -> None:
    shop.run("sync")

    assert pings.paths == ["/start", ""]


def test_labels_that_failed_are_a_success_unless_the_configuration_says_otherwise(
    shop: Shop, pings: Pings
) -> None:
    shop.run("sync")
    shop.deliver_all()
    assert shop.run("sync").status == 1
    watch(shop, pings, "ping_fail_on_errors = true")

    assert shop.run("sync").status == 1

    assert pings.paths == ["/start", "", "/start", "", "/start", "/1"]


def test_a_run_that_failed_pings_its_status(shop: Shop, pings: Pings) -> None:
    shop.sandbox.stop()

    shop.run("sync")

    assert pings.paths == ["/start", "/7"]


def test_asked_to_end_it_pings_that_and_tells_it_in_one_document(shop: Shop, pings: Pings) -> None:
    pings.at = {"/start": signal.SIGTERM}

    finished = shop.run("sync", "--json")

    assert finished.status == 143
    assert json.loads(finished.out)["runs"][0]["error"]["code"] == "terminated"
    assert pings.paths == ["/start", "/143"]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_once_the_runs_have_ended_it_tells_them_whole(
    shop: Shop, pings: Pings, asked: signal.Signals
) -> None:
    pings.at = {"": asked}

    finished = shop.run("sync", "--json")

    assert finished.status == 0
    assert json.loads(finished.out)["runs"][0]["exit_status"] == 0
    assert (shop.folder / "exactsend.prom").exists()


def test_interrupted_before_the_runs_have_begun_it_leaves_a_document_all_the_same(
    shop: Shop, pings: Pings
) -> None:
    pings.at = {"/start": signal.SIGINT}

    finished = shop.run("sync", "--json")

    assert finished.status == 130
    assert json.loads(finished.out)["error"]["code"] == "interrupted"


def test_a_dry_run_and_looking_tell_nothing(shop: Shop, pings: Pings) -> None:
    shop.run("sync", "--dry-run")
    shop.run("errors")

    assert pings.paths == []
    assert not (shop.folder / "exactsend.prom").exists()


def test_a_service_that_does_not_answer_changes_nothing(shop: Shop, pings: Pings) -> None:
    pings.status = 500

    finished = shop.run("sync")

    assert finished.status == 0
    assert finished.err.count("WARNING ping_failed") == 2
    assert "5f1a0a52-check" not in finished.err


def test_the_metrics_file_tells_how_every_division_stands(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")

    path = shop.folder / "exactsend.prom"
    lines = path.read_text().splitlines()

    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert 'exactsend_errors{division="sandbox"} 1' in lines
    assert 'exactsend_parcels_towards_max_per_day{division="sandbox"} 7' in lines
    assert 'exactsend_exit_status{division="sandbox"} 1' in lines
    assert (
        f'exactsend_last_good_run_timestamp_seconds{{division="sandbox"}} {shop.clock().timestamp():.0f}'
        in lines
    )
    assert 'exactsend_sign_in_days_left{division="sandbox"} 29' in lines
    assert 'exactsend_sign_in_age_seconds{division="sandbox"} 300' in lines
    assert 'exactsend_labels{division="sandbox"} 6' in lines
    assert 'exactsend_purchases_unknown{division="sandbox"} 0' in lines
    assert 'exactsend_last_status{division="sandbox"} 1' in lines
    assert 'exactsend_exact_calls_allowed{division="sandbox"} 15000' in lines
    assert [path.name for path in shop.folder.glob("*.prom*")] == ["exactsend.prom"]


def test_the_metrics_file_counts_purchases_whose_answer_was_lost(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(4711)
    shop.sandbox.faults.lose_call("POST", "/shipments/announce", times=None)

    assert shop.run("sync").status == 7

    lines = (shop.folder / "exactsend.prom").read_text().splitlines()
    assert 'exactsend_purchases_unknown{division="sandbox"} 1' in lines


def test_a_metrics_file_that_cannot_be_written_changes_nothing(shop: Shop, pings: Pings) -> None:
    shop.configure(f'[monitoring]\nmetrics_file = "{shop.folder}/missing/exactsend.prom"\n{AUTOMATIC}')

    finished = shop.run("sync")

    assert finished.status == 0
    assert "metrics_failed" in finished.err
    assert pings.paths == []


def test_the_metrics_file_tells_of_a_run_that_ended_early_and_of_what_is_refused(shop: Shop) -> None:
    remember(shop, a_refusal())
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=401, times=None)

    assert shop.run("sync").status == 4

    lines = (shop.folder / "exactsend.prom").read_text().splitlines()
    assert 'exactsend_last_status{division="sandbox"} 4' in lines
    assert 'exactsend_refused_questions{division="sandbox"} 1' in lines
    ended = f'exactsend_last_run_timestamp_seconds{{division="sandbox"}} {shop.clock().timestamp():.0f}'
    assert ended in lines
