"""``exactsend doctor`` and ``exactsend divisions``: what is found, with its reason and cure, and that nothing is written."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from exactsend.http.allowance.exact_limits import RIGHT_OF
from exactsend.operations.doctor import machine_checks
from exactsend.operations.doctor.check_list import CHECKS
from exactsend.operations.doctor.endpoint_reads import ENDPOINT_READS
from exactsend.sandbox.exact.call_limits import Limits
from exactsend.sandbox.sendcloud.accounts import Account
from tests.installation import SECRETS
from tests.shop import AUTOMATIC, Shop

RIGHTS = sorted(set(RIGHT_OF.values()))


def account(shop: Shop) -> Account:
    return shop.sandbox.world.sendcloud.accounts[0]


def errors_of_exact(shop: Shop) -> list[str]:
    return [call.path for call in shop.sandbox.calls if call.api == "exact" and call.status >= 400]


def test_a_sound_installation_has_no_findings(shop: Shop) -> None:
    finished = shop.run("doctor")

    assert finished.status == 0
    assert finished.out.splitlines()[-1] == (
        "no problems found. Checked: configuration, state, disk, credential store, cron, notify, probe, sign-in, credentials, Exact, Exact's "
        "clock, rights, fields of orders, fields of items, warehouses, shipping methods, calls, Sendcloud, Sendcloud's clock, "
        "shipments and orders, integrations, sender addresses, shipping options, weight bands, plan, contract, refused questions"
    )
    assert shop.sandbox.writes() == []
    assert errors_of_exact(shop) == []


def test_quiet_says_nothing_where_all_is_well(shop: Shop) -> None:
    assert shop.run("doctor", "--quiet").out == ""


def test_every_check_says_why_it_matters_and_needs_what_comes_before_it() -> None:
    before: set[str] = set()
    endpoints = {reading.endpoint for readings in ENDPOINT_READS.values() for reading in readings}
    for check in CHECKS:
        assert check.why.endswith(".")
        assert set(check.needs) <= before | endpoints
        before.add(check.name)


def test_mappings_that_exist_on_neither_side_are_found(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace('"2" = 18', '"9" = 17\n"2" = 99').replace('"DPD" =', '"DPDX" ='))

    finished = shop.run("doctor")

    assert finished.status == 1
    assert finished.out.splitlines()[:9] == [
        "sandbox, warehouses: warehouses has '9', and Exact has no such warehouse",
        "  Deliveries with it would be held, or use a default that nobody chose.",
        "  → Exact's codes: 1, 2. Correct [divisions.sandbox.warehouses].",
        "sandbox, shipping methods: shipping_methods has 'DPDX', and Exact has no such shipping method",
        "  Deliveries with it would be held, or use a default that nobody chose.",
        "  → Exact's codes: AFH, DHLX, DPD, PNL, PNLSP. Correct [divisions.sandbox.labels.shipping_methods].",
        "sandbox, sender addresses: warehouse '2' is mapped to sender address 99, which Sendcloud does not have",
        "  Labels would be refused, or show another sender.",
        "  → Sendcloud's ids: 17, 18. Correct [divisions.sandbox.warehouses].",
    ]


def test_a_missing_sign_in_stops_only_what_needs_it(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        finished = shop.run("doctor")

    assert finished.status == 1
    assert "sandbox, sign-in: this installation is not signed in to Exact" in finished.out
    assert "sandbox: skipped because of sign-in: Exact, Exact's clock, rights, " in finished.out
    assert any(call.path == "/api/v3/contracts" for call in shop.sandbox.calls) is False
    assert any(call.path == "/api/v3/shipping-options" for call in shop.sandbox.calls)


def test_a_sign_in_that_is_about_to_die_is_a_finding(shop: Shop) -> None:
    shop.pass_time(minutes=22 * 24 * 60)

    assert "sandbox, sign-in: the sign-in to Exact expires in 8 days" in shop.run("doctor").out


# ── this machine ─────────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_others_can_read_is_a_finding(shop: Shop) -> None:
    shop.run("sync")
    (shop.state / "1234567" / "ledger.json").chmod(0o644)

    assert "sandbox, state: " in shop.run("doctor").out


def test_a_state_folder_that_others_can_change_is_a_finding(shop: Shop) -> None:
    shop.state.chmod(0o770)

    assert "sandbox, state: other users may change" in shop.run("doctor").out


def test_a_state_folder_that_others_can_only_list_is_none(shop: Shop) -> None:
    shop.state.chmod(0o755)

    assert shop.run("doctor").status == 0


def test_a_configuration_that_others_can_change_is_a_finding(shop: Shop) -> None:
    shop.config_path.chmod(0o664)

    assert "sandbox, configuration: other users may change" in shop.run("doctor").out


def test_a_disk_that_is_nearly_full_is_a_finding(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "MIN_FREE_BYTES", 2**62)

    assert "MB are free on the disk of" in shop.run("doctor").out


def test_a_store_that_cannot_be_written_is_a_finding_and_nothing_is_asked_of_exact(shop: Shop) -> None:
    (shop.state / "sign-in").chmod(0o755)

    finished = shop.run("doctor")

    assert "sandbox, credential store: other users may read or change" in finished.out
    assert errors_of_exact(shop) == []


class DesktopKeyring(KeyringBackend):
    """Answers in this process only, as one that was unlocked at a desktop."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def _desktop() -> Iterator[None]:
    former = keyring.get_keyring()
    keyring.set_keyring(DesktopKeyring())
    yield
    keyring.set_keyring(former)


