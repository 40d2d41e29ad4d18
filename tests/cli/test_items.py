"""``exactsend doctor --items``: what the items lack is told, counted and listed before an order meets it."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.installation import MONDAY
from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Shop

TODAY = MONDAY.replace(tzinfo=None)


def lacking(shop: Shop) -> None:
    """An item of each kind of lack, one of two, and those that are asked nothing."""
    shop.office.add_item("BOWL", "Bowl", hs_code="", origin="NL")
    shop.office.add_item("CUP", "Cup", hs_code="7323", origin="Holland")
    shop.office.add_item("DISH", "Dish", hs_code="7323.93.00", origin="", weight=None)
    shop.office.add_item("HOUR", "An hour's work", weight=None, is_stock_item=False)
    shop.office.add_item("PART", "Never sold", IsSalesItem=False)
    shop.office.add_item("OLD", "No longer sold", EndDate=TODAY - timedelta(days=1))


def test_items_that_lack_nothing_are_counted(shop: Shop) -> None:
    finished = shop.run("doctor", "--items")

    assert finished.status == 0
    assert finished.out == "sandbox, items: all 3 sold items have what customs require\n"


def test_what_items_lack_is_counted_with_its_cure_and_listed(shop: Shop) -> None:
    lacking(shop)

    finished = shop.run("doctor", "--items")

    assert finished.status == 1
    assert finished.out == (
        "sandbox, items: 1 of 6 sold items has no HS code\n"
        "  → Enter it in the items' field StatisticalCode in Exact, or set customs.hs_code.\n"
        "sandbox, items: 1 of 6 sold items has an HS code that is not 6 to 12 digits\n"
        "  → Correct the items' field StatisticalCode in Exact.\n"
        "sandbox, items: 1 of 6 sold items has no country of origin\n"
        "  → Enter it in the items' field FreeTextField_02 in Exact, or set customs.country_of_origin.\n"
        "sandbox, items: 1 of 6 sold items has a country of origin that is no code of two letters\n"
        "  → Correct the items' field FreeTextField_02 in Exact.\n"
        "sandbox, items: 1 of 6 sold items has no weight\n"
        "  → Enter the items' GrossWeight or NetWeight in Exact, or set weight.default_item.\n"
        "division  item  description  has\n"
        "sandbox   BOWL  Bowl         no HS code\n"
        "sandbox   CUP   Cup          an HS code that is not 6 to 12 digits, a country of origin that is no code of"
        " two letters\n"
        "sandbox   DISH  Dish         no country of origin, no weight\n"
    )


def test_the_configurations_defaults_and_fields_count(shop: Shop) -> None:
    shop.office.add_item("BOWL", "Bowl", hs_code="", origin="", weight=None, FreeTextField_03="732393")
    fields = 'hs_code_field = "FreeTextField_03"\nhs_code = "620520"\ncountry_of_origin = "NL"\n'
    shop.configure(f"{AUTOMATIC}{fields}[divisions.sandbox.weight]\ndefault_item = 0.5\n")

    assert shop.run("doctor", "--items").status == 0


def test_an_item_that_is_no_goods_today_may_be_sold_tomorrow(shop: Shop) -> None:
    shop.office.add_item("LAST", "Sold until today", origin="NL", EndDate=TODAY)

    assert "LAST" in shop.run("doctor", "--items").out


def test_the_file_has_every_item_with_what_exact_has_of_it(shop: Shop, tmp_path: Path) -> None:
    lacking(shop)
    file = tmp_path / "new" / "items.csv"

    finished = shop.run("doctor", "--items", "--csv", str(file))

    assert finished.out.endswith(f"3 items are listed in {file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert rows[1] == {
        "division": "sandbox", "item": "CUP", "description": "Cup", "lacks": "hs_code_invalid origin_invalid",
        "hs_code": "7323", "country_of_origin": "Holland", "gross_weight": "", "net_weight": "0.5",
    }  # fmt: skip
    assert [row["item"] for row in rows] == ["BOWL", "CUP", "DISH"]


def test_a_file_that_is_there_stays_and_nothing_is_asked(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("mine")

    finished = shop.run("doctor", "--csv", str(file))

    assert finished.status == 2
    assert f"{file} already exists" in finished.err
    assert file.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    finished = shop.run("doctor", "--csv", str(tmp_path / "file" / "items.csv"))

    assert finished.status == 2
    assert "can't be written" in finished.err


def test_no_cell_is_a_formula_to_a_spreadsheet(shop: Shop, tmp_path: Path) -> None:
    shop.office.add_item("=1+1", "@SUM(A1)", hs_code="")

    shop.run("doctor", "--csv", str(tmp_path / "items.csv"))

    assert "'=1+1,'@SUM(A1)," in (tmp_path / "items.csv").read_text(encoding="utf-8-sig")


def test_a_long_list_is_cut_on_the_screen_and_says_where_the_rest_is(shop: Shop) -> None:
    for number in range(30):
        shop.office.add_item(f"X{number:02}", "Thing", origin="NL")

    finished = shop.run("doctor", "--items")

    assert "and 10 more; all of them: --csv FILE\n" in finished.out
    assert "X19" in finished.out
    assert "X20" not in finished.out


def test_thousands_of_items_take_a_call_for_each_thousand(shop: Shop) -> None:
    for number in range(2_100):
        shop.office.add_item(f"ITEM-{number:05}", "Thing", hs_code="732393", origin="NL")
    before = len(shop.sandbox.calls)

    assert shop.run("doctor", "--items").out == (
        "sandbox, items: all 2103 sold items have what customs require\n"
    )
    paths = [call.path for call in shop.sandbox.calls[before:] if "/token" not in call.path]
    assert len(paths) == 3
    assert all(path.endswith("/sync/Logistics/Items") for path in paths)


@pytest.mark.parametrize(
    "stopped", [True, False], ids=["exact is out of reach", "another division is broken"]
)
def test_what_cannot_be_read_is_a_finding_and_stops_no_other(shop: Shop, *, stopped: bool) -> None:
    shop.configure(TWO_DIVISIONS + ("" if stopped else "colour = 1\n"))
    shop.env |= SECOND_SECRETS
    if stopped:
        shop.sandbox.stop()

    finished = shop.run("doctor", "--items", "--all")

    assert finished.status == 1
    assert "second, items: " in finished.out
    assert ("sandbox, items: all 3" in finished.out) != stopped


def test_the_document_has_findings_and_items(shop: Shop) -> None:
    lacking(shop)

    printed = json.loads(shop.run("doctor", "--items", "--json").out)

    assert printed["schema"] == "exactsend.doctor/1"
    assert {finding["check"] for finding in printed["findings"]} == {"items"}
    assert printed["items"][2] == {
        "division": "sandbox", "item": "DISH", "description": "Dish", "lacks": ["origin_missing", "weight_missing"],
    }  # fmt: skip
    assert shop.sandbox.writes() == []
