"""A selection of what ``scripts/prove`` does in full: each campaign, every so-many-th trial."""

import pytest

from tests.prove.run import LOST, STRUCK, TWICE, played

SELECTION = {
    "killed-first-push": 16,
    "killed-buying": 8,
    "killed-renewing-tokens": 5,
    "killed-adopting": 19,
    "killed-after-a-cure": 19,
    "killed-while-look-ups-lag": 29,
    "terminated": 37,
    "interrupted": 41,
    "terminated-side-by-side": 15,
    "disk-fails": 23,
    "disk-full": 23,
    "answers-lost-first-push": 5,
    "answers-lost-buying": 37,
    "answers-lost-adopting": 41,
    "answers-drip": 53,
    "purchases-lost": 53,
    "changed-after-a-loss": 17,
    "bad-answers-first-push": 83,
    "bad-answers-buying": 97,
    "other-shapes": 151,
    "second-run": 11,
    "token-race": 20,
    "other-states": 37,
    "a-person-at-one-delivery": 19,
    "a-person-at-the-first-of-four": 47,
    "killed-and-a-person-acts": 31,
    "clocks": 37,
    "clocks-adopting": 41,
}
"""Campaign → one trial in so many. The longest ones are left to ``scripts/prove``."""


@pytest.mark.parametrize("campaign", SELECTION)
def test_nothing_is_paid_twice_and_nothing_is_lost(campaign: str) -> None:
    verdicts = played([campaign], every=SELECTION[campaign])

    assert {verdict.trial: verdict.findings for verdict in verdicts if verdict.findings} == {}
    assert sum(verdict.counts.get(STRUCK, 0) for verdict in verdicts) > 0
    assert sum(verdict.counts.get(TWICE, 0) + verdict.counts.get(LOST, 0) for verdict in verdicts) == 0
