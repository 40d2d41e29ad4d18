"""What services and carriers say, and what a person is told: cause, field, where to correct it, and whether time may cure it."""

import pytest

from exactsend.domain.problems import Code
from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.carrier_errors import CAUSES, Circumstances, cause_of
from exactsend.engine.plan.service_errors import (
    Failure,
    announcement_failure,
    given_up,
    order_refusal,
    refusal,
)
from exactsend.errors import FieldProblem, Refused
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment

DELIVERY = Subject(order_numbers=(4711,), delivery_number=20001)
REQUEST: dict[str, Json] = {
    "order_number": "4711",
    "to_address": {
        "name": "Phone House B.V.",
        "address_line_1": "Postcodestraat",
        "house_number": "12",
        "postal_code": "3531 GV",
        "city": "Volume",
        "email": "me@phone.example",
    },
}


def failed(said: str) -> Failure:
    """201, and the carrier says this."""
    errors = [{"code": "parcel_announcement_error", "detail": said}]
    parcels = [{"id": 1, "status": {"code": "ANNOUNCEMENT_FAILED"}}]
    shipment = {"id": "s", "order_number": None, "external_reference_id": None}
    return announcement_failure(
        DELIVERY, Shipment.model_validate({**shipment, "errors": errors, "parcels": parcels}), REQUEST
    )


def refused(pointer: str, detail: str) -> Failure:
    """400, and Sendcloud says this."""
    problems = (FieldProblem(pointer=pointer, detail=detail),)
    return refusal(DELIVERY, Refused("Sendcloud refused", problems=problems), REQUEST)


WORDS = {
    # who receives it
    "telephone: This field is required.": ("phone_missing", "Phone"),
    "Phone number is required": ("phone_missing", "Phone"),
    "Please provide a mobile phone number for this service": ("phone_missing", "Phone"),
    "Your phone number is in a correct format, but the number is invalid.": ("phone_invalid", "Phone"),
    "Your phone number is in a local format, please give an international one.": ("phone_invalid", "Phone"),
    "email: This field is required.": ("email_missing", "Email"),
    "Email is required for this shipment.": ("email_missing", "Email"),
    "Enter a valid email address.": ("email_invalid", "Email"),
    "address_name_length_too_long": ("address_refused", "Name"),
    "Recipient name max length exceeded": ("address_refused", "Name"),
    # where it goes
    "house_number: 'This field cannot be blank.'": ("house_number_missing", "AddressLine1"),
    "The street number is missing": ("house_number_missing", "AddressLine1"),
    "Invalid postal code": ("address_refused", "Postcode"),
    "postalcode - postal code format should be as follows: nnnnn": ("address_refused", "Postcode"),
    "The zip code does not belong to the city": ("address_refused", "Postcode"),
    "city: Ensure this field has no more than 30 characters.": ("address_refused", "City"),
    "state_province_code: This field is required.": ("address_refused", "State"),
    "120203 - Invalid ShipTo AddressLine2.": ("address_refused", "AddressLine1"),
    "address_2: Ensure this field has no more than 30 characters.": ("address_refused", "AddressLine1"),
    "country: PostNL Standard does not deliver to SE.": ("shipping_option_unavailable", "ShippingMethod"),
    "121210 - The selected service is not available from the origin to the destination.": (
        "shipping_option_unavailable",
        "ShippingMethod",
    ),
    # what is sent
    "weight: 80 kg is outside the range of DPD Home.": ("weight_out_of_range", "GrossWeight"),
    "The parcel is too heavy": ("weight_out_of_range", "GrossWeight"),
    "weight: The items weigh more than the parcel.": ("weight_out_of_range", "GrossWeight"),
    "Weight of Items on Customs Declaration cannot be larger than the Parcel Weight": (
        "weight_out_of_range",
        "GrossWeight",
    ),
    "length: This field is required.": ("dimensions_missing", "ShippingMethod"),
    # customs
    "parcel_items: hs_code is required for customs.": ("hs_code_missing", "StatisticalCode"),
    "Invalid tariff number 62052": ("hs_code_invalid", "StatisticalCode"),
    "parcel_items: origin_country is required for customs.": (
        "origin_missing",
        "customs.country_of_origin_field",
    ),
    "EORI number missing.": ("customs_number_missing", "EORINumber"),
    "customs_information: This field is required for this destination.": ("customs_refused", ""),
    # service points
    "to_service_point: The service point is closed.": ("service_point_unavailable", "service point"),
    "The parcelshop is temporarily unavailable": ("service_point_unavailable", "service point"),
    "This shipping option does not deliver to service points.": (
        "shipping_option_unavailable",
        "service_points.shipping_option",
    ),
    "The shipping method cannot be used with a service point": (
        "shipping_option_unavailable",
        "service_points.shipping_option",
    ),
    "The carrier doesn't support service point delivery": (
        "shipping_option_unavailable",
        "service_points.shipping_option",
    ),
    "The parcel cannot be delivered to the service point": ("service_point_unavailable", "service point"),
    "The carrier does not deliver to this parcel shop": ("service_point_unavailable", "service point"),
    "to_service_point: This shipping option needs a service point.": (
        "service_point_missing",
        "ShippingMethod",
    ),
}
PASSING = {
    "Service error: An error occurred while connecting to the carrier.": "label_failed",
    "The carrier is currently unavailable": "label_failed",
    "Read timed out": "label_failed",
    "no_valid_payment_method": "payment_needed",
    "No valid direct debit mandate": "payment_needed",
    "The wallet balance is insufficient": "payment_needed",
    "You have used the 50 labels that your plan includes this month.": "payment_needed",
    "The label limit of the free plan is reached": "payment_needed",
    "This needs a higher subscription": "payment_needed",
    "Invalid credentials": "contract_unusable",
    "No active contract for this carrier": "contract_unusable",
    "User has no permission": "contract_unusable",
    "The barcode range is used up": "contract_unusable",
}


