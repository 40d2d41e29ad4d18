"""S12 to S18: write-back, one bad order, what comes after a label, what is stored, evidence, and what can be left out."""

from exactsend.engine.apply.current_deliveries import CurrentDeliveries
from exactsend.engine.apply.incoming_orders import _set_aside, _without_culprit
from exactsend.engine.apply.label_attachment import _with_document_id, attach_label
from exactsend.engine.apply.tracking_removal import _changes as _changes_back
from exactsend.engine.apply.tracking_removal import remove_tracking_all
from exactsend.engine.apply.writeback import (
    _changes,
    _compared,
    _cut_off,
    _has_other_number,
    _texts,
    _with_linked_document,
    _write_back,
)
from exactsend.engine.division_run import fingerprint_key
from exactsend.engine.gather.details import with_orders
from exactsend.engine.gather.master_data import _labelled_referring_to, corrected_work, watch_is_due
from exactsend.engine.gather.preflight import _PurchaseChecks
from exactsend.engine.gather.shipment_poll import look_up_incoming_orders
from exactsend.engine.optional_requests import RecordFailures
from exactsend.engine.plan.after_label import decide_labelled
from exactsend.engine.plan.gone_deliveries import decide_gone
from exactsend.engine.plan.hand_labels import with_hand_label
from exactsend.engine.plan.order_rules import _header_checks, evidence_checks
from exactsend.engine.plan.orders import _gone
from exactsend.engine.plan.writebacks import plan_writebacks
from exactsend.exact.fields import read_lines
from exactsend.exact.odata import read_row
from exactsend.exact.row_reader import RowReader
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.json_values import known
from exactsend.http.redaction import Redaction
from exactsend.http.transport import Transport
from exactsend.trade.exact_update import cut_to_fit, remarks_with, tracking_text
from exactsend.trade.fingerprint import _fingerprint, changed_fields, content_fingerprint, request_fingerprint
from exactsend.trade.masking import masked
from exactsend.trade.request_masking import _ids, _kept_field
from tests.rules.faults import (
    always,
    assigned,
    call,
    code,
    condition,
    dropped,
    element,
    never,
    returned,
    skipped,
    statement,
)
from tests.rules.rule import Clause

S12 = (
    Clause(
        "S12", "a record of another division is not believed",
        read_row, never("division", "row_division"),
        ("test_a_row_of_another_division_is_refused",),
    ),
    Clause(
        "S12", "the number of a label without tracking is left out",
        _texts, always("_is_untracked"),
        ("test_what_is_not_tracked_is_told_once",),
    ),
    Clause(
        "S12", "another tracking number is left alone",
        _has_other_number, never("ours"),
        ("test_a_number_that_somebody_entered_is_not_overwritten_until_it_is_emptied",),
    ),
    Clause(
        "S12", "the delivery is read again right before",
        _texts, element("remarks", of="remarks_with", becomes="''"),
        ("test_remarks_that_a_person_writes_during_the_run_stay",),
    ),
    Clause(
        "S12", "and again where that is a while ago",
        CurrentDeliveries.at, never("FRESH_FOR"),
        ("test_what_was_read_a_while_ago_is_read_again_before_the_next_number_is_written",),
    ),
    Clause(
        "S12", "text that is there stays",
        remarks_with, returned("_appended", becomes="line"),
        ("test_our_line_is_appended_and_text_that_is_there_stays",),
    ),
    Clause(
        "S12", "our line is added once",
        remarks_with, never("either", "lines"),
        ("test_a_line_with_the_number_is_enough",),
    ),
    Clause(
        "S12", "number and document are written together",
        _changes, skipped("Document"),
        ("test_number_remarks_and_label_stand_on_every_labelled_delivery",),
    ),
    Clause(
        "S12", "read back and compared",
        _compared, never("tracking"),
        ("test_a_put_that_exact_drops_silently_is_noticed",),
    ),
    Clause(
        "S12", "cut off: the longest whole number stays",
        cut_to_fit, always("startswith"),
        ("test_only_whole_numbers_are_kept",),
    ),
    Clause(
        "S12", "and it is told",
        _cut_off, returned("truncated", becomes="finished"),
        ("test_a_number_that_exact_cuts_off_is_told_and_not_written_again",),
    ),
    Clause(
        "S12", "a replaced label replaces our line",
        remarks_with, dropped("replaced"),
        ("test_a_replaced_label_replaces_our_line_and_nothing_else",),
    ),
    Clause(
        "S12", "and nothing else",
        remarks_with, always("_matches_template"),
        ("test_a_persons_line_with_a_replaced_number_stays",),
    ),
    Clause(
        "S12", "the numbers of all parcels",
        tracking_text, element("tracking_numbers", of="map", becomes="shipment.tracking_numbers[:1]"),
        ("test_all_parcels_are_named",),
    ),
    Clause(
        "S12", "a document failure never holds back the number",
        attach_label, statement("document_failed", becomes="raise"),
        ("test_a_document_that_fails_never_holds_back_the_number",),
    ),
    Clause(
        "S12", "a document that is there takes the label",
        _with_document_id, never("existing", "delivery"),
        ("test_a_document_that_is_there_takes_the_label",),
    ),
    Clause(
        "S12", "one that is linked meanwhile takes it too",
        _with_linked_document, always("attached_beside"),
        ("test_a_document_that_somebody_links_while_the_label_is_attached_takes_the_label_too",),
    ),
    Clause(
        "S12", "nor does an outage while other labels are fetched",
        _write_back, call("_write_these", becomes="()"),
        ("test_an_outage_while_labels_are_fetched_holds_back_no_number_whose_label_is_attached",),
    ),
)  # fmt: skip

