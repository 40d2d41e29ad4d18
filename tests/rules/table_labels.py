"""S4 to S6: adoption, what is paid, and another attempt."""

from exactsend.engine.apply.adopt import _adopt_dead, adopt
from exactsend.engine.apply.label_events import failure_record
from exactsend.engine.apply.label_purchase import _answered
from exactsend.engine.apply.prepurchase_check import _attempts
from exactsend.engine.errors_by_hand import _shipment_to_take_over
from exactsend.engine.plan.after_label import decide_labelled
from exactsend.engine.plan.duplicate_labels import (
    _direction,
    _is_wholly_its_own,
    _may_be_second,
    second_labels,
)
from exactsend.engine.plan.gone_deliveries import own_shipments
from exactsend.engine.plan.label_rules import _may_be_tried, attempts_check, ours_to_ship
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.plan.ownership import (
    _is_certainly_its,
    _is_owned_by_another,
    candidates,
    is_made_from,
    owner_of,
)
from exactsend.engine.plan.poll_results import _evaluate_shipment, shipment_state
from exactsend.engine.plan.purchase_verdict import _made_otherwise, _next_attempt, judge
from exactsend.engine.plan.writebacks import is_due
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.parcels import Parcel
from exactsend.sendcloud.replies import read_announced
from exactsend.sendcloud.statuses import Meaning
from exactsend.trade.fingerprint import recipient_fingerprints
from exactsend.trade.postcode import normal_postcode
from tests.rules.faults import (
    always,
    call,
    code,
    condition,
    dropped,
    element,
    joined,
    never,
    returned,
    skipped,
)
from tests.rules.rule import Clause

S4 = (
    Clause(
        "S4", "a shipment belongs to at most one delivery",
        candidates, always("_is_owned_by_another"),
        ("test_another_deliverys_label_is_never_taken",),
    ),
    Clause(
        "S4", "for ever",
        _evaluate_shipment, element("named_owner", of="shipment_record", becomes="named_owner(division, shipment)"),
        ("test_an_owner_is_an_owner_for_ever",),
    ),
    Clause(
        "S4", "one whose delivery nobody remembers is not passed over",
        _is_owned_by_another, returned("is_gone", becomes="record is None or not is_gone(snapshot, record)"),
        ("test_a_lost_ledger_buys_nothing_for_a_delivery_that_was_made_again",),
    ),
    Clause(
        "S4", "whose it is, a reference of ours says, too",
        owner_of, call("named_owner", becomes="None"),
        ("test_a_label_whose_reference_names_a_delivery_that_nobody_remembers_is_not_taken_and_not_passed_over",),
    ),
    Clause(
        "S4", "only one of this division's integration is adopted",
        candidates, always("of_this_integration"),
        ("test_a_label_of_another_integration_holds_it",),
    ),
    Clause(
        "S4", "only one with exactly the number of the entry",
        candidates, always("incoming_number"),
        ("test_a_label_for_the_whole_order_holds_a_part",),
    ),
    Clause(
        "S4", "only one to the same country and postal code, or made from the entry",
        candidates, always("_is_certainly_its"),
        ("test_an_address_alone_makes_no_label_somebody_elses",),
    ),
    Clause(
        "S4", "one that was made from the entry is adopted wherever it goes",
        _is_certainly_its, returned("is_made_from", becomes="False"),
        ("test_a_label_made_from_the_entry_is_taken_wherever_it_goes",
         "test_a_label_to_a_corrected_address_is_the_deliverys_once_it_is_delivered"),
    ),
    Clause(
        "S4", "made from it is what is younger than the moment when it was seen stored",
        is_made_from, never("made", "stored_at"),
        ("test_anything_less_sure_is_not_taken",),
    ),
    Clause(
        "S4", "and bears no program's reference",
        is_made_from, never("external_reference_id"),
        ("test_anything_less_sure_is_not_taken",),
    ),
    Clause(
        "S4", "and has its name, e-mail, phone or street",
        is_made_from, returned("recipient", becomes="True"),
        ("test_anything_less_sure_is_not_taken",
         "test_another_tools_label_to_somebody_else_after_our_entry_was_deleted_is_neither_taken_nor_bought_beside"),
    ),
    Clause(
        "S4", "what the configuration gives to everybody proves nothing",
        recipient_fingerprints, always("CONFIGURATION"),
        ("test_what_the_configuration_gives_to_everybody_says_nothing",),
    ),
    Clause(
        "S4", "a return stops nothing",
        candidates, always("is_return"),
        ("test_dead_labels_and_returns_stop_nothing",),
    ),
    Clause(
        "S4", "postal codes compare in the normal form of their country",
        normal_postcode, returned("code", becomes="written"),
        ("test_two_spellings_of_one_code_are_equal",),
    ),
    Clause(
        "S4", "only a live one is adopted",
        candidates, always("is_live"),
        ("test_dead_labels_and_returns_stop_nothing",),
    ),
    Clause(
        "S4", "several that fit are held",
        _made_otherwise, condition("fitting", "elsewhere", becomes="found.fitting and not found.elsewhere"),
        ("test_two_labels_that_fit_hold_the_purchase",),
    ),
    Clause(
        "S4", "a shipment found by our own reference is ours",
        judge, skipped("Adopt"),
        ("test_a_live_attempt_of_ours_is_taken_whatever_its_status_is_called",),
    ),
    Clause(
        "S4", "also where a ledger that was put back does not know what was written",
        decide_delivery, call("_found_by_reference", becomes="None"),
        ("test_a_label_bought_after_the_back_up_is_ours_and_so_is_what_was_written",),
    ),
    Clause(
        "S4", "and a number that is that of its label made by hand is no other's",
        ours_to_ship, never("_is_number_of_its_label"),
        ("test_one_made_by_hand_and_written_after_the_back_up_is_the_deliverys_again",),
    ),
    Clause(
        "S4", "the label of a delivery that is there never becomes another's",
        _shipment_to_take_over, never("_exists_in_exact"),
        ("test_the_label_of_another_delivery_is_never_taken_over",),
    ),
    Clause(
        "S4", "one that was given to another is no longer that of a delivery that is gone",
        own_shipments, always("owner_of"),
        ("test_a_label_that_a_person_has_given_to_another_is_not_taken_back_for_one_that_is_gone",),
    ),
    Clause(
        "S4", "a shipment that comes with a 409 is ours",
        _answered, never("existed"),
        ("test_a_409_is_our_own_label",),
    ),
    Clause(
        "S4", "one that bears another reference than was asked for is nobody's answer",
        read_announced, never("reference"),
        ("test_a_purchase_that_may_be_anothers_is_unreadable",),
    ),
    Clause(
        "S4", "one that differs from the delivery is told",
        adopt, never("differing"),
        ("test_a_paid_label_that_no_longer_fits_is_held_back_and_told",),
    ),
    Clause(
        "S4", "and not written back before a person decides",
        is_due, never("accepted"),
        ("test_when_a_label_is_written_back",),
    ),
)  # fmt: skip

