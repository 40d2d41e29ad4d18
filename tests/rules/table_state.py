"""S7 and S8: the poll and the entries, the tokens."""

from exactsend.credentials.secrets import Secrets
from exactsend.credentials.store_choice import open_store
from exactsend.domain.records import IncomingRecord
from exactsend.engine.apply.incoming_orders import _withdraw, push_all
from exactsend.engine.apply.prepurchase_check import _vanished
from exactsend.engine.gather.account_identity import require_same_hosts
from exactsend.engine.gather.shipment_poll import _as_seen, poll
from exactsend.engine.plan.incoming_orders import _push
from exactsend.engine.plan.label_rules import is_taken
from exactsend.engine.plan.order_rules import order_checks
from exactsend.engine.plan.ownership import entries_given_back
from exactsend.exact.auth import SignIn
from exactsend.exact.token_endpoint import verdict
from exactsend.exact.tokens import Tokens
from exactsend.system.signals import Interrupts
from tests.rules.rule import Clause

S7 = (
    Clause(
        "S7", "the poll goes back 30 minutes before the greatest moment seen",
        poll, "seen - POLL_OVERLAP", "seen",
        ("test_the_polls_start_comes_from_sendclouds_times_not_from_our_clock",),
    ),
    Clause(
        "S7", "the first poll goes 14 days back from the services' time",
        poll, "sources.sendcloud.server_date() - DEEP_POLL", "sources.sendcloud.server_date()",
        ("test_the_first_poll_begins_at_sendclouds_date",),
    ),
    Clause(
        "S7", "once a day it goes back 14 days",
        poll, "is_time(timedelta(days=1), clockwork.deep_poll, sources.now)", "False",
        ("test_once_a_day_the_poll_goes_fourteen_days_back",),
    ),
    Clause(
        "S7", "an order with a live label is never upserted",
        order_checks, "passed=not has_shipment(snapshot, str(order.order_number))", "passed=True",
        ("test_a_live_label_of_nobody_keeps_the_entry_as_it_is",),
    ),
    Clause(
        "S7", "nor a delivery",
        _push, "if has_shipment(snapshot, record.incoming_number):", "if False:",
        ("test_nothing_is_pushed_beside_a_live_label_of_nobody",),
    ),
    Clause(
        "S7", "withdrawing ends after two looks that found nothing",
        _as_seen, "looks >= ABSENT_LOOKS", "True",
        ("test_a_withdrawal_ends_after_two_looks_that_found_nothing",),
    ),
    Clause(
        "S7", "that it is to be gone is written down before it is deleted",
        _withdraw, 'hands.memory.note("entry_withdrawing"', '(lambda *_a, **_k: None)("entry_withdrawing"',
        ("test_a_withdrawal_ends_after_two_looks_that_found_nothing",),
    ),
    Clause(
        "S7", "an entry that is gone was taken in the panel",
        IncomingRecord.seen_gone, "IncomingState.WITHDRAWN if is_labelled else IncomingState.TAKEN_IN_PANEL", "IncomingState.WITHDRAWN",
        ("test_an_entry_removed_in_the_panel_is_never_pushed_again",),
    ),
    Clause(
        "S7", "it is looked for right before a purchase",
        _vanished, "entry.was_seen and is_absent(hands, entry)", "False",
        ("test_an_entry_removed_just_before_the_purchase_stops_it_for_good",),
    ),
    Clause(
        "S7", "for what was taken nothing is bought by itself",
        is_taken, "one.is_taken", "False",
        ("test_what_a_person_took_from_the_panel_is_not_bought_unless_asked",),
    ),
    Clause(
        "S7", "with a live label under its number it was labelled by hand, which stops purchases as well",
        IncomingRecord.seen_gone, "by_hand=self.by_hand or is_labelled", "by_hand=False",
        ("test_a_hand_made_label_that_is_cancelled_before_the_delivery_is_not_replaced_by_itself",),
    ),
    Clause(
        "S7", "until that label is a delivery's",
        entries_given_back, "if one.is_taken and one.number == shipment.order_number", "if False",
        ("test_the_rest_of_an_order_is_bought_for_once_the_label_made_by_hand_is_a_deliverys",),
    ),
    Clause(
        "S7", "one that vanished is not brought up to date, which would put it there again",
        push_all, "taken = taken_since(hands, batch)", "taken = {}",
        ("test_an_entry_of_an_order_that_a_part_covers_counts_as_well",),
    ),
)  # fmt: skip