S13 = (
    Clause(
        "S13", "the culprit is set aside and the rest is sent",
        _without_culprit, statement("_push_batch", "found", becomes="return"),
        ("test_one_bad_order_among_many_is_set_aside_and_the_rest_is_brought",),
    ),
    Clause(
        "S13", "still processing is later, not bad",
        _set_aside, never("is_still_processing"),
        ("test_an_order_that_is_still_being_stored_is_sent_later_and_is_no_error",),
    ),
    Clause(
        "S13", "without a culprit, or after ten, the batch is split in halves",
        _without_culprit, code("yield from _push_batch(context, batch[middle:], failures, culprits)", becomes="None"),
        ("test_a_refusal_without_a_culprit_is_narrowed_down",),
    ),
    Clause(
        "S13", "a refusal of all is no order's fault",
        RecordFailures.add, never("OUTAGE_FAILURES"),
        ("test_a_missing_right_is_no_orders_fault",),
    ),
)  # fmt: skip

S14 = (
    Clause(
        "S14", "a changed delivery is told",
        decide_labelled, never("is_same_content"),
        ("test_another_quantity_is_told",),
    ),
    Clause(
        "S14", "a corrected address too, where the streams are read anyway",
        corrected_work, never("RECIPIENT_STREAMS"),
        ("test_an_address_that_is_corrected_after_the_label_is_told_where_the_streams_are_read_anyway",),
    ),
    Clause(
        "S14", "within the hour, though nothing else is open",
        watch_is_due, never("_labels_are_due"),
        ("test_it_is_told_within_the_hour_with_the_fields_though_nothing_is_open",),
    ),
    Clause(
        "S14", "with the fields that changed",
        changed_fields, always("part"),
        ("test_it_is_told_within_the_hour_with_the_fields_though_nothing_is_open",),
    ),
    Clause(
        "S14", "also where the label was made by hand on an order that is not delivered",
        with_hand_label, returned("_with_problem", becomes="record"),
        ("test_an_order_whose_label_was_made_by_hand_is_told_of_too",),
    ),
    Clause(
        "S14", "after a cancelled label its number is taken out of Exact",
        plan_writebacks, never("must_remove_tracking"),
        ("test_after_a_cancelled_label_its_number_and_line_are_taken_out_of_exact",),
    ),
    Clause(
        "S14", "our number alone",
        _changes_back, always("tracking_number"),
        ("test_what_a_person_typed_instead_stays",),
    ),
    Clause(
        "S14", "and where Exact refuses, that is told",
        remove_tracking_all, skipped("failures", "add"),
        ("test_where_exact_refuses_that_is_told_and_tried_again",),
    ),
    Clause(
        "S14", "but not once the carrier has the parcel",
        _labelled_referring_to, always("moved"),
        ("test_a_corrected_address_of_a_parcel_on_its_way_is_not_told",),
    ),
    Clause(
        "S14", "a label that could not be cancelled is told",
        decide_labelled, never("FAILED"),
        ("test_a_cancellation_that_fails_later_is_told_until_a_person_closes_it",),
    ),
    Clause(
        "S14", "a cancelled or unapproved order is told",
        decide_labelled, never("closed_as_gone"),
        ("test_what_becomes_of_the_order_afterwards_is_told",),
    ),
    Clause(
        "S14", "a deleted delivery is told",
        decide_gone, never("closed_as_gone"),
        ("test_one_with_a_label_is_told",),
    ),
)  # fmt: skip

