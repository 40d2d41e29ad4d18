"""The catalogue has a phrase for every code that reports look up, so that another language can be put in its place."""

from types import ModuleType

import pytest

from exactsend.engine.plan.actions import ActionKind
from exactsend.engine.plan.checks import Rule
from exactsend.views.data.reconciliation import Mismatch, StateThere
from exactsend.views.data.unused_labels import UnusedReason
from exactsend.views.data.values import LabelState
from exactsend.views.text import code_phrases, view_phrases


@pytest.mark.parametrize(
    ("phrases", "codes"),
    [
        (code_phrases.DONE, ActionKind),
        (code_phrases.PLANNED, ActionKind),
        (code_phrases.NOT_DONE, ActionKind),
        (view_phrases.ASKS, Rule),
        (view_phrases.STATES, LabelState),
        (view_phrases.UNUSED_WORDS, UnusedReason),
        (view_phrases.MISMATCHES, Mismatch),
        (view_phrases.MISMATCH_CURES, Mismatch),
        (view_phrases.STATES_THERE, StateThere),
    ],
)
def test_every_code_has_its_phrase(phrases: dict[object, str], codes: type) -> None:
    assert set(phrases) == set(codes)  # type: ignore[call-overload]  # an enumeration
    assert all(phrases.values())


@pytest.mark.parametrize("module", [code_phrases, view_phrases])
def test_nothing_but_phrases_stands_there(module: ModuleType) -> None:
    own = {name: value for name, value in vars(module).items() if name.isupper()}

    assert all(isinstance(value, dict) for value in own.values())
