"""All campaigns, by name: what ``scripts/prove`` plays, and the tests in part."""

from tests.prove import (
    bad_answers,
    bad_days,
    bad_records,
    floods,
    kills,
    lost_answers,
    panel_corrections,
    person_actions,
    races,
    refused_endpoints,
    stages,
    strace_faults,
    wrong_clocks,
)
from tests.prove.trial import Campaign, one_in

KILLS, REQUESTS, DISKS = "kill points", "requests to end", "disk errors"
LOSSES, BAD, STATES = "answers lost", "bad answers", "races and other states"
ACTIONS, CLOCKS, REFUSALS, FLOODS = (
    "actions of a person",
    "wrong clocks",
    "refused for good",
    "floods of work",
)

CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("killed-first-push", KILLS, stages.connected, kills.kills),
    Campaign("killed-buying", KILLS, stages.delivered, one_in(2, kills.kills)),
    Campaign("killed-renewing-tokens", KILLS, stages.token_due, kills.kills_while_renewing),
    Campaign("killed-adopting", KILLS, stages.labelled_by_hand, one_in(2, kills.kills)),
    Campaign("killed-after-a-cure", KILLS, stages.cured, one_in(2, kills.kills)),
    Campaign("killed-while-look-ups-lag", KILLS, stages.look_ups_lag, one_in(2, kills.kills)),
    Campaign("killed-in-a-new-year", KILLS, stages.new_year, one_in(2, kills.kills)),
    Campaign("terminated", REQUESTS, stages.token_due, one_in(3, kills.terminations)),
    Campaign("interrupted", REQUESTS, stages.token_due, one_in(3, kills.interruptions)),
    Campaign("terminated-side-by-side", REQUESTS, stages.token_due, kills.terminations_of_workers),
    Campaign("disk-fails", DISKS, stages.token_due, one_in(2, kills.disk_errors)),
    Campaign("disk-full", DISKS, stages.token_due, one_in(2, kills.full_disks)),
    Campaign("disk-fails-in-a-new-year", DISKS, stages.new_year, one_in(2, kills.disk_errors)),
    Campaign("disk-full-in-a-new-year", DISKS, stages.new_year, one_in(2, kills.full_disks)),
    Campaign("answers-lost-first-push", LOSSES, stages.connected, lost_answers.lost_answers),
    Campaign("answers-lost-buying", LOSSES, stages.token_due, one_in(2, lost_answers.lost_answers)),
    Campaign("answers-lost-adopting", LOSSES, stages.labelled_by_hand, one_in(2, lost_answers.lost_answers)),
    Campaign(
        "purchases-lost", LOSSES, stages.delivered, one_in(3, lost_answers.lost_purchases_of_every_kind)
    ),
    Campaign("changed-after-a-loss", LOSSES, stages.one_delivery, one_in(2, lost_answers.changed_meanwhile)),
    Campaign("answers-drip", LOSSES, stages.token_due, one_in(4, lost_answers.dripping_answers)),
    Campaign("bad-answers-first-push", BAD, stages.connected, one_in(4, bad_answers.bad_answers)),
    Campaign("bad-answers-buying", BAD, stages.labelled_elsewhere, one_in(5, bad_answers.bad_answers)),
    Campaign("other-shapes", BAD, stages.labelled_elsewhere, one_in(5, bad_answers.other_shapes)),
    Campaign("bad-days", BAD, stages.delivered, one_in(3, bad_days.bad_days)),
    Campaign("second-run", STATES, stages.delivered, races.second_runs),
    Campaign("token-race", STATES, stages.token_due, races.token_races),
    Campaign("other-states", STATES, stages.delivered, one_in(4, races.other_states)),
    Campaign(
        "a-person-at-one-delivery", ACTIONS, stages.one_delivery, one_in(2, person_actions.at_each_call)
    ),
    Campaign(
        "a-person-at-the-first-of-four", ACTIONS, stages.delivered, one_in(3, person_actions.at_each_call)
    ),
    Campaign("corrected-in-the-panel", ACTIONS, stages.one_delivery, panel_corrections.at_each_call),
    Campaign("corrected-in-manual-mode", ACTIONS, stages.one_by_hand, panel_corrections.by_hand),
    Campaign(
        "corrected-before-the-delivery", ACTIONS, stages.one_order, panel_corrections.before_the_delivery
    ),
    Campaign("corrected-after-a-kill", ACTIONS, stages.one_delivery, panel_corrections.after_a_kill),
    Campaign(
        "killed-and-a-person-acts", ACTIONS, stages.one_delivery, one_in(2, person_actions.after_a_kill)
    ),
    Campaign("clocks", CLOCKS, stages.token_due, one_in(2, wrong_clocks.wrong_clocks)),
    Campaign("clocks-adopting", CLOCKS, stages.labelled_by_hand, one_in(2, wrong_clocks.wrong_clocks)),
    Campaign("clocks-in-a-new-year", CLOCKS, stages.new_year, one_in(2, wrong_clocks.wrong_clocks)),
    Campaign("one-record-fields", REFUSALS, bad_records.five_of_each, one_in(4, bad_records.bad_fields)),
    Campaign("one-record-calls", REFUSALS, bad_records.five_of_each, bad_records.refused_calls),
    Campaign(
        "one-endpoint",
        REFUSALS,
        stages.connected,
        one_in(4, refused_endpoints.one_endpoint),
        rehearsed=refused_endpoints.usual_days,
    ),
    Campaign("floods", FLOODS, floods.flooded, one_in(2, floods.floods)),
    Campaign("killed-in-a-flood", KILLS, floods.flooded, one_in(20, kills.kills)),
    Campaign("strace-refuses", DISKS, stages.token_due, one_in(2, strace_faults.refusals)),
    Campaign("strace-kills", KILLS, stages.delivered, one_in(2, strace_faults.deaths)),
)
