"""S9 to S11: what the services allow, how much may be bought, and how changes are noticed."""

from exactsend.domain.record_store import RecordStore
from exactsend.engine.apply.label_purchase import buy
from exactsend.engine.division_run import is_skipped_while_idle, require_own_integration
from exactsend.engine.gather.changes import _hourly_work, _lines_may_wait
from exactsend.engine.gather.cursors import _by_version, with_daily_restart
from exactsend.engine.gather.master_data import watch_is_due
from exactsend.engine.plan.guard import idle_pause, with_limits
from exactsend.engine.sync import run_steps
from exactsend.engine.wiring import Wiring
from exactsend.exact.line_reader import _with_lines_of
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.exact_limits import (
    ExactAllowance,
    _check_daily_limit,
    _check_endpoint_rest,
    _pause,
    _remedy,
)
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance, _until_free
from exactsend.http.allowance.usage import DivisionUsage, Errors
from exactsend.http.deadline import BoundedExchange
from exactsend.http.transport import Transport, WaitBudget
from exactsend.system.clock import CheckedClock
from exactsend.system.elapsed import elapsed, is_due_again, is_not_over
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
    statement,
)
from tests.rules.rule import Clause

S9 = (
    Clause(
        "S9", "an endpoint rests after three errors in a row",
        Errors.count, never("IN_A_ROW"),
        ("test_three_errors_in_a_row_rest_an_endpoint_for_an_hour",),
    ),
    Clause(
        "S9", "and after six in the hour",
        Errors.count, never("IN_AN_HOUR"),
        ("test_six_errors_in_an_hour_rest_an_endpoint",),
    ),
    Clause(
        "S9", "the hour is the last sixty minutes",
        Errors.in_the_hour, returned("HOUR", becomes="sum(moment.hour == now.hour for moment in self.at)"),
        ("test_errors_on_both_sides_of_a_full_hour_count_together",),
    ),
    Clause(
        "S9", "and what is older does not count",
        Errors.in_the_hour, returned("HOUR", becomes="len(self.at)"),
        ("test_an_error_counts_for_sixty_minutes",),
    ),
    Clause(
        "S9", "while it rests nothing is sent",
        _check_endpoint_rest, always("rests"),
        ("test_three_errors_in_a_row_rest_an_endpoint_for_an_hour",),
    ),
    Clause(
        "S9", "per endpoint and division",
        ExactAllowance.before,
        element("errors", of="_check_endpoint_rest", becomes="next(iter(counts.errors.values()), None)"),
        ("test_only_the_endpoint_and_division_that_failed_rest",),
    ),
    Clause(
        "S9", "400, 401, 403 and 404 count",
        DivisionUsage.answered, condition("COUNTED_ERRORS", becomes="status == 403"),
        ("test_three_errors_in_a_row_rest_an_endpoint_for_an_hour",),
    ),
    Clause(
        "S9", "over all runs: an error is stored at once",
        CallCounters.answered, skipped("on_change"),
        ("test_errors_are_reported_to_be_stored_at_once",),
    ),
    Clause(
        "S9", "over all processes",
        CallCounters.merged, skipped("count_in"),
        ("test_two_processes_add_up",),
    ),
    Clause(
        "S9", "the message names the right that is missing",
        _remedy, never("right"),
        ("test_a_rest_names_the_right_that_is_missing",),
    ),
)  # fmt: skip

