"""Log lines: a record for each action with what it is about, readable for people, for the journal, and for programs."""

import io
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from exactsend.cli.error_output import print_error
from exactsend.cli.log_output import logging_to
from exactsend.cli.main import main
from exactsend.cli.options import LogFormat
from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import Terminal
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.system.structured_log import log_event, log_values
from tests.shop import MANUAL, SECOND_SECRETS, TWO_DIVISIONS, Shop, Stream

log = logging.getLogger("exactsend.test")


def lines(shop: Shop, *argv: str) -> list[dict[str, Any]]:
    """The log of a command, as JSON; words for a person stand between."""
    said = shop.run(*argv, "--log-format", "json").err.splitlines()
    return [json.loads(line) for line in said if not line.startswith(("exactsend:", "  "))]


def one_line(log_format: LogFormat | None, *, secret: str = "", **named: str) -> str:
    stream = Stream()
    with logging_to(stream, {}, verbosity=1, log_format=log_format) as redaction:
        redaction.add(secret)
        log_event(log, logging.INFO, "label_buy", "it was bought", **named)
    return stream.getvalue()


# ── a line for each action ───────────────────────────────────────────────────────────────────────


def test_each_action_is_a_line_with_what_it_is_about(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(4711)

    (bought,) = [line for line in lines(shop, "sync", "-v") if line["event"] == "label_buy"]

    (label,) = shop.panel.labels()
    assert {**bought, "time": "", "run": ""} == {
        "time": "",
        "level": "info",
        "event": "label_buy",
        "logger": "exactsend.engine.apply.run",
        "division": "sandbox",
        "run": "",
        "outcome": "done",
        "order": "4711",
        "delivery": "20001",
        "shipment": label.shipment_id,
    }


def test_a_run_is_told_from_its_beginning_to_its_end(shop: Shop) -> None:
    told = lines(shop, "sync", "-v")

    assert (told[0]["event"], told[-1]["event"]) == ("run_begins", "run_ended")
    assert told[-1]["exit_status"] == 0
    assert told[-1]["exact_calls"] > 0
    assert len({line["run"] for line in told}) == 1


def test_a_failure_is_told_with_its_sentence(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(4715)
    (failed,) = [line for line in lines(shop, "sync", "-v") if line.get("outcome") == "failed"]

    assert (failed["reason"], failed["order"]) == ("house_number_missing", "4715")
    assert "no house number" in failed["message"]


def test_divisions_side_by_side_are_told_apart(tmp_path: Any) -> None:  # noqa: ANN401 - a path
    with Shop(tmp_path, config=TWO_DIVISIONS) as shop:
        shop.env |= SECOND_SECRETS
        shop.connect()
        told = lines(shop, "sync", "--all", "-v")

    assert {line["division"] for line in told if line["event"] == "run_begins"} == {"sandbox", "second"}
    assert all("division" in line for line in told)


def test_a_label_by_hand_is_told_too(shop: Shop) -> None:
    shop.configure(MANUAL)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.run("sync")
    told = lines(shop, "labels", "create", "4711", "--yes", "-v")

    assert [line["division"] for line in told if line["event"] == "label_buy"] == ["sandbox"]


@pytest.mark.parametrize(("verbosity", "calls"), [("-v", False), ("-vv", True)])
def test_calls_are_told_in_detail_only(shop: Shop, verbosity: str, calls: bool) -> None:  # noqa: FBT001 - a case
    assert any(line["event"] == "call" for line in lines(shop, "sync", verbosity)) is calls


def test_without_v_nothing_is_told_of_what_went_well(shop: Shop) -> None:
    assert lines(shop, "sync") == []


# ── how a line is written ────────────────────────────────────────────────────────────────────────


def test_people_read_time_level_event_and_values() -> None:
    written = one_line(None, order="4711")

    assert written.endswith("Z INFO    label_buy order=4711: it was bought\n")


def test_the_journal_reads_a_priority_and_no_time(tmp_path: Any) -> None:  # noqa: ANN401 - a path
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        with logging_to(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, verbosity=1):
            log_event(log, logging.WARNING, "ping_failed", "no answer")
        stream.seek(0)
        assert stream.read() == "<4>ping_failed: no answer\n"


@pytest.mark.parametrize(
    ("status", "priority"),
    [(ExitStatus.CONFIG, 3), (ExitStatus.SAFETY, 3), (ExitStatus.API, 4), (ExitStatus.LOCKED, 4)],
)
def test_the_journal_reads_how_grave_an_ending_is_on_each_of_its_lines(
    status: ExitStatus, priority: int
) -> None:
    stderr = io.StringIO()
    error = ExactSendError("what is wrong\nwith it", hint="what to do")
    error.status = status

    print_error(error, Terminal(io.StringIO(), stderr, is_journal=True))

    assert stderr.getvalue().splitlines() == [
        f"<{priority}>exactsend: what is wrong",
        f"<{priority}>with it",
        f"<{priority}>  what to do",
    ]


def test_a_command_tells_the_journal_what_was_wrong(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w+") as stderr:
        status = os.fstat(stderr.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}", "EXACTSEND_CONFIG": "/nowhere.toml"}
        main(["errors"], ProcessIO(environ, io.StringIO(), io.StringIO(), stderr))
        stderr.seek(0)
        said = stderr.read().splitlines()

    assert said
    assert all(line.startswith("<3>") for line in said)


def test_programs_read_one_object_a_line() -> None:
    written = one_line(LogFormat.JSON, order="4711\nforged")

    assert written.count("\n") == 1
    assert json.loads(written)["order"] == "4711\nforged"


@pytest.mark.parametrize("log_format", [None, LogFormat.JSON])
def test_a_secret_is_blanked_in_every_form(log_format: LogFormat | None) -> None:
    written = one_line(log_format, secret="hush-hush", path="/x?hush-hush", token="code=4711x")

    assert "hush" not in written
    assert "4711x" not in written


def test_what_happens_meanwhile_bears_what_it_is_about() -> None:
    stream = Stream()
    with logging_to(stream, {}, verbosity=1), log_values(division="acme"):
        with log_values(run="r1"):
            log_event(log, logging.INFO, "inside")
        log_event(log, logging.INFO, "outside")

    first, second = stream.getvalue().splitlines()
    assert first.endswith("inside division=acme run=r1")
    assert second.endswith("outside division=acme")


def test_a_line_of_a_library_is_a_record_as_well() -> None:
    stream = Stream()
    with logging_to(stream, {}, verbosity=1, log_format=LogFormat.JSON):
        logging.getLogger("library").warning("it said %s", "so")

    line = json.loads(stream.getvalue())
    assert (line["event"], line["logger"], line["message"]) == ("log", "library", "it said so")


def test_another_form_is_wrong_usage(shop: Shop) -> None:
    assert shop.run("errors", "--log-format", "xml").status == 2