@pytest.mark.usefixtures("_desktop")
def test_a_keyring_that_a_job_of_cron_does_not_reach_is_a_finding(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.configure(f'[credentials]\nstore = "keyring"\n{AUTOMATIC}')
        shop.connect()

        finished = shop.run("doctor")

    assert finished.status == 1
    assert (
        "sandbox, cron: the keyring answers here, but not in a bare environment such as cron's"
        in finished.out
    )
    assert "exactsend connect --store file" in finished.out


def test_what_only_this_shell_sets_is_said(shop: Shop) -> None:
    assert "note: sandbox, cron: this shell sets EXACTSEND_CONFIG, " in shop.run("doctor").out


def test_missing_keys_are_a_finding(shop: Shop) -> None:
    shop.env.pop("EXACTSEND_SENDCLOUD_SECRET_KEY")

    assert "sandbox, credentials: no Sendcloud secret key" in shop.run("doctor").out


@pytest.mark.parametrize(("seconds", "word"), [(90, "ahead of"), (-90, "behind")])
def test_a_clock_that_is_wrong_is_a_finding(shop: Shop, seconds: int, word: str) -> None:
    def skewed() -> datetime:
        return shop.clock() + timedelta(seconds=seconds)

    finished = shop.run("doctor", clock=skewed)

    assert f"sandbox, Exact's clock: this machine's clock is 90 s {word} Exact's" in finished.out
    assert f"sandbox, Sendcloud's clock: this machine's clock is 90 s {word} Sendcloud's" in finished.out


# ── Exact ────────────────────────────────────────────────────────────────────────────────────────


def test_services_out_of_reach_are_findings(shop: Shop) -> None:
    shop.sandbox.stop()

    finished = shop.run("doctor")

    assert finished.status == 1
    assert "sandbox, Exact: " in finished.out
    assert "sandbox, Sendcloud: " in finished.out


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_that_is_missing_is_named_at_the_cost_of_one_error(shop: Shop, right: str) -> None:
    shop.sandbox.world.exact.apps["sandbox-client"].rights.pop(right)

    finished = shop.run("doctor")

    assert finished.status == 1
    assert f'the app lacks the right "{right}"' in finished.out
    assert f'Give the app the right "{right}" at apps.exactonline.com' in finished.out
    assert len(errors_of_exact(shop)) == 1


def test_a_licence_without_the_trade_module_is_a_finding(shop: Shop) -> None:
    shop.sandbox.world.exact.behaviour.trade_module = False

    finished = shop.run("doctor")

    assert "sandbox, rights: Logistics wms: Exact refuses salesorder/GoodsDeliveries (403): " in finished.out
    assert "trade module (Handel, Wholesale)" in finished.out


def test_rights_for_documents_are_needed_only_where_labels_are_attached(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace("shipping_option =", "attach_to_delivery = false\nshipping_option ="))
    shop.sandbox.world.exact.apps["sandbox-client"].rights.pop("Organization documents")

    assert shop.run("doctor").status == 0


def test_a_right_that_was_refused_three_times_is_not_asked_for_again(shop: Shop) -> None:
    shop.sandbox.world.exact.apps["sandbox-client"].rights.pop("Logistics items")

    for _ in range(5):
        finished = shop.run("doctor")

    assert max(Counter(errors_of_exact(shop)).values()) == 3
    assert "sandbox, calls: logistics/Items rests" in finished.out


def test_fields_that_exact_does_not_have_are_findings(shop: Shop) -> None:
    shop.configure(
        AUTOMATIC.replace('"YourRef"', '"YourReff"').replace("FreeTextField_02", "FreeTextField_99")
    )

    finished = shop.run("doctor")

    assert "service_points.field names no text field that a sales order has in Exact" in finished.out
    assert "customs.country_of_origin_field names no text field that an item has in Exact" in finished.out
    assert errors_of_exact(shop) == []


def test_a_division_that_is_blocked_or_out_of_reach_is_a_finding(shop: Shop) -> None:
    shop.sandbox.world.exact.divisions[1234567].blocking_status = 1

    assert shop.run("doctor").status == 1


def test_few_calls_that_are_left_are_a_finding(shop: Shop) -> None:
    shop.sandbox.world.exact.limits = Limits(per_day=20)

    assert "sandbox, calls: Exact allows only" in shop.run("doctor").out


def test_shipping_methods_that_will_be_held_are_said(shop: Shop) -> None:
    shop.configure(
        AUTOMATIC.replace('"PNL" = "postnl:standard"\n', "").replace(
            "shipping_option =", 'unmapped_method = "hold"\nshipping_option ='
        )
    )

    assert "these shipping methods of Exact will be held: PNL" in shop.run("doctor").out


# ── Sendcloud ────────────────────────────────────────────────────────────────────────────────────


def test_another_app_for_exact_is_a_finding(shop: Shop) -> None:
    account(shop).add_integration(
        public_key="p", secret_key="s", integration_id=7999, shop_name="Exact Online"
    )

    finished = shop.run("doctor")

    assert (
        "sandbox, integrations: the integration 7999 (Exact Online) looks like another app for Exact"
        in finished.out
    )
    assert "Two apps send each order twice" in finished.out


def test_service_points_that_are_switched_off_are_a_finding(shop: Shop) -> None:
    ours = account(shop).integrations
    ours[0] = replace(ours[0], service_points_enabled=False)

    assert (
        "sandbox, integrations: service points are switched off for integration 7001"
        in shop.run("doctor").out
    )


def test_service_points_of_other_carriers_than_the_options_are_a_finding(shop: Shop) -> None:
    shop.configure(
        AUTOMATIC.replace('field = "YourRef"', 'field = "YourRef"\nshipping_option = "postnl:service-point"')
    )
    contracts = account(shop).contracts
    contracts[:] = [contract for contract in contracts if contract.carrier.code != "postnl"]

    finished = shop.run("doctor")

    assert (
        "integration 7001 has service points of dpd, but service_points.shipping_option is an option of postnl"
        in finished.out
    )


def test_options_that_sendcloud_does_not_list_without_addresses_are_only_noted(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead(
        "POST", "/shipping-options", status=200, text='{"data": null}', content_type="application/json"
    )

    finished = shop.run("doctor")

    assert finished.status == 0
    assert (
        "note: sandbox, shipping options: Sendcloud lists no shipping options without addresses"
        in finished.out
    )


def test_an_account_of_another_division_behind_the_keys_is_a_finding(shop: Shop) -> None:
    shop.run("sync")
    shop.env |= {
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "sandbox2-public",
        "EXACTSEND_SENDCLOUD_SECRET_KEY": "sandbox2-secret",
    }

    assert (
        "sandbox, Sendcloud: the state of division 1234567 belongs to other accounts"
        in shop.run("doctor").out
    )


def test_options_that_the_account_may_not_use_are_findings(shop: Shop) -> None:
    account(shop).options[:] = [
        option for option in account(shop).options if option.code not in {"dpd:home", "postnl:standard"}
    ]

    finished = shop.run("doctor")

    assert (
        "sandbox, shipping options: labels.shipping_option is 'postnl:standard', which this" in finished.out
    )
    assert "sandbox, shipping options: labels.shipping_methods.DPD is 'dpd:home', which this" in finished.out


def test_an_option_for_one_band_of_weights_is_noted_with_those_for_others(shop: Shop) -> None:
    options = account(shop).options
    light, heavy = "postnl:standard/kg=0-0.5", "postnl:standard/kg=0.5-1"
    options += [
        replace(options[0], code=light, max_weight_grams=500),
        replace(options[0], code=heavy, min_weight_grams=501, max_weight_grams=1000),
        replace(options[0], code="postnl:standard/signature,kg=0-0.5"),
    ]
    shop.configure(AUTOMATIC.replace('"PNL" = "postnl:standard"', f'"PNL" = "{light}"'))

    finished = shop.run("doctor")

    assert (
        f"weight bands: labels.shipping_methods.PNL is '{light}', which takes 0.001 to 0.5 kg; for other weights the account has "
        f"{heavy} (0.501 to 1 kg)\n"
    ) in finished.out
    assert finished.status == 0


RULES_DECIDE = """\
[divisions.sandbox]
code = 1234567
"""


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (RULES_DECIDE, "plan must include shipping rules, which choose the option"),
        (
            AUTOMATIC.replace("create_automatically", "contract_id = 517\ncreate_automatically"),
            "plan must include your own contracts, if labels.contract_id (517) is one: the free plan has neither",
        ),
        (AUTOMATIC, ""),
        (RULES_DECIDE + '[divisions.sandbox.labels]\nunmapped_method = "hold"\n', ""),
    ],
)
def test_what_sendclouds_plan_must_have_is_noted_where_it_is_needed(
    shop: Shop, config: str, words: str
) -> None:
    shop.configure(config)

    out = shop.run("doctor").out

    assert (f"note: sandbox, plan: Sendcloud's {words}" in out) if words else (", plan:" not in out)


