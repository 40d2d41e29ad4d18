"""The catalogue has a phrase for every code that reports look up, so that another language can be put in its place."""

from types import ModuleType

import pytest

from exactsend.plan.actions import Kind
from exactsend.plan.checks import Rule
from exactsend.readmodel.reconciling import Mismatch, StateThere
from exactsend.readmodel.unused import Unused
from exactsend.readmodel.views import LabelState
from exactsend.report import catalogue, catalogue_of_views


@pytest.mark.parametrize(
    ("phrases", "codes"),
    [
        (catalogue.DONE, Kind),
        (catalogue.PLANNED, Kind),
        (catalogue.NOT_DONE, Kind),
        (catalogue_of_views.ASKS, Rule),
        (catalogue_of_views.STATES, LabelState),
        (catalogue_of_views.UNUSED_WORDS, Unused),
        (catalogue_of_views.MISMATCHES, Mismatch),
        (catalogue_of_views.MISMATCH_CURES, Mismatch),
        (catalogue_of_views.STATES_THERE, StateThere),
    ],
)
def test_every_code_has_its_phrase(phrases: dict[object, str], codes: type) -> None:
    assert set(phrases) == set(codes)  # type: ignore[call-overload]  # an enumeration
    assert all(phrases.values())


@pytest.mark.parametrize("module", [catalogue, catalogue_of_views])
def test_nothing_but_phrases_stands_there(module: ModuleType) -> None:
    own = {name: value for name, value in vars(module).items() if name.isupper()}

    assert all(isinstance(value, dict) for value in own.values())
