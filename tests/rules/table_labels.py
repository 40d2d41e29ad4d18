"""S4 to S6: adoption, what is paid, and another attempt."""

from exactsend.cli.label_actions import _takeable
from exactsend.engine.apply.adopt import _adopt_dead, adopt
from exactsend.engine.apply.label_events import seen
from exactsend.engine.apply.label_purchase import _answered
from exactsend.engine.apply.prepurchase_check import _attempts
from exactsend.engine.plan.after_label import labelled
from exactsend.engine.plan.duplicate_labels import _goes, _is_wholly_its_own, _may_be_second, second_labels
from exactsend.engine.plan.gone_deliveries import own_shipments
from exactsend.engine.plan.label_rules import _may_be_tried, attempts_check, ours_to_ship
from exactsend.engine.plan.labels import decide
from exactsend.engine.plan.ownership import (
    _is_owned_by_another,
    _is_surely_its,
    candidates,
    is_made_from,
    owner_of,
)
from exactsend.engine.plan.poll_results import _learn_one, state_of
from exactsend.engine.plan.purchase_verdict import _made_otherwise, _next_attempt, judge
from exactsend.engine.plan.writebacks import is_due
from exactsend.sendcloud.models import Parcel, Shipment
from exactsend.sendcloud.statuses import Meaning
from exactsend.sendcloud.wire import read_announced
from exactsend.trade.fingerprint import recipient_fingerprints
from exactsend.trade.postcode import normal_postcode
from tests.rules.rule import Clause

S4 = (
    Clause(
        "S4", "a shipment belongs to at most one delivery",
        candidates, "and not _is_owned_by_another(snapshot, one, record.delivery_id)", "",
        ("test_another_deliverys_label_is_never_taken",),
    ),
    Clause(
        "S4", "for ever",
        _learn_one, "known.owner if known else named_owner(division, shipment)", "named_owner(division, shipment)",
        ("test_an_owner_is_an_owner_for_ever",),
    ),
    Clause(
        "S4", "one whose delivery nobody remembers is not passed over",
        _is_owned_by_another, "record is not None and not is_gone(snapshot, record)", "record is None or not is_gone(snapshot, record)",
        ("test_a_lost_ledger_buys_nothing_for_a_delivery_that_was_made_again",),
    ),
    Clause(
        "S4", "whose it is, a reference of ours says, too",
        owner_of, "named_owner(snapshot.identity.division, shipment)", "None",
        ("test_a_label_whose_reference_names_a_delivery_that_nobody_remembers_is_not_taken_and_not_passed_over",),
    ),
    Clause(
        "S4", "only one of this division's integration is adopted",
        candidates, "if one.id in of_this_integration\n        and", "if",
        ("test_a_label_of_another_integration_holds_it",),
    ),
    Clause(
        "S4", "only one with exactly the number of the entry",
        candidates, "and one.order_number == consignment.incoming_number", "",
        ("test_a_label_for_the_whole_order_holds_a_part",),
    ),
    Clause(
        "S4", "only one to the same country and postal code, or made from the entry",
        candidates, "and _is_surely_its(snapshot, consignment, record, one)", "",
        ("test_an_address_alone_makes_no_label_somebody_elses",),
    ),
    Clause(
        "S4", "one that was made from the entry is adopted wherever it goes",
        _is_surely_its, "return entry is not None and is_made_from(snapshot.fingerprint_key, entry, shipment)", "return False",
        ("test_a_label_made_from_the_entry_is_taken_wherever_it_goes",
         "test_a_label_to_a_corrected_address_is_the_deliverys_once_it_is_delivered"),
    ),
    Clause(
        "S4", "made from it is what is younger than the moment when it was seen stored",
        is_made_from, "or made < entry.stored_at", "",
        ("test_anything_less_sure_is_not_taken",),
    ),
    Clause(
        "S4", "and bears no program's reference",
        is_made_from, "or shipment.external_reference_id", "",
        ("test_anything_less_sure_is_not_taken",),
    ),
    Clause(
        "S4", "and has its name, e-mail, phone or street",
        is_made_from, "return any(found.get(part) == known for part, known in entry.recipient.items())", "return True",
        ("test_anything_less_sure_is_not_taken",
         "test_another_tools_label_to_somebody_else_after_our_entry_was_deleted_is_neither_taken_nor_bought_beside"),
    ),
    Clause(
        "S4", "what the configuration gives to everybody proves nothing",
        recipient_fingerprints, "if to.sources.get(sources.get(part, part)) != CONFIGURATION", "",
        ("test_what_the_configuration_gives_to_everybody_says_nothing",),
    ),
    Clause(
        "S4", "a return stops nothing",
        candidates, "and not is_return(snapshot, one)", "",
        ("test_dead_labels_and_returns_stop_nothing",),
    ),
    Clause(
        "S4", "postal codes compare in the normal form of their country",
        normal_postcode, "return found[1] if found else code", "return written",
        ("test_two_spellings_of_one_code_are_equal",),
    ),
    Clause(
        "S4", "only a live one is adopted",
        candidates, "if one.is_live\n        and", "if",
        ("test_dead_labels_and_returns_stop_nothing",),
    ),
    Clause(
        "S4", "several that fit are held",
        _made_otherwise, "if len(found.fitting) == 1 and", "if found.fitting and",
        ("test_two_labels_that_fit_hold_the_purchase",),
    ),
    Clause(
        "S4", "a shipment found by our own reference is ours",
        judge, "return Take(live, found_by_reference=True)", "pass",
        ("test_a_live_attempt_of_ours_is_taken_whatever_its_status_is_called",),
    ),
    Clause(
        "S4", "also where a ledger that was put back does not know what was written",
        decide, "return found  #", "found = None  #",
        ("test_a_label_bought_after_the_back_up_is_ours_and_so_is_what_was_written",),
    ),
    Clause(
        "S4", "and a number that is that of its label made by hand is no other's",
        ours_to_ship, "or _is_its_labels(case, written)", "",
        ("test_one_made_by_hand_and_written_after_the_back_up_is_the_deliverys_again",),
    ),
    Clause(
        "S4", "the label of a delivery that is there never becomes another's",
        _takeable, "_is_there(work, owner)", "False",
        ("test_the_label_of_another_delivery_is_never_taken_over",),
    ),
    Clause(
        "S4", "one that was given to another is no longer that of a delivery that is gone",
        own_shipments, "and owner_of(snapshot, one) == delivery", "",
        ("test_a_label_that_a_person_has_given_to_another_is_not_taken_back_for_one_that_is_gone",),
    ),
    Clause(
        "S4", "a shipment that comes with a 409 is ours",
        _answered, "if announced.existed:", "if False:",
        ("test_a_409_is_our_own_label",),
    ),
    Clause(
        "S4", "one that bears another reference than was asked for is nobody's answer",
        read_announced, "if found.external_reference_id != reference and not silent:", "if False:",
        ("test_a_purchase_that_may_be_anothers_is_unreadable",),
    ),
    Clause(
        "S4", "one that differs from the delivery is told",
        adopt, "_differs(action) if action.differing else None", "None",
        ("test_a_paid_label_that_no_longer_fits_is_held_back_and_told",),
    ),
    Clause(
        "S4", "and not written back before a person decides",
        is_due, "or (label.differs and not label.accepted)", "",
        ("test_when_a_label_is_written_back",),
    ),
)  # fmt: skip