S10 = (
    Clause(
        "S10", "a run that wants more than max_per_run buys none",
        with_limits, never("limit"),
        ("test_more_than_a_run_may_buy_buys_none_and_ends_with_5",),
    ),
    Clause(
        "S10", "max_per_day counts the last 24 hours",
        with_limits, never("max_per_day"),
        ("test_a_day_has_its_limit_too_and_the_next_day_goes_on_by_itself",),
    ),
    Clause(
        "S10", "parcels are counted, not labels",
        with_limits, assigned("to_buy", becomes="len(plan.purchases)"),
        ("test_a_run_is_limited_by_parcels",),
    ),
    Clause(
        "S10", "orders and write-back go on",
        run_steps, call("apply", becomes="(snapshot, ()) if plan.stopped else apply(context, snapshot, plan)"),
        ("test_more_than_a_run_may_buy_buys_none_and_ends_with_5",),
    ),
    Clause(
        "S10", "at the minute limit a run waits",
        _pause, never("remaining"),
        ("test_a_spent_minute_waits_for_the_next_clock_minute_and_a_little",),
    ),
    Clause(
        "S10", "up to --max-minutes in all",
        WaitBudget.spend, skipped("_left"),
        ("test_all_waits_of_a_run_come_from_one_purse",),
    ),
    Clause(
        "S10", "for both services together",
        Wiring.services, dropped("wait_budget", of="sendcloud_transport"),
        ("test_both_services_of_a_run_share_its_patience",),
    ),
    Clause(
        "S10", "every call has an end, however slowly its answer drips",
        BoundedExchange._wait, skipped("TimeoutError"),
        ("test_a_call_ends_however_slowly_its_answer_drips", "test_a_refresh_ends_however_slowly_its_answer_drips"),
    ),
    Clause(
        "S10", "what was given up before it left never leaves",
        BoundedExchange.use_connection, never("_given_up"),
        ("test_what_was_given_up_before_it_left_never_leaves",),
    ),
    Clause(
        "S10", "a read is given up when the end is asked for",
        BoundedExchange._wait, skipped("_stop"),
        ("test_an_end_that_is_asked_for_is_heeded_while_a_read_is_awaited",),
    ),
    Clause(
        "S10", "but a write is not",
        Transport._reply, always("GET"),
        ("test_the_answer_to_a_write_is_awaited_whatever_is_asked",),
    ),
    Clause(
        "S10", "at the day limit it stops",
        _check_daily_limit, never("remaining"),
        ("test_a_429_with_the_days_headers_alone_ends_the_day",),
    ),
    Clause(
        "S10", "max_calls_per_day bounds all divisions together",
        ExactAllowance._check_fair_use, never("_max_calls_per_day"),
        ("test_fair_use_counts_all_divisions_but_not_me",),
    ),
    Clause(
        "S10", "oldest work first",
        RecordStore.todo, joined("key", of="sorted", by="reverse=True"),
        ("test_todos_come_oldest_first_and_keep_their_first_moment",),
    ),
    Clause(
        "S10", "idle divisions are polled less often as the day is used up",
        idle_pause, always("HALF"),
        ("test_idle_divisions_rest_the_longer_the_more_of_the_day_is_spent",),
    ),
    Clause(
        "S10", "but not one that has work",
        is_skipped_while_idle, assigned("is_idle", becomes="True"),
        ("test_a_division_with_work_does_not_rest",),
    ),
    Clause(
        "S10", "Sendcloud's writes a minute are waited for",
        _until_free, call("elapsed", becomes="MINUTE"),
        ("test_writes_wait_until_the_oldest_is_a_minute_old",),
    ),
    Clause(
        "S10", "divisions of one account share a limiter",
        Wiring.share_account, skipped("sendcloud_transport"),
        ("test_divisions_of_one_sendcloud_account_count_their_calls_together",),
    ),
    Clause(
        "S10", "empty 429s of Sendcloud wait longer and longer",
        SendcloudAllowance.after, code("SHORTEST_PAUSE * 2**self._refusals", becomes="SHORTEST_PAUSE"),
        ("test_empty_429s_wait_longer_and_longer_but_never_over_a_minute",),
    ),
    Clause(
        "S10", "no pause is longer than its window",
        is_not_over, condition("window", becomes="now < until"),
        ("test_what_a_clock_noted_that_was_wrong_holds_nothing_up",),
    ),
    Clause(
        "S10", "a moment that lies ahead counts as just now",
        elapsed, call("max", becomes="abs(now - since)"),
        ("test_a_purchase_that_lies_ahead_counts_towards_the_day",),
    ),
    Clause(
        "S10", "and as of then, once that is noticed",
        elapsed, skipped("noticed"),
        ("test_a_purchase_that_lies_ahead_counts_no_longer_than_a_day_from_when_it_is_noticed",),
    ),
    Clause(
        "S10", "what was done at a moment that lies ahead is done again",
        is_due_again, code("since > now", becomes="False"),
        ("test_what_was_done_at_a_moment_that_lies_ahead_is_done_again",),
    ),
    Clause(
        "S10", "nothing is bought at a clock that is wrong",
        with_limits, call("clock_refusal", becomes="''"),
        ("test_nothing_is_bought_at_a_clock_that_is_wrong",),
    ),
    Clause(
        "S10", "nor at one that was set since the plan was made",
        buy, call("clock_refusal", becomes="''"),
        ("test_a_clock_that_is_set_during_the_run_buys_nothing",),
    ),
    Clause(
        "S10", "what is noted then is noted at the time of the services",
        CheckedClock._correction, skipped("key"),
        ("test_a_clock_that_both_services_call_wrong_tells_their_time",),
    ),
    Clause(
        "S10", "where both of them agree",
        CheckedClock._correction, always("TOLERANCE"),
        ("test_two_services_that_differ_are_not_believed",),
    ),
    Clause(
        "S10", "two divisions with one integration are refused",
        require_own_integration, never("integration"),
        ("test_two_divisions_with_one_integration_are_status_3",),
    ),
)  # fmt: skip