def with_contract(number: int) -> str:
    return AUTOMATIC.replace("shipping_option =", f"contract_id = {number}\nshipping_option =", 1)


def test_a_contract_that_is_not_there_is_a_finding(shop: Shop) -> None:
    shop.configure(with_contract(999))

    assert "labels.contract_id is 999, but Sendcloud has no such contract" in shop.run("doctor").out


def test_a_contract_of_another_carrier_is_a_finding(shop: Shop) -> None:
    shop.configure(with_contract(517))

    finished = shop.run("doctor")

    assert (
        "the contract 517 is with postnl, but labels.shipping_methods.DPD is an option of dpd" in finished.out
    )


def test_a_contract_that_is_not_active_is_a_finding(shop: Shop) -> None:
    shop.configure(with_contract(517))
    contracts = account(shop).contracts
    contracts[0] = replace(contracts[0], is_active=False)

    assert "the contract 517 is inactive" in shop.run("doctor").out


def test_the_document_has_reasons_notes_and_what_was_not_checked(shop: Shop) -> None:
    shop.sandbox.world.exact.apps["sandbox-client"].rights.pop("Logistics items")

    printed = json.loads(shop.run("doctor", "--json").out)

    (finding,) = printed["findings"]
    assert finding["check"] == "rights: Logistics items"
    assert finding["why"].startswith("Orders and deliveries wait, since what they hold can't be read.")
    assert printed["skipped"] == [
        {"division": "sandbox", "check": "fields of items", "needs": "logistics/Items"}
    ]
    assert {note["check"] for note in printed["notes"]} == {"cron", "calls"}


# ── divisions ────────────────────────────────────────────────────────────────────────────────────


def test_the_divisions_of_the_sign_in_are_listed(shop: Shop) -> None:
    finished = shop.run("divisions")

    assert finished.status == 0
    rows = [line.split() for line in finished.out.splitlines()]
    assert [(row[0], row[-1]) for row in rows[1:]] == [("1234567", "sandbox"), ("7654321", "-")]


def test_divisions_need_the_client_secret(shop: Shop) -> None:
    shop.env.pop(next(iter(SECRETS)))

    assert shop.run("divisions").status == 4
