"""What is held before a purchase, and what is not although it looks odd."""

from dataclasses import replace
from decimal import Decimal

import pytest

from exactsend.domain.preflight import OptionTerms, Preflight, common_terms
from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import BuyLabel, RecordDecision
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.plan.preflight import OBJECTIONS, address_question, option_question
from exactsend.engine.snapshot import LabelRequested, Snapshot
from tests.builders import DELIVERY, a_policy, a_snapshot

ROUTE = "postnl:standard NL NL"
UNMAPPED = "postnl:standard - NL"
KILOGRAM = Decimal(1000)


def told(snapshot: Snapshot, *terms: OptionTerms, address: tuple[str, ...] = ()) -> str:
    """The code of the hold; empty where it is bought."""
    preflight = Preflight(terms={ROUTE: terms, UNMAPPED: terms}, addresses={DELIVERY: address})
    action = decide_delivery(replace(snapshot, preflight=preflight), next(iter(snapshot.deliveries.values())))
    assert isinstance(action, BuyLabel | RecordDecision)
    return action.reason if isinstance(action, RecordDecision) else ""


def bought(snapshot: Snapshot) -> BuyLabel:
    action = decide_delivery(snapshot, next(iter(snapshot.deliveries.values())))
    assert isinstance(action, BuyLabel)
    return action


def test_the_question_names_option_and_country() -> None:
    route = option_question(a_snapshot(), bought(a_snapshot()))

    assert route is not None
    assert route.key == ROUTE


def test_where_sendcloud_chooses_the_sender_its_country_is_not_named() -> None:
    unmapped = a_snapshot(policy=a_policy(warehouses={}))
    route = option_question(unmapped, bought(unmapped))

    assert route is not None
    assert route.key == UNMAPPED


def test_the_sizes_of_a_parcel_may_be_sendclouds_default_where_defaults_apply() -> None:
    sizes = OptionTerms(fields=("length", "width", "height"))

    assert told(a_snapshot(), sizes) == "dimensions_missing"
    assert told(a_snapshot(policy=a_policy(warehouses={})), sizes) == ""


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (OptionTerms(), ""),
        (OptionTerms(fields=("to_telephone", "to_email")), ""),
        (OptionTerms(fields=("to_fax",)), ""),
        (OptionTerms(needs_service_point=True), "service_point_missing"),
        (OptionTerms(min_grams=KILOGRAM), "weight_out_of_range"),
        (OptionTerms(max_grams=Decimal(499)), "weight_out_of_range"),
        (OptionTerms(min_grams=Decimal(500), max_grams=Decimal(500)), ""),
    ],
)
def test_what_an_option_demands(terms: OptionTerms, code: str) -> None:
    assert told(a_snapshot(), terms) == code


@pytest.mark.parametrize("reason", [*OBJECTIONS, "SOMETHING_NEW"])
def test_every_known_objection_to_an_address_holds_but_that_nobody_knows_it(reason: str) -> None:
    free = {"ADDRESS_NOT_VALID", "SOMETHING_NEW"}
    refused = "house_number_missing" if reason == "HOUSE_NUMBER_TOO_SHORT" else "address_refused"

    assert told(a_snapshot(), address=(reason,)) == ("" if reason in free else refused)
    assert told(a_snapshot(), address=("SOMETHING_NEW", reason)) == ("" if reason in free else refused)


def test_a_person_who_asks_gets_the_label_without_checks() -> None:
    asked = replace(a_snapshot(), asked={DELIVERY: LabelRequested()})

    assert told(asked, OptionTerms(max_grams=Decimal(1))) == ""


def test_without_an_answer_it_is_bought_and_what_was_not_checked_is_said() -> None:
    unchecked = bought(a_snapshot()).unchecked

    assert [name.split()[0:4] for name in unchecked] == [["Sendcloud", "did", "not", "say"]] * 2


def test_an_option_that_is_not_listed_is_tried_all_the_same() -> None:
    assert told(a_snapshot()) == ""
    preflight = Preflight(terms={ROUTE: ()}, addresses={DELIVERY: ()})
    assert bought(replace(a_snapshot(), preflight=preflight)).unchecked == (
        "Sendcloud does not list postnl:standard to NL: it is tried all the same.",
    )


def test_nothing_is_asked_where_the_operator_wants_no_check() -> None:
    checks = {"required_fields": False, "weight_range": False, "address": False}
    off = a_snapshot(policy=a_policy(checks=checks))

    assert option_question(off, bought(off)) is None
    assert address_question(off, bought(off)) is None
    assert told(off, OptionTerms(max_grams=Decimal(1)), address=("STATE_MISSING",)) == ""


def test_nothing_is_asked_where_sendclouds_rules_choose() -> None:
    rules = a_snapshot(policy=a_policy(labels={"shipping_option": None}))

    assert option_question(rules, bought(rules)) is None
    assert address_question(rules, bought(rules)) is None


ONE = OptionTerms(contract_id=1, fields=("to_email", "length"), max_grams=KILOGRAM, min_grams=Decimal(1))
TWO = OptionTerms(contract_id=2, fields=("length",), max_grams=2 * KILOGRAM, needs_service_point=True)


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (1, ONE),
        (2, TWO),
        (None, OptionTerms(contract_id=1, fields=("length",), max_grams=2 * KILOGRAM)),
        (3, OptionTerms(contract_id=1, fields=("length",), max_grams=2 * KILOGRAM)),
    ],
)
def test_of_several_contracts_the_configured_one_counts_else_what_all_demand(
    contract: int | None, expected: OptionTerms
) -> None:
    assert common_terms([ONE, TWO], contract) == expected
    assert common_terms([], contract) is None


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("postnl:standard", "or choose another shipping method; the next run"),
        ("postnl:standard/kg=0-0.4", "which exactsend doctor names: postnl:standard/kg=0-0.4 is for a band"),
    ],
)
def test_what_is_too_heavy_for_a_band_of_weights_is_cured_by_the_option_for_another(
    option: str, words: str
) -> None:
    preflight = Preflight(terms={f"{option} NL NL": (OptionTerms(max_grams=Decimal(400)),)})
    snapshot = replace(a_snapshot(policy=a_policy(labels={"shipping_option": option})), preflight=preflight)

    held = decide_delivery(snapshot, next(iter(snapshot.deliveries.values())))

    assert isinstance(held, RecordDecision)
    assert held.problem is not None
    assert words in shown(held.problem).remedy
