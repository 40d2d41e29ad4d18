"""A dry run is a plan that people read, priced where Sendcloud quotes it, and compared with a former one where that is asked."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.shop import AUTOMATIC, MANUAL, SECOND_SECRETS, TWO_DIVISIONS, Shop

BY_RULES = (
    AUTOMATIC.replace('shipping_option = "postnl:standard"\n', "")
    .replace('"PNL" = "postnl:standard"\n', "")
    .replace('"DHLX" = "dhl_express:worldwide"\n', "")
)


@pytest.fixture
def delivered(shop: Shop) -> Shop:
    """A shop whose warehouse has delivered everything since the last run."""
    shop.run("sync")
    shop.deliver_all()
    return shop


def plan(shop: Shop, *options: str) -> str:
    return shop.run("sync", "--dry-run", *options).out


def saved(shop: Shop) -> Path:
    """The present plan, in a file."""
    file = shop.folder / "plan.json"
    file.write_text(plan(shop, "--json"))
    return file


# ── what it says ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_new_changed_withdrawn_and_held_stands_in_groups_of_its_own(shop: Shop) -> None:
    shop.configure(MANUAL)
    shop.run("sync")
    shop.office.change_quantity(4711, "MUG", 5)
    shop.office.cancel_order(4712)
    shop.office.approve_order(4717)

    assert plan(shop) == dedent(
        """\
        new among the incoming orders
          order 4717
        changed among the incoming orders
          order 4711
        withdrawn from the incoming orders
          order 4712  cancelled in Exact
        in all: 1 new, 1 changed, 1 withdrawn
        """
    )


def test_where_rules_choose_the_option_the_price_is_not_known(delivered: Shop) -> None:
    delivered.configure(BY_RULES)
    lines = plan(delivered).splitlines()

    assert "  delivery 20001 of 4711  an option chosen by Sendcloud's rules, price not known" in lines
    assert lines[-1].endswith("labels for 14.35 EUR and 5 without a known price")


def test_a_price_that_is_not_answered_costs_nothing_but_the_price(delivered: Shop) -> None:
    delivered.sandbox.faults.answer_instead("POST", "/shipping-options", status=503, times=None)

    finished = delivered.run("sync", "--dry-run")

    assert finished.status == 0
    assert "  delivery 20001 of 4711  postnl:standard, price not known" in finished.out.splitlines()


def test_nothing_to_do_is_said(shop: Shop) -> None:
    shop.run("sync")

    assert plan(shop) == "nothing to do\n"
    assert plan(shop, "-q") == ""


def test_a_plan_stopped_by_a_limit_says_so_and_prices_nothing(delivered: Shop) -> None:
    mark = len(delivered.sandbox.calls)
    finished = delivered.run("sync", "--dry-run", "--max-labels", "1")

    assert finished.status == 5
    assert "  delivery 20001 of 4711  no label: stopped by a safety limit" in finished.out.splitlines()
    asked = [
        call.body for call in delivered.sandbox.calls_since(mark) if call.path.endswith("/shipping-options")
    ]
    assert not [body for body in asked if isinstance(body, dict) and "calculate_quotes" in body]


def test_each_division_has_its_plan(tmp_path: Path) -> None:
    with Shop(tmp_path, config=TWO_DIVISIONS) as shop:
        shop.env |= SECOND_SECRETS
        shop.connect()
        out = shop.run("sync", "--dry-run", "--all").out

    assert [line for line in out.splitlines() if line.startswith("division")] == [
        "division sandbox",
        "division second",
    ]


def test_the_document_has_the_quote_and_says_what_is_new(delivered: Shop) -> None:
    delivered.office.approve_order(4717)
    (run,) = json.loads(plan(delivered, "--json"))["runs"]
    by_kind = {action["kind"]: action for action in run["actions"]}

    assert by_kind["label_buy"]["quote"] == {"value": "6.25", "currency": "EUR"}
    assert by_kind["order_push"]["is_new"] is True


# ── compared with a former one ───────────────────────────────────────────────────────────────────


def test_what_a_changed_rule_changes_is_shown_with_both_values(delivered: Shop) -> None:
    file = saved(delivered)
    delivered.configure(AUTOMATIC.replace('"PNL" = "postnl:standard"', '"PNL" = "dpd:home"'))

    lines = plan(delivered, "--compare", str(file)).splitlines()

    place = lines.index("  ~ delivery 20001: label buy, planned")
    assert lines[place + 1 : place + 3] == [
        "      quote.value: 6.25 → 8.95",
        "      request.ship_with.properties.shipping_option_code: postnl:standard → dpd:home",
    ]
    assert lines[-1] == "  4 of the plan's actions changed"


def test_what_came_and_what_went_is_shown(delivered: Shop) -> None:
    file = saved(delivered)
    delivered.office.delete_delivery(20001)
    delivered.office.approve_order(4717)

    changes = json.loads(plan(delivered, "--json", "--compare", str(file)))["changes"]

    told = {(change["change"], change["delivery_number"] or change["order_number"]) for change in changes}
    assert {("gone", "20001"), ("new", "4717")} <= told


def test_the_same_plan_has_not_changed(delivered: Shop) -> None:
    assert plan(delivered, "--compare", str(saved(delivered))).endswith("  nothing changed\n")


def test_a_name_that_changed_is_not_shown(delivered: Shop) -> None:
    file = saved(delivered)
    delivered.configure(AUTOMATIC + '[divisions.sandbox.customer]\nmode = "manual"\nname = "account"\n')
    out = plan(delivered, "--compare", str(file))

    assert "      request.to_address.name" in out.splitlines()
    assert "Marieke" not in out


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "can't be read: No such file"), ("{}", "has no plan in it"), ("nonsense", "has no plan in it")],
)
def test_a_file_that_holds_no_plan_is_wrong_usage(shop: Shop, content: str | None, said: str) -> None:
    file = shop.folder / "plan.json"
    if content is not None:
        file.write_text(content)
    calls = len(shop.sandbox.calls)

    finished = shop.run("sync", "--dry-run", "--compare", str(file))

    assert finished.status == 2
    assert said in finished.err
    assert len(shop.sandbox.calls) == calls


def test_a_division_that_came_to_no_plan_is_not_compared(delivered: Shop) -> None:
    file = saved(delivered)
    delivered.office.revoke_consent()
    finished = delivered.run("sync", "--dry-run", "--compare", str(file))
    assert finished.status == 4
    assert finished.out == ""
    assert "sandbox: not compared: no plan in this run" in finished.err


def test_a_run_that_is_no_dry_run_is_not_compared(shop: Shop) -> None:
    assert shop.run("sync", "--compare", "plan.json").status == 2