S15 = (
    Clause(
        "S15", "values of our request are replaced by their field's name",
        masked, skipped("_without_value"),
        ("test_a_failure_that_shows_later_is_masked_too",),
    ),
    Clause(
        "S15", "e-mail addresses are blanked",
        masked, skipped("email"),
        ("test_mail_addresses_and_phone_numbers_are_blanked",),
    ),
    Clause(
        "S15", "phone numbers are blanked",
        masked, skipped("phone"),
        ("test_mail_addresses_and_phone_numbers_are_blanked",),
    ),
    Clause(
        "S15", "links are blanked",
        masked, skipped("url"),
        ("test_no_name_address_number_or_link_is_kept_of_all_that_is_sent",),
    ),
    Clause(
        "S15", "of a request only what is known to say nothing of a person is kept",
        _kept_field, condition("KEPT", "_SHOWS_A_PERSON", becomes="value"),
        ("test_free_text_may_name_somebody", "test_no_name_address_number_or_link_is_kept_of_all_that_is_sent"),
    ),
    Clause(
        "S15", "of an answer the ids and codes are kept",
        _ids, always("_ANSWERED"),
        ("test_of_an_answer_ids_and_codes_stay", "test_no_name_address_number_or_link_is_kept_of_all_that_is_sent"),
    ),
    Clause(
        "S15", "300 characters are kept",
        masked, always("MAX_LENGTH"),
        ("test_a_long_text_is_cut_to_three_hundred_characters",),
    ),
    Clause(
        "S15", "fingerprints are keyed",
        _fingerprint, element("key", of="new", becomes="b'x'"),
        ("test_without_the_key_nothing_can_be_compared",),
    ),
    Clause(
        "S15", "with a random key of the division",
        fingerprint_key, call("token_bytes", becomes="bytes(32)"),
        ("test_the_same_content_has_another_fingerprint_in_another_ledger",),
    ),
    Clause(
        "S15", "without the reference that we make up",
        request_fingerprint, always("_GENERATED"),
        ("test_a_request_is_the_same_with_another_reference_only",),
    ),
    Clause(
        "S15", "what Exact says of recipient, lines and quantities counts",
        content_fingerprint, dropped("address", of="email"),
        ("test_what_exact_says_of_recipient_lines_and_quantities_shows",),
    ),
    Clause(
        "S15", "secrets never stand in a log",
        Redaction.blanked, skipped("BLANK"),
        ("test_a_secret_that_is_learned_later_is_blank_too",),
    ),
)  # fmt: skip

S16 = (
    Clause(
        "S16", "a cancelled order is withdrawn",
        _header_checks, always("CANCELLED"),
        ("test_a_cancelled_order_is_withdrawn",),
    ),
    Clause(
        "S16", "one that is no longer approved is",
        _header_checks, always("APPROVED"),
        ("test_an_order_whose_approval_was_taken_back_is_withdrawn_and_comes_back_with_it",),
    ),
    Clause(
        "S16", "one that was closed is",
        evidence_checks, always("COMPLETE"),
        ("test_an_order_closed_by_hand_is_withdrawn",),
    ),
    Clause(
        "S16", "one that a sound look-up by its id lacks is",
        _gone, skipped("WithdrawIncoming"),
        ("test_a_deleted_order_is_withdrawn_on_that_evidence",),
    ),
    Clause(
        "S16", "never because it was not read",
        with_orders,
        assigned("gone", becomes="frozenset(order.order_id for order in context.records.open_orders() if order.order_id not in orders)"),
        ("test_an_empty_list_from_exact_withdraws_nothing",),
    ),
    Clause(
        "S16", "never because a list came back short",
        look_up_incoming_orders, always("_is_being_withdrawn"),
        ("test_an_empty_list_from_sendcloud_takes_nothing_for_removed",),
    ),
    Clause(
        "S16", "whoever is missing among neighbouring numbers is asked for by id",
        RowReader.by_key, assigned("rest", becomes="[]"),
        ("test_who_is_missing_among_neighbours_is_asked_for_by_id_before_it_counts_as_gone",),
    ),
)  # fmt: skip

S17 = (
    Clause(
        "S17", "evidence that can't be read is not guessed",
        known, never("value"),
        ("test_evidence_of_exact_that_is_of_another_kind_is_not_guessed",),
    ),
    Clause(
        "S17", "lines that did not all come are not read",
        read_lines, assigned("value", "__next", becomes="value.get('results')"),
        ("test_lines_that_go_on_elsewhere_are_not_read",),
    ),
)  # fmt: skip

S18 = (
    Clause(
        "S18", "what can be left out is asked only where the minute suffices for what can't",
        SendcloudAllowance.before, code("call.reserve or 0", becomes="0"),
        ("test_what_can_be_left_out_is_asked_only_where_the_minute_suffices_for_all_that_is_to_be_written",),
    ),
    Clause(
        "S18", "and never waited for",
        Transport._await_allowance, condition("reserve", "spend", becomes="not self._wait_budget.spend(pause)"),
        ("test_a_call_that_can_be_left_out_is_not_waited_for",),
    ),
    Clause(
        "S18", "an address is asked about once",
        _PurchaseChecks._ask_about_address, call("objections", becomes="None"),
        ("test_what_an_option_demands_is_asked_once_a_day_and_an_address_once",),
    ),
    Clause(
        "S18", "what an option demanded of late counts where it can't be asked anew",
        _PurchaseChecks._ask_about_option, never("_are_left_out"),
        ("test_what_an_option_demanded_of_late_counts_where_it_can_not_be_asked_anew",),
    ),
)  # fmt: skip

CLAUSES = (*S12, *S13, *S14, *S15, *S16, *S17, *S18)
