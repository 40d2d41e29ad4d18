"""S1 to S3: whose an entry is, the look before a purchase, and its intent."""

from exactsend.engine.apply.current_deliveries import CurrentDeliveries
from exactsend.engine.apply.label_attachment import _attach, _with_document_id
from exactsend.engine.apply.label_purchase import _announce, _answer_lost, _refused, buy
from exactsend.engine.apply.prepurchase_check import check_before_purchase
from exactsend.engine.apply.run import _current_delivery, _purchases
from exactsend.engine.gather.run import _is_due
from exactsend.engine.gather.shipment_poll import _open_references
from exactsend.engine.plan.consignments import consignment_of_delivery, incoming_ref
from exactsend.engine.plan.gone_deliveries import is_settled, with_settled_attempt, with_settling_restarted
from exactsend.engine.plan.incoming_orders import (
    _needs_no_incoming_order,
    _of_deleted_delivery,
    _of_delivered_orders,
    _push,
    wants_incoming_order,
)
from exactsend.engine.plan.label_problems import live_elsewhere
from exactsend.engine.plan.label_rules import ours_to_ship, start_check
from exactsend.engine.plan.order_rules import method_check, order_checks
from exactsend.engine.plan.ownership import (
    _is_owned_by_another,
    candidates,
    incoming_orders_of,
    label_numbers,
)
from exactsend.engine.plan.purchase_verdict import (
    _following,
    _made_otherwise,
    _next_attempt,
    _vanished,
    judge,
)
from exactsend.engine.request_log import RequestLog
from exactsend.http.retries import is_worth_repeating
from exactsend.sendcloud.wire import announce
from exactsend.system.durable_files import AppendOnlyFile
from exactsend.trade.goods import covers_in_full
from tests.rules.faults import (
    always,
    assigned,
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

S1 = (
    Clause(
        "S1", "a delivery in full takes over its order's entry",
        incoming_ref, never("is_whole_order"),
        ("test_an_order_delivered_in_full_keeps_its_entry_under_its_own_number",),
    ),
    Clause(
        "S1", "a part has an entry of its own",
        incoming_ref, condition("is_whole_order", becomes="orders"),
        ("test_a_part_gets_an_entry_of_its_own_and_the_orders_is_reduced_to_the_rest",),
    ),
    Clause(
        "S1", "a part bears a number of its own",
        consignment_of_delivery, skipped("delivery_number"),
        ("test_a_part_bears_a_number_of_its_own",),
    ),
    Clause(
        "S1", "a delivery of several orders is no whole order",
        covers_in_full, never("own_lines"),
        ("test_a_delivery_with_something_of_another_order_does_not",),
    ),
    Clause(
        "S1", "a delivery of several orders bears the lowest order number",
        consignment_of_delivery, code("orders[0]", becomes="orders[-1]"),
        ("test_a_delivery_of_two_orders_bears_the_lower_number_and_replaces_both_entries",),
    ),
    Clause(
        "S1", "the order's entry is withdrawn when nothing is left to deliver",
        _of_delivered_orders, skipped("_withdraw"),
        ("test_when_the_rest_is_delivered_too_the_orders_entry_goes",),
    ),
    Clause(
        "S1", "by hand a delivery has its entry at once",
        wants_incoming_order, never("create_automatically"),
        ("test_who_has_an_entry",),
    ),
    Clause(
        "S1", "automatically it has one when its label failed, was refused or is held",
        wants_incoming_order, never("problems"),
        ("test_who_has_an_entry",),
    ),
    Clause(
        "S1", "once delivered, the order's status no longer matters",
        order_checks, assigned("delivered", becomes="False"),
        ("test_once_delivered_nothing_that_becomes_of_the_order_touches_the_entry",),
    ),
    Clause(
        "S1", 'a method mapped to "none" wins',
        method_check, always("NotShipped"),
        ("test_a_method_mapped_to_none_wins_over_everything",),
    ),
    Clause(
        "S1", "the start date wins",
        start_check, always("is_before"),
        ("test_what_is_none_of_our_business_is_left_alone",),
    ),
    Clause(
        "S1", "what was taken in the panel wins",
        _push, never("TAKEN_IN_PANEL"),
        ("test_what_was_taken_in_the_panel_is_not_pushed",),
    ),
    Clause(
        "S1", "a delivery that carries a tracking number is left alone",
        ours_to_ship, always("writeback"),
        ("test_a_delivery_with_a_tracking_number_is_left_alone",),
    ),
    Clause(
        "S1", "when the label is live the entry is withdrawn",
        _needs_no_incoming_order, skipped("labelled"),
        ("test_a_label_withdraws_it",),
    ),
    Clause(
        "S1", "a deleted part takes its entry along",
        _of_deleted_delivery, returned("deleted", becomes="[]"),
        ("test_a_deleted_part_takes_its_entry_along",),
    ),
)  # fmt: skip

S2 = (
    Clause(
        "S2", "the delivery is read again right before its purchase",
        _purchases, element("delivery", of="buy", becomes="action.consignment.delivery"),
        ("test_a_tracking_number_entered_during_the_run_stops_the_purchase",
         "test_a_delivery_deleted_during_the_run_is_not_bought"),
    ),
    Clause(
        "S2", "what was read a while ago is read again before the next purchase",
        CurrentDeliveries.at, never("FRESH_FOR"),
        ("test_a_slow_carrier_makes_the_next_delivery_be_read_again_before_its_purchase",),
    ),
    Clause(
        "S2", "a tracking number that is not ours stops it",
        judge, never("tracking"),
        ("test_what_changed_in_exact_or_the_panel_stops_it",),
    ),
    Clause(
        "S2", "a delivery that was changed since the plan is decided about anew",
        judge, skipped("changed_meanwhile"),
        ("test_a_delivery_changed_during_the_run_is_bought_by_the_next_one_as_it_is_then",),
    ),
    Clause(
        "S2", "shipments are looked for under each of its numbers",
        label_numbers, dropped("orders"),
        ("test_a_label_for_the_whole_order_holds_both_of_its_parts",),
    ),
    Clause(
        "S2", "shipments of all integrations are looked at",
        check_before_purchase, joined("number", of="shipments_with_number", by="integration=context.identity.integration"),
        ("test_another_integrations_label_holds_the_purchase",),
    ),
    Clause(
        "S2", "the reference about to be used is looked up",
        judge, call("next", becomes="None"),
        ("test_a_live_attempt_of_ours_is_taken_whatever_its_status_is_called",),
    ),
    Clause(
        "S2", "a label made elsewhere holds it",
        _made_otherwise, returned("labelled_elsewhere", becomes="None"),
        ("test_a_label_of_another_integration_holds_it",),
    ),
    Clause(
        "S2", "wherever that goes",
        candidates,
        condition("fitting", becomes="shipment not in fitting and shipment_direction(snapshot, consignment, shipment) is not Direction.OTHER"),
        ("test_an_address_alone_makes_no_label_somebody_elses",
         "test_another_integrations_label_to_another_address_holds_the_purchase_too"),
    ),
    Clause(
        "S2", "both towns are named",
        live_elsewhere, assigned("towns", becomes="''"),
        ("test_both_towns_are_named",),
    ),
    Clause(
        "S2", "the label of another division's delivery holds nothing",
        _is_owned_by_another, returned("is_of_another_division", becomes="False"),
        ("test_a_label_of_another_divisions_delivery_stops_nothing",),
    ),
    Clause(
        "S2", "the labelled deliveries of its orders are read again too",
        _current_delivery, assigned("gone", becomes="frozenset()"),
        ("test_neither_does_a_person_who_asks_for_it",),
    ),
    Clause(
        "S2", "the label of one that is gone holds it, whatever number it bears",
        candidates, never("left_behind"),
        ("test_the_label_of_a_delivery_of_its_orders_that_is_gone_holds_it_whatever_number_it_bears",),
    ),
    Clause(
        "S2", "where the entry of an order that it covers has vanished, nothing is bought by itself",
        incoming_orders_of, dropped("order_incoming_ref"),
        ("test_an_entry_of_an_order_that_a_part_covers_counts_as_well",),
    ),
    Clause(
        "S2", "nor for a person before a look-up can have found the label",
        _vanished, never("missed"),
        ("test_a_person_waits_until_a_look_up_has_had_time_to_find_a_label",
         "test_a_person_who_asks_right_after_the_entry_vanished_waits_until_a_look_up_can_find_the_label"),
    ),
    Clause(
        "S2", "the number of the attempt is the first that Sendcloud does not know",
        _following, returned("_own_numbers", becomes="1"),
        ("test_after_a_cancelled_label_nothing_is_bought_unless_a_person_asks",),
    ),
    Clause(
        "S2", "a look that is refused is no answer",
        buy, assigned("evidence", becomes="PurchaseEvidence(delivery, (), (), frozenset())"),
        ("test_a_look_that_is_refused_is_not_taken_for_nothing_found",),
    ),
)  # fmt: skip

S3 = (
    Clause(
        "S3", "the intent is written down before the call",
        RequestLog.record_and_send, never("intent"),
        ("test_that_a_label_is_about_to_be_bought_is_on_disk_before_it_is_asked_for",),
    ),
    Clause(
        "S3", "what is written down is durable",
        AppendOnlyFile.append, skipped("fsync"),
        ("test_an_event_is_written_and_fsynced",),
    ),
    Clause(
        "S3", "after a lost answer the reference is looked up",
        _answer_lost, assigned("shipment", becomes="None"),
        ("test_an_answer_lost_after_storing_is_found_by_its_reference_in_the_same_run",),
    ),
    Clause(
        "S3", "an open purchase is looked up by the next run",
        _open_references, assigned("attempt", becomes="None"),
        ("test_a_call_lost_before_it_arrived_is_made_again_with_the_same_reference_once_settled",),
    ),
    Clause(
        "S3", "it is taken up by the next run without being told by Exact",
        _is_due, never("open_attempt"),
        ("test_an_answer_lost_while_look_ups_lag_is_unknown_and_found_later",),
    ),
    Clause(
        "S3", "nothing is bought before settle_minutes are over",
        is_settled, always("settle"),
        ("test_an_open_purchase_waits_until_it_was_looked_up_and_has_settled",),
    ),
    Clause(
        "S3", "nothing is bought where the reference was not looked up",
        is_settled, always("references"),
        ("test_what_was_not_looked_up_is_open_however_long_ago_it_was",),
    ),
    Clause(
        "S3", "after that the same reference is used",
        _next_attempt, assigned("number", becomes="max(_following(evidence), len(action.record.attempts) + 1)"),
        ("test_a_call_lost_before_it_arrived_is_made_again_with_the_same_reference_once_settled",),
    ),
    Clause(
        "S3", "what was not made by then is closed",
        with_settled_attempt, returned("NOT_SENT", becomes="record"),
        ("test_by_hand_it_waits_for_a_label_again",),
    ),
    Clause(
        "S3", "what surely never left counts towards no limit",
        _announce, dropped("before", of="label_not_sent"),
        ("test_purchases_that_never_left_count_towards_no_limit",),
    ),
    Clause(
        "S3", "asked to end in a pause where nothing is in flight, it leaves the reference free",
        _announce, dropped("Terminated"),
        ("test_in_the_pause_after_a_429_to_a_purchase_it_ends_at_once_and_the_reference_stays_free",),
    ),
    Clause(
        "S3", "what was refused counts towards no limit",
        _refused, dropped("before", of="label_not_sent"),
        ("test_purchases_that_were_refused_count_towards_no_limit",),
    ),
    Clause(
        "S3", "where it lies ahead it settles from when that is noticed",
        with_settling_restarted, returned("noticed", becomes="record"),
        ("test_an_attempt_that_lies_ahead_waits_from_when_that_is_noticed",),
    ),
    Clause(
        "S3", "a purchase is never sent again blindly",
        is_worth_repeating, always("repeatable"),
        ("test_a_write_that_may_have_arrived_is_never_repeated",),
    ),
    Clause(
        "S3", "the announce call waits up to 120 seconds",
        announce, dropped("PURCHASE_TIMEOUT_SECONDS"),
        ("test_a_purchase_waits_long_is_never_repeated_and_welcomes_a_conflict",),
    ),
    Clause(
        "S3", "a document has its intent and its look-up",
        _with_document_id, never("document_intended"),
        ("test_a_document_whose_answer_was_lost_is_found_by_its_subject",),
    ),
    Clause(
        "S3", "an attachment has its intent and its look-up",
        _attach, never("document_intended"),
        ("test_an_attachment_whose_answer_was_lost_is_found_under_its_document",),
    ),
)  # fmt: skip

CLAUSES = (*S1, *S2, *S3)