S5 = (
    Clause(
        "S5", "status codes that nobody knows count as paid and live",
        Shipment.is_live, returned("is_failed", becomes="self.parcels[0].status.code == 'READY_TO_SEND'"),
        ("test_what_is_not_known_to_be_over_is_live",),
    ),
    Clause(
        "S5", "a failed announcement with a label document may have cost money",
        Parcel.phase, never("has_label"),
        ("test_a_failed_shipment_with_a_label_on_any_parcel_may_have_cost_money",),
    ),
    Clause(
        "S5", "all else than failed and cancelled is remembered as live",
        shipment_state,
        returned("is_cancelled", becomes="'cancelled' if shipment.is_cancelled else 'live' if shipment.parcels[0].status.code == 'READY_TO_SEND' else 'failed'"),
        ("test_what_is_not_surely_dead_is_live",),
    ),
    Clause(
        "S5", "the attachment waits for a label document",
        is_due, always("is_printable"),
        ("test_a_label_that_is_not_printed_yet_is_attached_later",),
    ),
    Clause(
        "S5", "write-back waits until it is tracked",
        is_due, never("is_on_its_way"),
        ("test_what_is_not_tracked_is_not_written_back",),
    ),
    Clause(
        "S5", "being announced is not tracked",
        Meaning.is_tracked, joined("READY", by="Phase.ANNOUNCING"),
        ("test_being_announced_is_not_tracked",),
    ),
    Clause(
        "S5", "failed is not tracked, though it has a number",
        Meaning.is_tracked, joined("READY", by="Phase.FAILED"),
        ("test_a_failed_shipment_is_neither_though_it_has_a_number",),
    ),
    Clause(
        "S5", "what is being cancelled is not tracked",
        Meaning.is_tracked, joined("READY", by="Phase.CANCELLING"),
        ("test_what_is_not_tracked_is_not_written_back",),
    ),
    Clause(
        "S5", "a shipment without a label is nobody's label",
        Shipment.is_cancelled, dropped("NO_LABEL"),
        ("test_a_shipment_that_nobody_asked_a_label_for_is_no_label_unless_there_is_one",),
    ),
    Clause(
        "S5", "201 alone is no label",
        _answered, never("is_live"),
        ("test_a_failed_label_stands_in_errors_and_among_the_incoming_orders",),
    ),
)  # fmt: skip

