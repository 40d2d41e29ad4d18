"""S7 and S8: the poll and the entries, the tokens."""

from exactsend.credentials.secrets import Secrets
from exactsend.credentials.store_choice import open_store
from exactsend.domain.records import IncomingRecord
from exactsend.engine.apply.incoming_orders import _withdraw, push_all
from exactsend.engine.apply.prepurchase_check import _vanished
from exactsend.engine.gather.account_identity import require_same_hosts
from exactsend.engine.gather.shipment_poll import _after_lookup, poll_shipments
from exactsend.engine.plan.incoming_orders import _push
from exactsend.engine.plan.label_rules import is_taken
from exactsend.engine.plan.order_rules import order_checks
from exactsend.engine.plan.ownership import incoming_orders_given_back
from exactsend.exact.auth import SignIn
from exactsend.exact.token_endpoint import token_error
from exactsend.exact.tokens import Tokens
from exactsend.system.signals import Interrupts
from tests.rules.faults import always, assigned, call, code, done_before_the_block, never, returned, skipped
from tests.rules.rule import Clause

S7 = (
    Clause(
        "S7", "the poll goes back 30 minutes before the greatest moment seen",
        poll_shipments, code("POLL_OVERLAP", becomes="timedelta(0)"),
        ("test_the_polls_start_comes_from_sendclouds_times_not_from_our_clock",),
    ),
    Clause(
        "S7", "the first poll goes 14 days back from the services' time",
        poll_shipments, code("DEEP_POLL", becomes="timedelta(0)"),
        ("test_the_first_poll_begins_at_sendclouds_date",),
    ),
    Clause(
        "S7", "once a day it goes back 14 days",
        poll_shipments, never("is_due_again"),
        ("test_once_a_day_the_poll_goes_fourteen_days_back",),
    ),
    Clause(
        "S7", "an order with a live label is never upserted",
        order_checks, always("has_shipment"),
        ("test_a_live_label_of_nobody_keeps_the_entry_as_it_is",),
    ),
    Clause(
        "S7", "nor a delivery",
        _push, never("has_shipment"),
        ("test_nothing_is_pushed_beside_a_live_label_of_nobody",),
    ),
    Clause(
        "S7", "withdrawing ends after two looks that found nothing",
        _after_lookup, always("LOOKUPS_TO_WITHDRAW"),
        ("test_a_withdrawal_ends_after_two_looks_that_found_nothing",),
    ),
    Clause(
        "S7", "that it is to be gone is written down before it is deleted",
        _withdraw, assigned("note", becomes="lambda: None"),
        ("test_a_withdrawal_ends_after_two_looks_that_found_nothing",),
    ),
    Clause(
        "S7", "an entry that is gone was taken in the panel",
        IncomingRecord.seen_gone, assigned("state", becomes="IncomingState.WITHDRAWN"),
        ("test_an_entry_removed_in_the_panel_is_never_pushed_again",),
    ),
    Clause(
        "S7", "it is looked for right before a purchase",
        _vanished, never("is_absent"),
        ("test_an_entry_removed_just_before_the_purchase_stops_it_for_good",),
    ),
    Clause(
        "S7", "for what was taken nothing is bought by itself",
        is_taken, returned("is_taken", becomes="False"),
        ("test_what_a_person_took_from_the_panel_is_not_bought_unless_asked",),
    ),
    Clause(
        "S7", "with a live label under its number it was labelled by hand, which stops purchases as well",
        IncomingRecord.seen_gone, code("self.by_hand or is_labelled", becomes="False"),
        ("test_a_hand_made_label_that_is_cancelled_before_the_delivery_is_not_replaced_by_itself",),
    ),
    Clause(
        "S7", "until that label is a delivery's",
        incoming_orders_given_back, never("is_taken"),
        ("test_the_rest_of_an_order_is_bought_for_once_the_label_made_by_hand_is_a_deliverys",),
    ),
    Clause(
        "S7", "one that vanished is not brought up to date, which would put it there again",
        push_all, call("vanished_since", becomes="{}"),
        ("test_an_entry_of_an_order_that_a_part_covers_counts_as_well",),
    ),
)  # fmt: skip

S8 = (
    Clause(
        "S8", "keys and tokens go to the pinned hosts alone, compared before the first call",
        require_same_hosts, never("pinned"),
        ("test_nothing_is_sent_to_another_sendcloud",),
    ),
    Clause(
        "S8", "keys of the store go to the host that they are kept for",
        Secrets._require_same_host, never("_sendcloud_host"),
        ("test_keys_of_the_store_go_to_no_other_host_where_the_ledger_is_lost",),
    ),
    Clause(
        "S8", "the token is spent under the lock, after reading the store again",
        SignIn.bearer, done_before_the_block("_stored"),
        ("test_eight_sign_ins_with_one_store_refresh_once",),
    ),
    Clause(
        "S8", "the store is proved before the token is spent",
        SignIn._requested_and_saved, skipped("prove_writable"),
        ("test_nothing_is_spent_when_the_store_cannot_be_written",),
    ),
    Clause(
        "S8", "not sooner than 570 seconds after the last answer",
        Tokens.too_early_by, code("EARLIEST_REFRESH - age", becomes="timedelta(0)"),
        ("test_a_short_lived_token_is_used_to_its_end_and_then_waited_for",),
    ),
    Clause(
        "S8", "the answer is stored as it came",
        SignIn._save_raw, skipped("save_raw"),
        ("test_the_answer_is_stored_raw_and_then_parsed_before_it_is_used",),
    ),
    Clause(
        "S8", "and as a pair before it is used",
        SignIn._save_pair, skipped("save"),
        ("test_the_answer_is_stored_raw_and_then_parsed_before_it_is_used",),
    ),
    Clause(
        "S8", "what was received and not saved is saved by the next process",
        SignIn._stored, never("latest"),
        ("test_a_pair_that_was_received_and_not_saved_is_adopted_by_the_next_process",),
    ),
    Clause(
        "S8", "signals wait until that is done",
        Interrupts.uninterrupted, code("self._sections.depth += 1", becomes="pass"),
        ("test_a_section_is_finished_and_tells_what_it_did_before_its_signal_is_heeded",),
    ),
    Clause(
        "S8", "not expired: the present token is kept",
        token_error, never("not expired", "tooearly"),
        ("test_not_expired_means_that_the_present_token_is_good",),
    ),
    Clause(
        "S8", "a gateway's fault leaves the sign-in as it is",
        token_error, returned("_out_of_order", becomes="LoginNeeded('dead', hint=_CONNECT)"),
        ("test_a_passing_trouble_leaves_the_sign_in_as_it_is",),
    ),
    Clause(
        "S8", "a dead sign-in needs a person",
        token_error, never("error", "status"),
        ("test_a_dead_sign_in_needs_a_person",),
    ),
    Clause(
        "S8", "used elsewhere: says so",
        token_error, never("old refresh token"),
        ("test_a_token_that_was_used_elsewhere_says_so",),
    ),
    Clause(
        "S8", "one store, recorded by connect",
        open_store, returned("file", becomes="store_of('file', state)"),
        ("test_what_connect_chose_is_what_runs_use",),
    ),
    Clause(
        "S8", "never a silent fallback",
        open_store, never("configured", "recorded"),
        ("test_a_configuration_that_names_another_store_than_connect_used_is_told",),
    ),
)  # fmt: skip

CLAUSES = (*S7, *S8)