S8 = (
    Clause(
        "S8", "keys and tokens go to the pinned hosts alone, compared before the first call",
        require_same_hosts, "if pinned is not None:", "if False:",
        ("test_nothing_is_sent_to_another_sendcloud",),
    ),
    Clause(
        "S8", "keys of the store go to the host that they are kept for",
        Secrets._require_same_host, "if host not in {None, self._sendcloud_host}:", "if False:",
        ("test_keys_of_the_store_go_to_no_other_host_where_the_ledger_is_lost",),
    ),
    Clause(
        "S8", "the token is spent under the lock, after reading the store again",
        SignIn.bearer, "with self._threads, self._store.lock():\n        tokens = self._stored()\n",
        "tokens = self._stored()\n    with self._threads, self._store.lock():\n",
        ("test_eight_sign_ins_with_one_store_refresh_once",),
    ),
    Clause(
        "S8", "the store is proved before the token is spent",
        SignIn._asked_and_stored, 'self._store.prove_writable(max(_LEAST_ROOM, 2 * len(self._store.load() or "")))', "pass",
        ("test_nothing_is_spent_when_the_store_cannot_be_written",),
    ),
    Clause(
        "S8", "not sooner than 570 seconds after the last answer",
        Tokens.too_early_by, "EARLIEST_REFRESH - age", "timedelta(0)",
        ("test_a_short_lived_token_is_used_to_its_end_and_then_waited_for",),
    ),
    Clause(
        "S8", "the answer is stored as it came",
        SignIn._keep_as_it_came, "self._store.save_raw(self._arrived.model_dump_json())", "pass",
        ("test_the_answer_is_stored_raw_and_then_parsed_before_it_is_used",),
    ),
    Clause(
        "S8", "and as a pair before it is used",
        SignIn._saved_as_pair, "self._store.save(tokens.model_dump_json())", "pass",
        ("test_the_answer_is_stored_raw_and_then_parsed_before_it_is_used",),
    ),
    Clause(
        "S8", "what was received and not saved is saved by the next process",
        SignIn._stored, "if tokens != latest(saved, None):", "if False:",
        ("test_a_pair_that_was_received_and_not_saved_is_adopted_by_the_next_process",),
    ),
    Clause(
        "S8", "signals wait until that is done",
        Interrupts.uninterrupted, "self._sections.depth += 1", "pass",
        ("test_a_section_is_finished_and_tells_what_it_did_before_its_signal_is_heeded",),
    ),
    Clause(
        "S8", "not expired: the present token is kept",
        verdict, 'if "not expired" in lowered or "tooearly" in lowered:', "if False:",
        ("test_not_expired_means_that_the_present_token_is_good",),
    ),
    Clause(
        "S8", "a gateway's fault leaves the sign-in as it is",
        verdict, "return _passing(reply)", 'return LoginNeeded("dead", hint=_CONNECT)',
        ("test_a_passing_trouble_leaves_the_sign_in_as_it_is",),
    ),
    Clause(
        "S8", "a dead sign-in needs a person",
        verdict, 'if reply.status in (400, 401, 403) and "error" in answer:', "if False:",
        ("test_a_dead_sign_in_needs_a_person",),
    ),
    Clause(
        "S8", "used elsewhere: says so",
        verdict, 'if "old refresh token" in lowered:', "if False:",
        ("test_a_token_that_was_used_elsewhere_says_so",),
    ),
    Clause(
        "S8", "one store, recorded by connect",
        open_store, 'return store_of(recorded or "file", state)', 'return store_of("file", state)',
        ("test_what_connect_chose_is_what_runs_use",),
    ),
    Clause(
        "S8", "never a silent fallback",
        open_store, "if recorded not in (None, configured):", "if False:",
        ("test_a_configuration_that_names_another_store_than_connect_used_is_told",),
    ),
)  # fmt: skip

CLAUSES = (*S7, *S8)