S5 = (
    Clause(
        "S5", "status codes that nobody knows count as paid and live",
        Shipment.is_live, "not self.is_failed and not self.is_cancelled", 'self.parcels[0].status.code == "READY_TO_SEND"',
        ("test_what_is_not_known_to_be_over_is_live",),
    ),
    Clause(
        "S5", "a failed announcement with a label document may have cost money",
        Parcel.phase, "and self.has_label", "and False",
        ("test_a_failed_shipment_with_a_label_on_any_parcel_may_have_cost_money",),
    ),
    Clause(
        "S5", "all else than failed and cancelled is remembered as live",
        state_of, 'else "live"', 'else "live" if shipment.parcels[0].status.code == "READY_TO_SEND" else "failed"',
        ("test_what_is_not_surely_dead_is_live",),
    ),
    Clause(
        "S5", "the attachment waits for a label document",
        is_due, "and shipment.is_printable", "",
        ("test_a_label_that_is_not_printed_yet_is_attached_later",),
    ),
    Clause(
        "S5", "write-back waits until it is tracked",
        is_due, "if not (shipment.is_on_its_way if label.untracked else shipment.is_tracked):", "if False:",
        ("test_what_is_not_tracked_is_not_written_back",),
    ),
    Clause(
        "S5", "being announced is not tracked",
        Meaning.is_tracked, "{Phase.READY", "{Phase.ANNOUNCING, Phase.READY",
        ("test_being_announced_is_not_tracked",),
    ),
    Clause(
        "S5", "failed is not tracked, though it has a number",
        Meaning.is_tracked, "{Phase.READY", "{Phase.FAILED, Phase.READY",
        ("test_a_failed_shipment_is_neither_though_it_has_a_number",),
    ),
    Clause(
        "S5", "what is being cancelled is not tracked",
        Meaning.is_tracked, "{Phase.READY", "{Phase.CANCELLING, Phase.READY",
        ("test_what_is_not_tracked_is_not_written_back",),
    ),
    Clause(
        "S5", "a shipment without a label is nobody's label",
        Shipment.is_cancelled, ", Phase.NO_LABEL", "",
        ("test_a_shipment_that_nobody_asked_a_label_for_is_no_label_unless_there_is_one",),
    ),
    Clause(
        "S5", "201 alone is no label",
        _answered, "if not shipment.is_live:", "if False:",
        ("test_a_failed_label_stands_in_errors_and_among_the_incoming_orders",),
    ),
)  # fmt: skip