@pytest.mark.parametrize(("said", "told"), WORDS.items(), ids=list(WORDS))
def test_a_cause_that_is_known_has_its_code_and_field_and_needs_a_change(
    said: str, told: tuple[str, str]
) -> None:
    failure = failed(said)

    assert (failure.problem.code, shown(failure.problem).field) == told
    assert not failure.is_passing
    assert shown(failure.problem).remedy.endswith(
        "Or correct it in Sendcloud's panel in incoming order 4711 and make the label there."
    )


@pytest.mark.parametrize(("said", "code"), PASSING.items(), ids=list(PASSING))
def test_what_time_or_the_owner_of_the_account_may_cure_is_tried_again_by_itself(
    said: str, code: str
) -> None:
    failure = failed(said)

    assert (failure.problem.code, failure.is_passing) == (code, True)
    assert shown(failure.problem).remedy.endswith("exactsend labels retry --delivery 20001.")


def test_what_nobody_knows_is_told_in_the_carriers_words() -> None:
    problem = failed("Fehler 4711: Blaulicht").problem

    assert (problem.code, shown(problem).field, problem.detail) == (
        "label_failed",
        "",
        "Fehler 4711: Blaulicht",
    )
    assert shown(problem).message == "the label of delivery 20001 could not be made"


def test_the_service_is_quoted_beside_the_cause_without_personal_data() -> None:
    problem = failed("Postal code 3531 GV is wrong for Phone House B.V. (me@phone.example)").problem

    assert (
        shown(problem).message
        == "the label of delivery 20001 could not be made: the postcode is not accepted"
    )
    assert problem.detail == "Postal code <postal_code> is wrong for <name> (<email>)"


def test_a_cause_that_names_the_record_stands_alone() -> None:
    assert shown(failed("house_number: This field cannot be blank.").problem).message == (
        "the delivery address of delivery 20001 has no house number that the carrier can read"
    )


def test_the_customers_own_words_are_no_cause() -> None:
    problem = failed("Phone House B.V., Postcodestraat, Volume: not at home").problem

    assert (problem.code, shown(problem).field) == ("label_failed", "")


@pytest.mark.parametrize(
    ("pointer", "detail", "code", "field"),
    [
        ("/to_address/postal_code", "Enter a valid value.", "address_refused", "Postcode"),
        ("/data/attributes/to_address/phone_number", "Invalid.", "phone_invalid", "Phone"),
        ("/from_address/postal_code", "This field is required.", "sender_refused", "warehouses"),
        ("/from_address", "Field required", "sender_refused", "warehouses"),
        (
            "/from_address/sender_address_id",
            "The sender address does not exist.",
            "sender_refused",
            "warehouses",
        ),
        (
            "/ship_with/properties/shipping_option_code",
            "Not found.",
            "shipping_option_unavailable",
            "ShippingMethod",
        ),
        ("/ship_with/properties/contract_id", "Invalid contract.", "contract_unusable", ""),
        ("", "Something is wrong.", "label_refused", ""),
    ],
)
def test_a_refusal_is_read_by_its_pointer_too(pointer: str, detail: str, code: str, field: str) -> None:
    problem = refused(pointer, detail).problem

    assert (problem.code, shown(problem).field) == (code, field)
    assert shown(problem).message.startswith("the label of delivery 20001 was refused by Sendcloud")


