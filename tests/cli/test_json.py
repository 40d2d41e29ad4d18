"""What ``--json`` prints is what docs/json.md says, and nothing else stands on stdout."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from exactsend.domain.records import LabelRecord
from exactsend.engine.plan.actions import ActionKind, OutcomeKind
from exactsend.views.data.view_types import LabelState
from tests.documents import commands
from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Finished, Shop

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
Document = dict[str, Any]


def _blocks(what: str) -> Iterator[Document]:
    for block in re.findall(rf"```json {what}\n(.*?)```", PAGE, re.DOTALL):
        yield json.loads(block)


(DEFS,) = _blocks("defs")


def _names(schema: Document) -> list[str]:
    named = schema["properties"]["schema"]
    return list(named.get("enum", [named.get("const")]))


SCHEMAS = {name: {**schema, "$defs": DEFS} for schema in _blocks("schema") for name in _names(schema)}


def document(finished: Finished) -> Document:
    """The one document on stdout, valid by the schema that it names."""
    printed: Document = json.loads(finished.out)
    Draft202012Validator(SCHEMAS[printed["schema"]]).validate(printed)
    return printed


def test_every_example_is_valid() -> None:
    for example in _blocks("example"):
        Draft202012Validator(SCHEMAS[example["schema"]]).validate(example)


def test_every_command_has_its_schema() -> None:
    assert {f"exactsend.{command.replace(' ', '-')}/1" for command in commands()} == set(SCHEMAS)


def test_the_schema_knows_the_kinds_and_outcomes_of_the_program() -> None:
    action, delivery = DEFS["action"]["properties"], DEFS["delivery"]["properties"]

    assert action["kind"]["enum"] == [kind.value for kind in ActionKind]
    assert action["outcome"]["enum"] == [outcome.value for outcome in OutcomeKind]
    assert delivery["state"]["enum"] == [state.value for state in LabelState]
    assert str(LabelRecord.model_fields["how"].annotation) == "typing.Literal['bought', 'found', 'adopted']"


def test_a_dry_run_shows_every_action_with_its_request(shop: Shop) -> None:
    (run,) = document(shop.run("sync", "--dry-run", "--json"))["runs"]

    assert run["dry_run"]
    assert [action["order_number"] for action in run["actions"]] == [
        "4711",
        "4712",
        "4713",
        "4714",
        "4715",
        "4716",
    ]
    assert {(action["kind"], action["outcome"]) for action in run["actions"]} == {("order_push", "planned")}
    assert run["actions"][0]["request"]["order_number"] == "4711"
    assert run["counts"] == {"order_push": {"planned": 6, "skipped": 1}}


def test_planned_purchases_are_marked_as_costing_money(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()

    (run,) = document(shop.run("sync-deliveries", "--dry-run", "--json"))["runs"]

    bought = [action for action in run["actions"] if action["kind"] == "label_buy"]
    assert len(bought) == 7
    assert all(row["cost_bearing"] and row["request"]["external_reference_id"] for row in bought)


def test_a_real_run_shows_no_requests(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()

    finished = shop.run("sync", "--json")

    (run,) = document(finished)["runs"]
    assert run["exit_status"] == 1
    assert run["error"] is None
    assert run["calls"]["exact"] > 0
    assert not any("request" in action for action in run["actions"])
    assert "Marieke" not in finished.out


def test_a_failed_label_says_what_a_person_should_do(busy: Shop) -> None:
    (error,) = document(busy.run("errors", "--json"))["errors"]

    assert error["order_number"] == "4715"
    assert error["delivery_number"] == "20005"
    assert (error["stage"], error["code"]) == ("label", "house_number_missing")
    assert error["field"] == "AddressLine1"
    assert error["remedy"].startswith("Correct AddressLine1 of the delivery address")


@pytest.mark.parametrize(
    "command",
    [
        ["sync-orders"], ["sync-deliveries"], ["writeback-tracking"], ["errors"], ["status"], ["divisions"], ["doctor"], ["doctor", "--items"],
        ["report", "-o", "/dev/null/report.html"],
        ["reconcile"], ["reconcile", "--since", "2026-11-01"],
        ["history"], ["history", "--unused"], ["labels", "list"], ["labels", "list", "--waiting"], ["explain", "4711"], ["explain", "20005"], ["explain", "99"],
        ["ledger", "verify"], ["ledger", "show", "4711"], ["labels", "create", "4715", "--yes"], ["labels", "cancel", "4711", "--yes"],
        ["labels", "retry", "4715", "--yes"], ["labels", "accept", "4711", "--yes"], ["labels", "create", "--yes"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_prints_a_document_that_is_valid(busy: Shop, command: list[str]) -> None:
    printed = document(busy.run(*command, "--json"))

    name = " ".join(command)
    assert name.replace(" ", "-").startswith(printed["schema"].removeprefix("exactsend.").removesuffix("/1"))


def test_downloaded_files_are_listed(busy: Shop, tmp_path: Path) -> None:
    printed = document(busy.run("labels", "download", "4714", "4716", "--to", str(tmp_path), "--json"))

    assert [file["kind"] for file in printed["files"]] == ["label", "customs-declaration"]


def test_a_limit_is_the_error_of_its_run(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace("shipping_option =", "max_per_run = 3\nshipping_option ="))
    shop.run("sync")
    shop.deliver_all()

    (run,) = document(shop.run("sync", "--json"))["runs"]

    assert run["exit_status"] == 5
    assert run["error"]["code"] == "safety_limit"


def test_a_wrong_configuration_lists_its_problems(shop: Shop) -> None:
    shop.configure("[divisions.sandbox]\n[divisions.sandbox.lables]\n[monitoring]\nping_url = 1\n")

    printed = document(shop.run("sync", "--json"))

    assert printed["runs"] == []
    assert printed["error"]["code"] == "config"
    assert printed["problems"] == [
        "monitoring.ping_url must be text in quotes, not 1",
        "divisions.sandbox.code is required",
        "unknown key divisions.sandbox.lables; did you mean labels?",
    ]


def test_the_problems_of_one_division_stand_beside_the_runs_of_the_others(shop: Shop) -> None:
    shop.configure(TWO_DIVISIONS + "colour = 1\n")
    shop.env |= SECOND_SECRETS

    printed = document(shop.run("sync", "--all", "--json"))

    assert [(row["division"], row["exit_status"]) for row in printed["runs"]] == [
        ("sandbox", 0),
        ("second", 3),
    ]
    assert printed["runs"][1]["error"]["code"] == "config"
    assert len(printed["problems"]) == 1
