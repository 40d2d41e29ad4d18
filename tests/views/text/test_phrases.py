"""The catalogue has a phrase for every code that reports look up, so that another language can be put in its place."""

from types import ModuleType

import pytest

from exactsend.engine.plan.actions import ActionKind
from exactsend.engine.plan.checks import Rule
from exactsend.views.data.reconciliation import Mismatch, StateThere
from exactsend.views.data.unused_labels import UnusedReason
from exactsend.views.data.view_types import LabelState
from exactsend.views.text import action_phrases, record_phrases


@pytest.mark.parametrize(
    ("phrases", "codes"),
    [
        (action_phrases.DONE, ActionKind),
        (action_phrases.PLANNED, ActionKind),
        (action_phrases.NOT_DONE, ActionKind),
        (record_phrases.RULES, Rule),
        (record_phrases.STATES, LabelState),
        (record_phrases.UNUSED_REASONS, UnusedReason),
        (record_phrases.MISMATCHES, Mismatch),
        (record_phrases.MISMATCH_REMEDIES, Mismatch),
        (record_phrases.STATES_THERE, StateThere),
    ],
)
def test_every_code_has_its_phrase(phrases: dict[object, str], codes: type) -> None:
    assert set(phrases) == set(codes)  # type: ignore[call-overload]  # an enumeration
    assert all(phrases.values())


@pytest.mark.parametrize("module", [action_phrases, record_phrases])
def test_nothing_but_phrases_stands_there(module: ModuleType) -> None:
    own = {name: value for name, value in vars(module).items() if name.isupper()}

    assert all(isinstance(value, dict) for value in own.values())