NO_OPTION_THERE = "No shipping option could be found for the given country or postal code combination"
NO_OPTION_FOR_WEIGHT = "No shipping option could be found for the given weight and/or dimensions"
INSURES = {
    "rule": {"id": 325800, "name": "Insure what is dear"},
    "result": {"additional_insured_price": {"value": "500.00", "currency": "EUR"}},
}
CHOOSES = {
    "rule": {"id": 315157, "name": "Ship with PostNL for NL"},
    "result": {"shipping_option_code": "postnl:standard"},
}
TO_BELGIUM: dict[str, Json] = {"order_number": "4711", "to_address": {"country_code": "BE"}}
NAMED: dict[str, Json] = {
    **TO_BELGIUM,
    "ship_with": {"properties": {"shipping_option_code": "colissimo:home/kg=0-2"}},
    "apply_shipping_rules": False,
}
IN_THE_WAY = (
    "a shipping rule of Sendcloud's panel asks for something that can't be had to BE with that option"
)
INSURED = "Insure what is dear (325800): set additional_insured_price"
BY_RULES: dict[str, Json] = {**TO_BELGIUM, "apply_shipping_rules": True}


SEVERAL = (
    Circumstances(),
    Circumstances(to_point=True),
    Circumstances(by_rules=True),
    Circumstances(rules="Rule (1)"),
    Circumstances(rules="Rule (1)", rules_add=True),
)


def no_option(said: str, request: Json, answer: object = None) -> Failure:
    """400 with one of the sentences that stand for several causes."""
    refused = Refused("Sendcloud refused", problems=(FieldProblem(pointer="", detail=said),))
    refused.answer = answer
    return refusal(DELIVERY, refused, request)


@pytest.mark.parametrize(
    ("said", "request_", "answer", "told", "cause"),
    [
        (
            NO_OPTION_THERE,
            NAMED,
            None,
            "shipping_option_unavailable at ShippingMethod",
            "the shipping option colissimo:home/kg=0-2 does not go to BE, or not to that postcode",
        ),
        (
            NO_OPTION_THERE,
            {**NAMED, "to_service_point": {"id": "20011"}},
            None,
            "service_point_elsewhere at service point",
            "the service point is in another country than BE, or the shipping option does not go to service points there",
        ),
        (
            NO_OPTION_THERE,
            BY_RULES,
            {"errors": [], "applied_shipping_rules": [CHOOSES, INSURES]},
            "shipping_rule_conflict at shipping rules",
            f"{IN_THE_WAY} (Ship with PostNL for NL (315157): chose postnl:standard; {INSURED})",
        ),
        (
            NO_OPTION_THERE,
            {**BY_RULES, "to_service_point": {"id": "20011"}},
            {"errors": [{"meta": {"applied_shipping_rules": [INSURES]}}]},
            "shipping_rule_conflict at shipping rules",
            f"{IN_THE_WAY} ({INSURED})",
        ),
        (
            NO_OPTION_THERE,
            BY_RULES,
            {"errors": [{"applied_shipping_rules": [CHOOSES]}]},
            "shipping_rule_conflict at shipping rules",
            "what Sendcloud's shipping rules chose does not go to BE (Ship with PostNL for NL (315157): chose postnl:standard)",
        ),
        (
            NO_OPTION_THERE,
            BY_RULES,
            ["no object"],
            "shipping_rule_conflict at shipping rules",
            "what Sendcloud's shipping rules chose does not go to BE, or a rule adds something, such as insurance, that can't be had there",
        ),
        (
            NO_OPTION_FOR_WEIGHT,
            NAMED,
            None,
            "weight_out_of_range at GrossWeight",
            "the shipping option takes no parcel of its weight or size",
        ),
    ],
)
def test_one_sentence_for_several_causes_is_told_apart_by_what_was_asked_and_by_the_rules_that_were_applied(
    said: str, request_: Json, answer: object, told: str, cause: str
) -> None:
    failure = no_option(said, request_, answer)

    assert f"{failure.problem.code} at {shown(failure.problem).field}" == told
    assert shown(failure.problem).message == f"the label of delivery 20001 was refused by Sendcloud: {cause}"
    assert failure.is_passing == told.startswith("shipping_rule_conflict")


