from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings
from tests.cli.person import connects
from tests.shop import Finished, Shop

ANSWERS = ("be", "c0ffee-client", "https://example.com/exactsend", "1234567 acme", "2026-11-20")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        yield shop


@pytest.fixture
def fresh(shop: Shop) -> Shop:
    """An installation without a configuration."""
    shop.config_path.unlink()
    return shop


def answered(shop: Shop, *answers: str) -> Finished:
    return shop.run("init", stdin="".join(f"{answer}\n" for answer in answers))


def written(shop: Shop) -> DivisionSettings:
    division = load_settings(shop.config_path).divisions["acme"]
    assert isinstance(division, DivisionSettings)
    return division


def test_the_answers_make_a_configuration_that_loads(fresh: Shop) -> None:
    assert answered(fresh, *ANSWERS).status == 0

    division = written(fresh)
    assert (division.code, division.exact.host) == (1234567, "start.exactonline.be")
    assert division.exact.redirect_uri == "https://example.com/exactsend"
    assert division.policy.labels.create_automatically


def test_labels_stay_a_matter_of_hand_unless_a_day_is_given(fresh: Shop) -> None:
    assert answered(fresh, *ANSWERS[:4], "").status == 0

    assert not written(fresh).policy.labels.create_automatically


def test_the_folder_of_the_configuration_is_made(fresh: Shop) -> None:
    fresh.env["EXACTSEND_CONFIG"] = str(fresh.folder / "new" / "folder" / "config.toml")

    assert answered(fresh, *ANSWERS).status == 0
    assert (fresh.folder / "new" / "folder" / "config.toml").exists()


def test_the_end_of_input_writes_nothing(fresh: Shop) -> None:
    done = answered(fresh, *ANSWERS[:2])

    assert done.status == 2
    assert not fresh.config_path.exists()


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (0, "at"),
        (1, 'quote"'),
        (2, "http://example.com/"),
        (3, "acme"),
        (3, "0 acme"),
        (3, "1234567 Acme"),
        (4, "yes"),
        (4, "2026-02-30"),
    ],
)
def test_a_wrong_answer_is_wrong_usage_and_writes_nothing(fresh: Shop, place: int, wrong: str) -> None:
    done = answered(fresh, *ANSWERS[:place], wrong, *ANSWERS[place + 1 :])

    assert done.status == 2
    assert "won't do" in done.err
    assert not fresh.config_path.exists()


def test_a_person_is_asked_again(fresh: Shop) -> None:
    lines = "".join(f"{answer}\n" for answer in ("at", *ANSWERS))

    done = fresh.run("init", stdin=lines, tty=True)

    assert done.status == 0
    assert "That won't do: it must be one of nl, be, fr, de, es, uk, com." in done.err


def test_a_folder_that_can_not_be_made_is_wrong_usage(fresh: Shop) -> None:
    (fresh.folder / "file").write_text("")
    fresh.env["EXACTSEND_CONFIG"] = str(fresh.folder / "file" / "config.toml")

    done = answered(fresh, *ANSWERS)

    assert done.status == 2
    assert "can't be written" in done.err


def test_the_end_of_input_at_a_question_with_a_usual_answer_writes_nothing(fresh: Shop) -> None:
    assert answered(fresh).status == 2
    assert not fresh.config_path.exists()


def test_a_configuration_with_a_wrong_division_lists_its_problems(shop: Shop) -> None:
    shop.configure('[divisions.acme]\ncode = "x"\n')

    assert shop.run("init").status == 3


def test_a_configuration_is_never_overwritten(shop: Shop) -> None:
    before = shop.config_path.read_text()

    done = answered(shop, *ANSWERS)

    assert done.status == 2
    assert "init never overwrites a configuration" in done.err
    assert shop.config_path.read_text() == before


def test_once_connected_it_lists_what_can_be_mapped(shop: Shop) -> None:
    shop.configure("[divisions.acme]\ncode = 1234567\n[divisions.acme.warehouses]\n'2' = 18\n")
    connects(shop)

    done = shop.run("init")

    assert done.status == 0
    assert done.out.splitlines() == [
        "# acme: the sender addresses of Sendcloud:",
        "#   17  Sandbox Shop B.V. Main warehouse, Utrecht NL",
        "#   18  Sandbox Shop B.V. Second warehouse, Antwerpen BE",
        "[divisions.acme.warehouses]",
        '#"1" = 0  # Main',
        '"2" = 18  # Second',
        "",
        "[divisions.acme.labels.shipping_methods]",
        '#"PNL" = ""  # PostNL parcel',
        '#"PNLSP" = ""  # PostNL service point',
        '#"DPD" = ""  # DPD home',
        '#"DHLX" = ""  # DHL Express worldwide',
        '#"AFH" = ""  # Collected by the customer',
        "",
    ]


def test_what_it_lists_can_be_pasted(shop: Shop) -> None:
    shop.configure("[divisions.acme]\ncode = 1234567\n")
    connects(shop)

    shop.configure("[divisions.acme]\ncode = 1234567\n" + shop.run("init").out)

    assert written(shop).policy.warehouses == {}
