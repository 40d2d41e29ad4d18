import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings
from tests.cli.person import connects
from tests.shop import AUTOMATIC, Finished, Shop

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


def test_what_is_to_be_run_next_finds_the_configuration(fresh: Shop) -> None:
    elsewhere = fresh.folder / "my config.toml"
    answers = "".join(f"{answer}\n" for answer in ANSWERS)

    named = fresh.run("init", "--config", str(elsewhere), stdin=answers)
    usual = fresh.run("init", stdin=answers)

    assert named.out.endswith(f"run: exactsend --config '{elsewhere}' connect\n")
    assert usual.out.endswith("run: exactsend connect\n")


def test_the_advice_to_write_one_works_as_it_is_typed(fresh: Shop) -> None:
    elsewhere = ("--config", str(fresh.folder / "my config.toml"))
    _, advice = fresh.run("status", *elsewhere).err.split("Write one: exactsend ")

    fresh.run(*shlex.split(advice), stdin="".join(f"{answer}\n" for answer in ANSWERS))

    assert fresh.run("status", *elsewhere).status == 0


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
    assert "is not valid" in done.err
    assert not fresh.config_path.exists()


def test_a_person_is_asked_again(fresh: Shop) -> None:
    lines = "".join(f"{answer}\n" for answer in ("at", *ANSWERS))

    done = fresh.run("init", stdin=lines, tty=True)

    assert done.status == 0
    assert "That is not valid: it must be one of nl, be, fr, de, es, uk, com." in done.err


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
        "# acme: the shipping options of Sendcloud:",
        "#   postnl:standard PostNL Standard",
        "#   postnl:service-point PostNL Service Point",
        "#   dpd:home DPD Home",
        "#   dpd:service-point DPD Pickup",
        "#   dhl_express:worldwide DHL Express Worldwide",
        "#   sendcloud:letter Unstamped letter",
        "# Lines that begin with # are suggestions based on similar names: check them, then remove the #.",
        "[divisions.acme.warehouses]",
        '#"1" = 17  # Main',
        '"2" = 18  # Second',
        "",
        "[divisions.acme.labels.shipping_methods]",
        '#"PNL" = "postnl:standard"  # PostNL parcel',
        '#"PNLSP" = "postnl:service-point"  # PostNL service point',
        '#"DPD" = "dpd:home"  # DPD home',
        '#"DHLX" = "dhl_express:worldwide"  # DHL Express worldwide',
        '#"AFH" = ""  # Collected by the customer',
        "",
    ]


def test_what_it_lists_can_be_pasted_and_maps_nothing_by_itself(shop: Shop) -> None:
    shop.configure("[divisions.acme]\ncode = 1234567\n")
    connects(shop)

    shop.configure("[divisions.acme]\ncode = 1234567\n" + shop.run("init").out)

    assert written(shop).policy.warehouses == {}
    assert written(shop).policy.labels.shipping_methods == {}


def test_without_a_terminal_it_changes_nothing(shop: Shop) -> None:
    connects(shop)
    before = shop.config_path.read_text()

    assert shop.run("init", stdin="y\n" * 20).status == 0
    assert shop.config_path.read_text() == before


# ── gone through with a person ───────────────────────────────────────────────────────────────────

COMMENTED = """\
# Ours; ask Kees before you change it.
[divisions.acme]   # the shop
code = 1234567

[divisions.acme.warehouses]      # Exact's warehouse = Sendcloud's sender address
#"9" = 99
"2" = 18   # Antwerp
"""


@pytest.fixture
def commented(shop: Shop) -> Shop:
    """A connected installation whose configuration has comments and one warehouse of two."""
    shop.configure(COMMENTED)
    connects(shop)
    return shop


def gone_through(shop: Shop, *answers: str) -> Finished:
    return shop.run("init", stdin="".join(f"{answer}\n" for answer in answers), tty=True)


def test_what_a_person_takes_is_added_and_every_comment_stays(commented: Shop) -> None:
    before = commented.config_path.read_text()

    done = gone_through(commented, "y", "", "y", "", "postnl:service-point", "-", "", "none", "y")

    assert done.status == 0
    text = commented.config_path.read_text()
    assert text == (
        before.replace(
            "# Exact's warehouse = Sendcloud's sender address\n",
            "# Exact's warehouse = Sendcloud's sender address\n\"1\" = 17\n",
        )
        + "\n[divisions.acme.labels.shipping_methods]\n"
        '"PNL" = "postnl:standard"\n"PNLSP" = "postnl:service-point"\n"DHLX" = "dhl_express:worldwide"\n"AFH" = "none"\n'
    )
    assert commented.config_path.with_name("config.toml.before").exists()
    assert written(commented).policy.warehouses == {"1": 17, "2": 18}


def test_the_mode_of_the_configuration_stays(commented: Shop) -> None:
    commented.config_path.chmod(0o640)

    gone_through(commented, "y", "", "y", *["-"] * 5)

    assert commented.config_path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("answers", [("n",), ("y", "", "n", *["-"] * 5), ("y", *["-"] * 6)])
def test_without_a_yes_nothing_is_written(commented: Shop, answers: tuple[str, ...]) -> None:
    before = commented.config_path.read_text()

    assert gone_through(commented, *answers).status == 0
    assert commented.config_path.read_text() == before


def test_an_answer_that_sendcloud_does_not_have_is_asked_again(commented: Shop) -> None:
    done = gone_through(commented, "y", "99", "17", "y", *["-"] * 5)

    assert "Sendcloud has no '99'; it has: 17, 18" in done.err
    assert written(commented).policy.warehouses == {"1": 17, "2": 18}


def test_the_end_of_input_half_way_keeps_what_was_said_yes_to(commented: Shop) -> None:
    assert gone_through(commented, "y", "", "y").status == 2
    assert written(commented).policy.warehouses == {"1": 17, "2": 18}


def test_a_table_that_is_written_in_another_way_is_left_alone(shop: Shop) -> None:
    shop.configure('[divisions.acme]\ncode = 1234567\nwarehouses = { "2" = 18 }\n')
    connects(shop)
    before = shop.config_path.read_text()

    done = gone_through(shop, "y", "", "y", *["-"] * 5)

    assert "in a way that init can't add to: paste the lines above by hand" in done.err
    assert shop.config_path.read_text() == before


def test_what_is_inherited_comes_along_into_a_table_that_begins(shop: Shop) -> None:
    shop.configure('[defaults.warehouses]\n"2" = 18\n[divisions.acme]\ncode = 1234567\n')
    connects(shop)

    gone_through(shop, "y", "", "y", *["-"] * 5)

    assert written(shop).policy.warehouses == {"1": 17, "2": 18}


def test_nothing_is_asked_where_everything_is_mapped(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace("divisions.sandbox", "divisions.acme"))
    connects(shop)

    assert "Go through" not in gone_through(shop).err