S6 = (
    Clause(
        "S6", "every earlier attempt is read back by its id",
        _attempts, "hands.sendcloud.shipment(shipment.id) or shipment", "shipment",
        ("test_before_another_attempt_the_failed_one_is_read_by_its_id_not_from_a_list_that_lags",),
    ),
    Clause(
        "S6", "a failure that nobody remembers is learned of first",
        _next_attempt, "if unseen_failures and not asked:", "if False:",
        ("test_a_failure_that_nobody_remembers_is_learned_of_first",),
    ),
    Clause(
        "S6", "without a reason nothing is tried again",
        _may_be_tried, "return problem is not None and problem.is_due(case.snapshot.now)", "return True",
        ("test_a_failure_is_not_repeated_without_a_reason",),
    ),
    Clause(
        "S6", "a changed request is a reason",
        _may_be_tried, "if last.fingerprint != fingerprint:", "if False:",
        ("test_a_changed_request_is_a_reason",),
    ),
    Clause(
        "S6", "a passing cause is one when its pause is over",
        _may_be_tried, "problem.is_due(case.snapshot.now)", "True",
        ("test_a_passing_cause_is_one_when_its_pause_is_over",),
    ),
    Clause(
        "S6", "the pauses grow",
        seen, "RETRY_PAUSES[tries - 1]", "RETRY_PAUSES[0]",
        ("test_a_passing_cause_is_tried_again_with_growing_pauses_and_at_most_five_times",),
    ),
    Clause(
        "S6", "five tries at most",
        seen, 'return ProblemRecord.seen("label", problem, at=now, before=before)', "return first.but(next_try=now + RETRY_PAUSES[-1])",
        ("test_a_passing_cause_is_tried_again_with_growing_pauses_and_at_most_five_times",),
    ),
    Clause(
        "S6", "after a cancelled label only a person starts another",
        attempts_check, "and last.state is AttemptState.CANCELLED", "and False",
        ("test_a_changed_request_is_none_after_a_cancelled_label",),
    ),
    Clause(
        "S6", "also where Sendcloud alone knows of it",
        _next_attempt, "if not asked and any(one.is_cancelled for one in look.attempts):", "if False:",
        ("test_after_a_cancelled_label_nothing_is_bought_unless_a_person_asks",),
    ),
    Clause(
        "S6", "one that was cancelled before any run knew of it is told",
        _adopt_dead, "record.with_problem(told)", "record",
        ("test_a_label_that_a_person_cancelled_before_any_run_knew_of_it_is_told",),
    ),
    Clause(
        "S6", "cancelling counts as live",
        Shipment.is_cancelled, "Phase.CANCELLED", "Phase.CANCELLED, Phase.CANCELLING",
        ("test_what_is_not_known_to_be_over_is_live",),
    ),
    Clause(
        "S6", "another label is bought only under the number that was asked for",
        _next_attempt, "if action.another is not None and action.another != number:", "if False:",
        ("test_another_label_is_bought_only_under_the_next_number",),
    ),
    Clause(
        "S6", "two live labels are told at once",
        labelled, "if len(lives := live_of(case)) > 1:", "if False:",
        ("test_two_live_labels_are_told_before_anything_else",),
    ),
    Clause(
        "S6", "a second one made by hand, too",
        second_labels, "for one in _beside(case)", "for one in ()",
        ("test_a_second_label_to_its_door_is_told_and_is_its_own",),
    ),
    Clause(
        "S6", "also where it goes to the label's door and Exact's address can't be read any more",
        _goes, "if beside_label is Direction.SAME or here is Direction.UNKNOWN else here", "if False else here",
        ("test_a_second_label_to_the_labels_door_is_told_though_the_address_in_exact_is_unreadable",),
    ),
    Clause(
        "S6", "one to another address may be a second one too",
        _may_be_second, "return True", "return _goes(case, shipment) is Direction.UNKNOWN",
        ("test_one_to_another_door_may_be_one_too",
         "test_a_second_label_that_a_person_made_to_a_corrected_address_is_told"),
    ),
    Clause(
        "S6", "one that only seems to be a second one is told and stays nobody's",
        labelled, "if doubtful := doubtful_labels(case):", "if doubtful := doubtful_labels(case)[:0]:",
        ("test_one_whose_country_cannot_be_read_is_told_and_stays_nobodys",),
    ),
    Clause(
        "S6", "an order's number means a delivery only where no other delivers of that order",
        _is_wholly_its_own, "is_delivered(case.snapshot, order) and covering - gone <= {case.record.delivery_id}", "True",
        ("test_under_the_number_of_an_order_that_others_deliver_too_nothing_is_told",),
    ),
    Clause(
        "S6", "a return is none",
        _may_be_second, "or _is_return(case, shipment)", "",
        ("test_a_return_is_no_second_label_even_where_its_way_cannot_be_read",),
    ),
)  # fmt: skip

CLAUSES = (*S4, *S5, *S6)
