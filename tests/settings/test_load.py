"""Reading the configuration: what it gives, and what is said of each way to get it wrong."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from exactsend.errors import ConfigError
from exactsend.settings.load import load_settings
from exactsend.settings.models import BrokenDivision, DivisionSettings, ExactSettings, Settings

EXACT = """
[exact]
site = "nl"
client_id = "c0ffee"
redirect_uri = "https://example.com/back"
"""
ACME = """
[divisions.acme]
code = 1234567
"""
Load = Callable[[str], Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path)

    return load


def acme(settings: Settings) -> DivisionSettings:
    division = settings.divisions["acme"]
    assert isinstance(division, DivisionSettings)
    return division


# what it gives


def test_the_smallest_configuration_has_all_defaults(load: Load) -> None:
    settings = load(EXACT + ACME)

    division = acme(settings)
    assert (division.name, division.code) == ("acme", 1234567)
    assert division.exact.host_url == "https://start.exactonline.nl"
    assert division.exact.max_calls_per_day == 15_000
    assert division.policy.labels.create_automatically is False
    assert settings.sendcloud.base_url == "https://panel.sendcloud.sc/api/v3"
    assert settings.credentials.store == "auto"


def test_divisions_keep_the_order_of_the_file(load: Load) -> None:
    settings = load(EXACT + "[divisions.zoo]\ncode = 2\n[divisions.acme]\ncode = 1\n")

    assert list(settings.divisions) == ["zoo", "acme"]


def test_a_configuration_without_divisions_is_enough_to_sign_in(load: Load) -> None:
    settings = load(EXACT)

    assert settings.exact is not None
    assert settings.exact.sign_in == "start.exactonline.nl-c0ffee"


def test_values_arrive_as_what_they_mean(load: Load) -> None:
    policy = acme(
        load(
            EXACT
            + ACME
            + """
            [divisions.acme.labels]
            create_automatically = true
            start_date = 2026-11-01
            [divisions.acme.labels.shipping_methods]
            " PNL" = "postnl:standard"
            [divisions.acme.weight]
            default_item = 0.1
            default_parcel = 2
            [divisions.acme.customer]
            email = "orders@example.com"
            """
        )
    ).policy

    assert policy.labels.start_date == date(2026, 11, 1)
    assert policy.labels.shipping_methods == {"PNL": "postnl:standard"}
    assert (policy.weight.default_item, policy.weight.default_parcel) == (Decimal("0.1"), Decimal(2))
    assert policy.customer.email == ("orders@example.com",)


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("nl", "start.exactonline.nl"),
        ("be", "start.exactonline.be"),
        ("fr", "start.exactonline.fr"),
        ("de", "start.exactonline.de"),
        ("es", "start.exactonline.es"),
        ("uk", "start.exactonline.co.uk"),
        ("com", "start.exactonline.com"),
    ],
)
def test_each_site_has_its_host(load: Load, site: str, host: str) -> None:
    settings = load(EXACT.replace('"nl"', f'"{site}"') + ACME)

    assert acme(settings).exact.host == host


def test_a_byte_order_mark_and_windows_line_ends_are_read(load: Load) -> None:
    assert acme(load("\ufeff" + (EXACT + ACME).replace("\n", "\r\n"))).code == 1234567


# what divisions inherit


def test_defaults_are_overridden_key_by_key(load: Load) -> None:
    labels = acme(
        load(
            EXACT
            + ACME
            + """
            [defaults.labels]
            max_per_run = 5
            max_per_day = 9
            [divisions.acme.labels]
            max_per_run = 7
            """
        )
    ).policy.labels

    assert (labels.max_per_run, labels.max_per_day) == (7, 9)


def test_warehouses_and_shipping_methods_are_replaced_whole(load: Load) -> None:
    policy = acme(
        load(
            EXACT
            + ACME
            + """
            [defaults.warehouses]
            "1" = 17
            [defaults.labels.shipping_methods]
            "PNL" = "postnl:standard"
            [divisions.acme.warehouses]
            "2" = 18
            [divisions.acme.labels.shipping_methods]
            "DHL" = "dhl:standard"
            """
        )
    ).policy

    assert policy.warehouses == {"2": 18}
    assert policy.labels.shipping_methods == {"DHL": "dhl:standard"}


def test_a_division_overrides_the_sign_in_key_by_key(load: Load) -> None:
    exact = acme(load(EXACT + ACME + '[divisions.acme.exact]\nsite = "be"\n')).exact

    assert exact == ExactSettings(site="be", client_id="c0ffee", redirect_uri="https://example.com/back")


def test_a_site_of_its_own_leaves_the_shared_base_url_behind(load: Load) -> None:
    shared = EXACT + 'base_url = "http://127.0.0.1:8123/"\n'
    settings = load(shared + ACME + '[divisions.acme.exact]\nsite = "be"\n[divisions.test]\ncode = 5\n')

    test = settings.divisions["test"]
    assert isinstance(test, DivisionSettings)
    assert test.exact.host_url == "http://127.0.0.1:8123"
    assert test.exact.sign_in == "127.0.0.1_8123-c0ffee"
    assert acme(settings).exact.host == "start.exactonline.be"


def test_divisions_that_each_complete_it_need_no_whole_shared_sign_in(load: Load) -> None:
    settings = load(
        """
        [exact]
        redirect_uri = "https://example.com/back"
        [divisions.acme]
        code = 1
        exact = { site = "nl", client_id = "own" }
        """
    )

    assert settings.exact is None
    assert acme(settings).exact.client_id == "own"


def test_a_default_that_only_some_divisions_complete_is_wrong_for_the_others(load: Load) -> None:
    settings = load(
        "defaults.labels.create_automatically = true\n"
        + EXACT
        + ACME
        + "labels.start_date = 2026-11-01\n[divisions.zoo]\ncode = 2\n"
    )

    assert acme(settings).policy.labels.create_automatically
    assert isinstance(settings.divisions["zoo"], BrokenDivision)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123"])
def test_plain_http_is_for_loopback(load: Load, url: str) -> None:
    assert acme(load(EXACT + f"base_url = '{url}'\n" + ACME)).exact.host_url == url


# what can't be read


def test_a_mistake_in_the_toml_is_told_with_file_and_line(load: Load) -> None:
    with pytest.raises(ConfigError) as error:
        load("[exact]\nsite = nl\n")

    (problem,) = error.value.problems
    assert "config.toml is not TOML" in problem
    assert "line 2" in problem


def test_a_missing_file_tells_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no configuration at") as error:
        load_settings(tmp_path / "config.toml")

    assert "exactsend init" in error.value.hint


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read: Is a directory"):
        load_settings(tmp_path)


def test_text_that_is_not_utf8_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes("# caf\xe9".encode("latin-1"))

    with pytest.raises(ConfigError) as error:
        load_settings(path)

    assert error.value.problems == (f"{path} is not UTF-8 text (byte 5)",)