S11 = (
    Clause(
        "S11", "deferred lines are fetched",
        _with_lines_of, call("model_copy", becomes="order"),
        ("test_deferred_lines_are_fetched_and_joined_to_their_orders",),
    ),
    Clause(
        "S11", "a cursor is saved with the todo marks of what it passed",
        RecordStore.note_changes,
        statement("changes_noted", becomes="for one in reversed(puts): self._store.record('changes_noted', puts=[one])"),
        ("test_what_is_due_and_how_far_was_read_are_one_event",),
    ),
    Clause(
        "S11", "changed delivery lines wait one run at most while deliveries are read whole",
        _lines_may_wait, always("lines_wait"),
        ("test_a_changed_delivery_line_waits_one_run_at_most_while_other_deliveries_come",),
    ),
    Clause(
        "S11", "and not while a delivery is held, which they may cure",
        _lines_may_wait, always("is_held"),
        ("test_a_corrected_delivery_line_cures_at_once_although_another_delivery_comes",),
    ),
    Clause(
        "S11", "once a day a stream starts at the place of two days ago",
        with_daily_restart, assigned("start", becomes="cursor.position"),
        ("test_an_order_committed_late_is_found_within_two_days", "test_a_delivery_committed_late_is_bought_once"),
    ),
    Clause(
        "S11", "a moved division resets the streams",
        _hourly_work, never("moved"),
        ("test_a_moved_division_buys_nothing_twice_and_misses_nothing",),
    ),
    Clause(
        "S11", "row versions below ours do, too",
        _by_version, never("newest"),
        ("test_row_versions_that_went_back_reset_the_streams_the_next_day",),
    ),
    Clause(
        "S11", "corrections are watched in each run while something is held",
        watch_is_due, skipped("True"),
        ("test_a_corrected_item_cures_a_label_at_once",),
    ),
    Clause(
        "S11", "once in 15 minutes while something is open",
        watch_is_due, never("is_open"),
        ("test_a_corrected_address_reaches_an_entry_that_stands_within_a_quarter_of_an_hour",),
    ),
    Clause(
        "S11", "never otherwise",
        watch_is_due, assigned("is_watched", becomes="True"),
        ("test_nothing_is_read_again_while_nothing_is_open",),
    ),
)  # fmt: skip

CLAUSES = (*S9, *S10, *S11)