def test_an_option_that_nobody_chose_is_for_the_shipping_rules_or_the_configuration() -> None:
    missing = FieldProblem("/ship_with/properties/shipping_option_code", "This field is required.")

    by_rules = refusal(DELIVERY, Refused("refused", problems=(missing,)), BY_RULES)
    named = refusal(DELIVERY, Refused("refused", problems=(missing,)), NAMED)

    assert by_rules.is_passing
    assert by_rules.problem.code == named.problem.code == "shipping_option_unavailable"
    assert "none of them chose a shipping option" in shown(by_rules.problem).message
    assert shown(by_rules.problem).remedy.startswith(
        "Make a shipping rule in Sendcloud, for which its plan must have them"
    )
    assert "none of them chose" not in shown(named.problem).message


def test_a_weight_that_no_band_takes_is_cured_by_another_option() -> None:
    assert "map its shipping method to an option for that weight" in (
        shown(no_option(NO_OPTION_FOR_WEIGHT, NAMED).problem).remedy
    )


def test_a_rule_that_is_in_the_way_is_changed_in_the_panel_or_left_out() -> None:
    remedy = shown(no_option(NO_OPTION_THERE, BY_RULES).problem).remedy

    assert remedy.startswith(
        "Change that rule in Sendcloud under Settings > Shipping rules, or name a shipping option"
    )
    assert remedy.endswith("exactsend labels retry --delivery 20001.")


def test_the_rules_that_were_applied_are_told_beside_the_services_words() -> None:
    shipment = {"id": "s", "order_number": None, "external_reference_id": None}
    parcels = [{"id": 1, "status": {"code": "ANNOUNCEMENT_FAILED"}}]
    failed = {"errors": [{"detail": "Invalid postal code"}], "applied_shipping_rules": [CHOOSES]}

    problem = announcement_failure(
        DELIVERY, Shipment.model_validate({**shipment, **failed, "parcels": parcels}), REQUEST
    ).problem

    assert problem.code == "address_refused"
    assert problem.detail == (
        "Invalid postal code; shipping rules that were applied: Ship with PostNL for NL (315157): chose postnl:standard"
    )


def test_a_rule_is_named_without_what_it_repeats_of_the_recipient() -> None:
    named_after_him = {**INSURES, "rule": {"id": 7, "name": "Phone House B.V. is insured"}}

    problem = no_option(
        NO_OPTION_THERE,
        {**REQUEST, "apply_shipping_rules": True},
        {"applied_shipping_rules": [named_after_him]},
    ).problem

    assert "<name> is insured (7)" in shown(problem).message
    assert "Phone House" not in f"{shown(problem).message}{problem.detail}"


def test_an_order_that_is_refused_names_the_field_and_is_sent_again() -> None:
    problem = order_refusal(
        Subject(order_numbers=(4711,)),
        [FieldProblem(pointer="/data/attributes/[0]/shipping_address/city", detail="Too long.")],
        "",
        REQUEST,
    )

    assert (problem.code, shown(problem).field) == (Code.ORDER_REFUSED, "City")
    assert (
        shown(problem).message
        == "Sendcloud refused order 4711 as an incoming order: the city is not accepted"
    )


def test_what_is_given_up_says_how_often_it_was_tried() -> None:
    problem = given_up(failed("The carrier is unavailable").problem, 6, delivery=20001)

    assert problem.code is Code.LABEL_GIVEN_UP
    assert shown(problem).message.endswith(
        "the carrier is not available at the moment, 6 times; it is not tried again by itself"
    )


def test_every_cause_is_what_some_words_above_are_about() -> None:
    said = [*WORDS, *PASSING, "from_address/sender_address_id", "shipping_option_code: Not found."]
    said += ["The country is unknown", "name: not accepted"]
    first = {cause_of(name.replace("_", " ")) for name in said}
    first |= {cause_of("ship with: This field is required.", Circumstances(by_rules=True))}
    first |= {cause_of(NO_OPTION_THERE, circumstances) for circumstances in SEVERAL} | {
        cause_of(NO_OPTION_FOR_WEIGHT)
    }

    assert [cause.words for cause in CAUSES if cause not in first] == []
