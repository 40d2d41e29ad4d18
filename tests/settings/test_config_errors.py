"""Each way to get the configuration wrong, and the sentence that is said of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exactsend.domain.policy import WeightPolicy
from exactsend.errors import ConfigError
from exactsend.settings.load import load_settings
from exactsend.settings.models import BrokenDivision, DivisionSettings, Settings

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


def problems(load: Load, text: str) -> tuple[str, ...]:
    """What is said, whether it stops all divisions or one."""
    try:
        settings = load(text)
    except ConfigError as error:
        return error.problems
    broken = [division for division in settings.divisions.values() if isinstance(division, BrokenDivision)]
    return tuple(problem for division in broken for problem in division.problems)


def without_headers(line: str) -> str:
    """A whole configuration without table headers, so that ``line`` may stand in any table."""
    exact = "exact.site = 'nl'\nexact.client_id = 'c'\nexact.redirect_uri = 'https://example.com'\n"
    return f"{exact}divisions.acme.code = 1\n{line}\n"


IN_ACME = {
    "nearest key": (
        "labels.shiping_option = 'x'",
        "unknown key divisions.acme.labels.shiping_option; did you mean shipping_option?",
    ),
    "nearest table": ("lables.max_per_run = 5", "unknown key divisions.acme.lables; did you mean labels?"),
    "nothing near": (
        "weight.colour = 'red'",
        f"unknown key divisions.acme.weight.colour; known here: {', '.join(WeightPolicy.model_fields)}",
    ),
    "number as text": (
        "labels.max_per_run = '50'",
        "divisions.acme.labels.max_per_run must be a whole number, not text",
    ),
    "fraction": (
        "labels.max_per_run = 5.5",
        "divisions.acme.labels.max_per_run must be a whole number, not 5.5",
    ),
    "too little": ("labels.max_per_run = 0", "divisions.acme.labels.max_per_run must be 1 or more, not 0"),
    "too much": (
        "orders.look_back_days = 999",
        "divisions.acme.orders.look_back_days must be 365 or less, not 999",
    ),
    "yes": (
        "labels.attach_to_delivery = 'yes'",
        "divisions.acme.labels.attach_to_delivery must be true or false, not text",
    ),
    "number for a truth": (
        "labels.attach_to_delivery = 1",
        "divisions.acme.labels.attach_to_delivery must be true or false, not 1",
    ),
    "date as text": (
        "orders.start_date = '2026-11-01'",
        "divisions.acme.orders.start_date must be a date without quotes and time, such as 2026-11-01, not text",
    ),
    "date with time": (
        "orders.start_date = 2026-11-01T00:00:00Z",
        (
            "divisions.acme.orders.start_date must be a date without quotes and time, such as 2026-11-01, not "
            "2026-11-01T00:00:00+00:00"
        ),
    ),
    "choice": (
        "weight.unit = 'stone'",
        "divisions.acme.weight.unit must be 'kg', 'g', 'lb' or 'oz', not \"stone\"",
    ),
    "choice in a list": (
        "orders.statuses = ['open', 'closed']",
        "divisions.acme.orders.statuses must be 'open' or 'partial', not \"closed\"",
    ),
    "empty list": ("orders.statuses = []", "divisions.acme.orders.statuses must have at least one value"),
    "no weight": ("weight.default_item = 0", "divisions.acme.weight.default_item must be more than 0, not 0"),
    "weight as text": (
        "weight.default_item = '1 kg'",
        "divisions.acme.weight.default_item must be a number, not text",
    ),
    "endless weight": (
        "weight.default_item = inf",
        "divisions.acme.weight.default_item must be a number, not Infinity",
    ),
    "no table": ("labels = true", "divisions.acme.labels must be a table, not true"),
    "sender address as text": (
        "warehouses = { '1 A' = '17' }",
        'divisions.acme.warehouses."1 A" must be a whole number, not text',
    ),
    "warehouse without code": ("warehouses = { '' = 17 }", 'divisions.acme.warehouses."" must not be empty'),
    "pattern": (
        "service_points.pattern = 'SP:('",
        "divisions.acme.service_points.pattern is not a regular expression: missing ) at position 4",
    ),
    "field": (
        "service_points.field = 'YourReff'",
        "divisions.acme.service_points.field names no text field that a sales order has in Exact; did you mean YourRef?",
    ),
    "fields": (
        "service_points.field = 'ordered_by, me'",
        "divisions.acme.service_points.field names no text field that a sales order has in Exact; did you mean OrderedByName?",
    ),
    "field that is no text": (
        "service_points.field = 'AmountDC'",
        "divisions.acme.service_points.field names no text field that a sales order has in Exact; use one such as YourRef",
    ),
    "field in another spelling": (
        "customs.hs_code_field = 'statisticalcode'",
        "divisions.acme.customs.hs_code_field names no text field that an item has in Exact; did you mean StatisticalCode?",
    ),
    "field of something else": (
        "customs.country_of_origin_field = 'YourRef'",
        "divisions.acme.customs.country_of_origin_field names no text field that an item has in Exact; use one such as FreeTextField_02",
    ),
    "country": (
        "customs.country_of_origin = 'Nederland'",
        "divisions.acme.customs.country_of_origin must be the two capital letters of a country, such as NL",
    ),
    "hs code": (
        "customs.hs_code = '6205.20'",
        "divisions.acme.customs.hs_code must be 6 to 12 digits without dots or spaces",
    ),
    "e-mail": (
        "customer.email = ['contact', 'me']",
        "divisions.acme.customer.email must be account, contact or an e-mail address",
    ),
    "phone": (
        "customer.phone = 'me'",
        "divisions.acme.customer.phone must be account, contact, delivery_address or a phone number",
    ),
    "placeholder": (
        "writeback.remarks = 'Follow {url}'",
        "divisions.acme.writeback.remarks knows {tracking_url}, {tracking_number} and {carrier}, and no other braces",
    ),
    "remark that can't be found again": (
        "writeback.remarks = 'Sent with {carrier}'",
        "divisions.acme.writeback.remarks must have {tracking_url} or {tracking_number}: by it our line is found again",
    ),
    "automatic without a start": (
        "labels.create_automatically = true",
        (
            "divisions.acme.labels.start_date is required when create_automatically is true: "
            "deliveries created before it are left alone"
        ),
    ),
    "contract without an option": (
        "labels.contract_id = 517",
        (
            "divisions.acme.labels.contract_id says nothing without a shipping_option: "
            "Sendcloud's shipping rules choose the contract too"
        ),
    ),
    "Sendcloud's keys": (
        "sendcloud = { public_key = 'pk-123', secret_key = 'sk-123' }",
        (
            "divisions.acme.sendcloud.public_key does not belong in the configuration: "
            "put it in EXACTSEND_SENDCLOUD_PUBLIC_KEY, or let `exactsend connect` store it"
        ),
        (
            "divisions.acme.sendcloud.secret_key does not belong in the configuration: "
            "put it in EXACTSEND_SENDCLOUD_SECRET_KEY, or let `exactsend connect` store it"
        ),
    ),
    "own sign-in": (
        "exact.site = 'us'",
        "divisions.acme.exact.site must be 'nl', 'be', 'fr', 'de', 'es', 'uk' or 'com', not \"us\"",
    ),
}


@pytest.mark.parametrize(
    ("line", "sentences"), [(line, told) for line, *told in IN_ACME.values()], ids=list(IN_ACME)
)
def test_a_division_that_is_wrong_says_so_and_stops_no_other(
    load: Load, line: str, sentences: list[str]
) -> None:
    settings = load(EXACT + ACME + f"{line}\n[divisions.other]\ncode = 5\n")

    broken = settings.divisions["acme"]
    assert isinstance(broken, BrokenDivision)
    assert list(broken.problems) == sentences
    assert (broken.code, broken.error().problems) == (1234567, broken.problems)
    assert isinstance(settings.divisions["other"], DivisionSettings)


IN_EXACT = {
    "no client id": ({"client_id": None}, "exact.client_id is required"),
    "no site": ({"site": None}, "exact.site is required: one of nl, be, fr, de, es, uk, com"),
    "site": ({"site": "us"}, "exact.site must be 'nl', 'be', 'fr', 'de', 'es', 'uk' or 'com', not \"us\""),
    "client id": (
        {"client_id": "../../etc"},
        "exact.client_id must be the client id as Exact's app centre shows it: letters, digits and dashes",
    ),
    "redirect without https": (
        {"redirect_uri": "http://127.0.0.1/back"},
        "exact.redirect_uri must begin with https://, exactly as it is registered at Exact",
    ),
    "plain http": (
        {"base_url": "http://start.exactonline.nl"},
        "exact.base_url must begin with https:// (http:// is for loopback addresses only)",
    ),
    "client secret": (
        {"client_secret": "s3cret"},
        (
            "exact.client_secret does not belong in the configuration: "
            "put it in EXACTSEND_EXACT_CLIENT_SECRET, or let `exactsend connect` store it"
        ),
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), IN_EXACT.values(), ids=list(IN_EXACT))
def test_a_wrong_sign_in_stops_all_and_is_told_once(
    load: Load, changes: dict[str, str | None], sentence: str
) -> None:
    table = {"site": "nl", "client_id": "c0ffee", "redirect_uri": "https://example.com/back"} | changes
    lines = "".join(f"{key} = '{value}'\n" for key, value in table.items() if value is not None)

    with pytest.raises(ConfigError) as error:
        load("[exact]\n" + lines + ACME)

    assert error.value.problems == (sentence,)


FOR_ALL = {
    "unknown table": ("division.x.code = 5", "unknown key division; did you mean divisions?"),
    "store": (
        "credentials.store = 'vault'",
        "credentials.store must be 'auto', 'keyring' or 'file', not \"vault\"",
    ),
    "Sendcloud": (
        "sendcloud.base_url = 'panel.sendcloud.sc'",
        "sendcloud.base_url must be an address such as https://example.com/path, without user and fragment",
    ),
    "metrics": (
        "monitoring.metrics_file = 'x.prom'",
        "monitoring.metrics_file must be an absolute path: cron's working directory is not yours",
    ),
    "metrics as a number": (
        "monitoring.metrics_file = 5",
        "monitoring.metrics_file must be the path of a file, in quotes",
    ),
    "ping": (
        "monitoring.ping_url = 'ftp://x.example'",
        "monitoring.ping_url must begin with https:// or http://",
    ),
    "default": ("defaults.labels.max_per_run = 0", "defaults.labels.max_per_run must be 1 or more, not 0"),
    "key of a division among the defaults": (
        "defaults.code = 5",
        (
            "unknown key defaults.code; known here: orders, labels, warehouses, service_points, customs, customer, weight, checks, "
            "writeback, exact"
        ),
    ),
}


@pytest.mark.parametrize(("line", "sentence"), FOR_ALL.values(), ids=list(FOR_ALL))
def test_what_is_wrong_for_all_divisions_stops_all(load: Load, line: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(f"{line}\n{EXACT}{ACME}")

    assert error.value.problems == (sentence,)


def test_all_problems_are_told_at_once(load: Load) -> None:
    with pytest.raises(ConfigError) as error:
        load(
            "colour = 1\n"
            + EXACT.replace('"nl"', '"us"')
            + ACME
            + "labels.max_per_rum = 5\n[divisions.zoo]\n"
        )

    assert [problem.split(";")[0].split(" must")[0] for problem in error.value.problems] == [
        "unknown key colour",
        "exact.site",
        "unknown key divisions.acme.labels.max_per_rum",
        "divisions.zoo.code is required",
    ]


@pytest.mark.parametrize("name", ["Acme", "1st", "a-b", '"é"', '""', '"a.b"', '"../x"'])
def test_a_name_that_no_variable_can_have_is_refused(load: Load, name: str) -> None:
    (problem,) = problems(load, EXACT + f"[divisions.{name}]\ncode = 1\n")

    assert "can't be the name of a division" in problem


def test_a_division_must_be_a_table(load: Load) -> None:
    assert problems(load, "divisions.acme = 5\n" + EXACT) == ("divisions.acme must be a table",)


def test_two_divisions_with_one_code_are_refused_on_one_host_and_only_there(load: Load) -> None:
    settings = load(
        EXACT
        + "[divisions.a]\ncode = 1\n[divisions.b]\ncode = 1\n[divisions.c]\ncode = 1\nexact.site = 'be'\n"
    )

    broken = [division for division in settings.divisions.values() if isinstance(division, BrokenDivision)]
    assert [division.problems for division in broken] == [
        ("divisions.a.code is 1 at start.exactonline.nl, and so is that of divisions.b",),
        ("divisions.b.code is 1 at start.exactonline.nl, and so is that of divisions.a",),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1\\\\@evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "https://user:password@x.example",
        "https://x.example:port",
        "https://[x",
        "https://",
        "https://x.example/?y=1",
        "https://x.example/#y",
        "https://x .example",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_are_not_what_they_seem_are_refused(load: Load, url: str) -> None:
    (problem,) = problems(load, EXACT + f'base_url = "{url}"\n' + ACME)

    assert problem.startswith("exact.base_url ")
    assert "password" not in problem


@pytest.mark.parametrize("key", ["client_secret", "public_key", "secret_key", "refresh_token"])
@pytest.mark.parametrize(
    "table", ["", "exact.", "credentials.", "divisions.acme.exact.", "divisions.acme.keys.deep."]
)
def test_a_secret_is_refused_wherever_it_stands_and_never_repeated(load: Load, table: str, key: str) -> None:
    (problem,) = problems(load, without_headers(f"{table}{key} = 's3cret'"))

    assert problem.startswith(f"{table}{key} does not belong in the configuration")
    assert "s3cret" not in problem