S6 = (
    Clause(
        "S6", "every earlier attempt is read back by its id",
        _attempts, never("sendcloud", "id"),
        ("test_before_another_attempt_the_failed_one_is_read_by_its_id_not_from_a_list_that_lags",),
    ),
    Clause(
        "S6", "a failure that nobody remembers is learned of first",
        _next_attempt, never("unseen_failures"),
        ("test_a_failure_that_nobody_remembers_is_learned_of_first",),
    ),
    Clause(
        "S6", "without a reason nothing is tried again",
        _may_be_tried, returned("is_due", becomes="True"),
        ("test_a_failure_is_not_repeated_without_a_reason",),
    ),
    Clause(
        "S6", "a changed request is a reason",
        _may_be_tried, never("fingerprint"),
        ("test_a_changed_request_is_a_reason",),
    ),
    Clause(
        "S6", "a passing cause is one when its pause is over",
        _may_be_tried, always("is_due"),
        ("test_a_passing_cause_is_one_when_its_pause_is_over",),
    ),
    Clause(
        "S6", "the pauses grow",
        failure_record, code("tries - 1", becomes="0"),
        ("test_a_passing_cause_is_tried_again_with_growing_pauses_and_at_most_five_times",),
    ),
    Clause(
        "S6", "five tries at most",
        failure_record, returned("ProblemRecord", becomes="first.replace(next_try=now + RETRY_PAUSES[-1])"),
        ("test_a_passing_cause_is_tried_again_with_growing_pauses_and_at_most_five_times",),
    ),
    Clause(
        "S6", "after a cancelled label only a person starts another",
        attempts_check, never("CANCELLED"),
        ("test_a_changed_request_is_none_after_a_cancelled_label",),
    ),
    Clause(
        "S6", "also where Sendcloud alone knows of it",
        _next_attempt, never("is_cancelled"),
        ("test_after_a_cancelled_label_nothing_is_bought_unless_a_person_asks",),
    ),
    Clause(
        "S6", "one that was cancelled before any run knew of it is told",
        _adopt_dead, call("with_problem", becomes="record"),
        ("test_a_label_that_a_person_cancelled_before_any_run_knew_of_it_is_told",),
    ),
    Clause(
        "S6", "cancelling counts as live",
        Shipment.is_cancelled, joined("CANCELLED", by="Phase.CANCELLING"),
        ("test_what_is_not_known_to_be_over_is_live",),
    ),
    Clause(
        "S6", "another label is bought only under the number that was asked for",
        _next_attempt, never("another", "number"),
        ("test_another_label_is_bought_only_under_the_next_number",),
    ),
    Clause(
        "S6", "two live labels are told at once",
        decide_labelled, never("live_labels"),
        ("test_two_live_labels_are_told_before_anything_else",),
    ),
    Clause(
        "S6", "a second one made by hand, too",
        second_labels, call("_unowned_labels", becomes="()"),
        ("test_a_second_label_to_its_door_is_told_and_is_its_own",),
    ),
    Clause(
        "S6", "also where it goes to the label's door and Exact's address can't be read any more",
        _direction, never("SAME", "UNKNOWN"),
        ("test_a_second_label_to_the_labels_door_is_told_though_the_address_in_exact_is_unreadable",),
    ),
    Clause(
        "S6", "one to another address may be a second one too",
        _may_be_second, returned("True", becomes="_direction(case, shipment) is Direction.UNKNOWN"),
        ("test_one_to_another_door_may_be_one_too",
         "test_a_second_label_that_a_person_made_to_a_corrected_address_is_told"),
    ),
    Clause(
        "S6", "one that only seems to be a second one is told and stays nobody's",
        decide_labelled, call("doubtful_labels", becomes="[]"),
        ("test_one_whose_country_cannot_be_read_is_told_and_stays_nobodys",),
    ),
    Clause(
        "S6", "an order's number means a delivery only where no other delivers of that order",
        _is_wholly_its_own, returned("covering", becomes="True"),
        ("test_under_the_number_of_an_order_that_others_deliver_too_nothing_is_told",),
    ),
    Clause(
        "S6", "a return is none",
        _may_be_second, never("_is_return"),
        ("test_a_return_is_no_second_label_even_where_its_way_cannot_be_read",),
    ),
)  # fmt: skip

CLAUSES = (*S4, *S5, *S6)
