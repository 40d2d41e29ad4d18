"""All campaigns, by name: what ``scripts/prove`` plays, and the tests in part."""

from tests.prove import (
    answering,
    correcting,
    days,
    killing,
    losing,
    meddling,
    misleading,
    one_record,
    racing,
    refusing,
    stages,
    tracing,
)
from tests.prove.trial import Campaign

KILLS, REQUESTS, DISKS = "kill points", "requests to end", "disk errors"
LOSSES, BAD, STATES = "answers lost", "bad answers", "races and other states"
DEEDS, CLOCKS, REFUSALS = "deeds of a person", "wrong clocks", "refused for good"

CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("killed-first-push", KILLS, stages.connected, killing.kills),
    Campaign("killed-buying", KILLS, stages.delivered, killing.kills),
    Campaign("killed-renewing-tokens", KILLS, stages.token_due, killing.kills_while_renewing),
    Campaign("killed-adopting", KILLS, stages.labelled_by_hand, killing.kills),
    Campaign("killed-after-a-cure", KILLS, stages.cured, killing.kills),
    Campaign("killed-while-look-ups-lag", KILLS, stages.look_ups_lag, killing.kills),
    Campaign("killed-in-a-new-year", KILLS, stages.new_year, killing.kills),
    Campaign("terminated", REQUESTS, stages.token_due, killing.terminations),
    Campaign("interrupted", REQUESTS, stages.token_due, killing.interruptions),
    Campaign("terminated-side-by-side", REQUESTS, stages.token_due, killing.terminations_of_workers),
    Campaign("disk-fails", DISKS, stages.token_due, killing.disk_errors),
    Campaign("disk-full", DISKS, stages.token_due, killing.full_disks),
    Campaign("disk-fails-in-a-new-year", DISKS, stages.new_year, killing.disk_errors),
    Campaign("disk-full-in-a-new-year", DISKS, stages.new_year, killing.full_disks),
    Campaign("answers-lost-first-push", LOSSES, stages.connected, losing.lost_answers),
    Campaign("answers-lost-buying", LOSSES, stages.token_due, losing.lost_answers),
    Campaign("answers-lost-adopting", LOSSES, stages.labelled_by_hand, losing.lost_answers),
    Campaign("purchases-lost", LOSSES, stages.delivered, losing.lost_purchases_of_every_kind),
    Campaign("changed-after-a-loss", LOSSES, stages.one_delivery, losing.changed_meanwhile),
    Campaign("answers-drip", LOSSES, stages.token_due, losing.dripping_answers),
    Campaign("bad-answers-first-push", BAD, stages.connected, answering.bad_answers),
    Campaign("bad-answers-buying", BAD, stages.labelled_elsewhere, answering.bad_answers),
    Campaign("other-shapes", BAD, stages.labelled_elsewhere, answering.other_shapes),
    Campaign("bad-days", BAD, stages.delivered, days.bad_days),
    Campaign("second-run", STATES, stages.delivered, racing.second_runs),
    Campaign("token-race", STATES, stages.token_due, racing.token_races),
    Campaign("other-states", STATES, stages.delivered, racing.other_states),
    Campaign("a-person-at-one-delivery", DEEDS, stages.one_delivery, meddling.deeds),
    Campaign("a-person-at-the-first-of-four", DEEDS, stages.delivered, meddling.deeds),
    Campaign("corrected-in-the-panel", DEEDS, stages.one_delivery, correcting.deeds),
    Campaign("corrected-in-manual-mode", DEEDS, stages.one_by_hand, correcting.deeds_by_hand),
    Campaign("corrected-before-the-delivery", DEEDS, stages.one_order, correcting.before),
    Campaign("corrected-after-a-kill", DEEDS, stages.one_delivery, correcting.deeds_after_a_kill),
    Campaign("killed-and-a-person-acts", DEEDS, stages.one_delivery, meddling.deeds_after_a_kill),
    Campaign("clocks", CLOCKS, stages.token_due, misleading.wrong_clocks),
    Campaign("clocks-adopting", CLOCKS, stages.labelled_by_hand, misleading.wrong_clocks),
    Campaign("clocks-in-a-new-year", CLOCKS, stages.new_year, misleading.wrong_clocks),
    Campaign("one-record-fields", REFUSALS, one_record.five_of_each, one_record.bad_fields),
    Campaign("one-record-calls", REFUSALS, one_record.five_of_each, one_record.refused_calls),
    Campaign(
        "one-endpoint", REFUSALS, stages.connected, refusing.one_endpoint, rehearsed=refusing.usual_days
    ),
    Campaign("strace-refuses", DISKS, stages.token_due, tracing.refusals),
    Campaign("strace-kills", KILLS, stages.delivered, tracing.deaths),
)
