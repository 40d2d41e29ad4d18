"""Every file of ``tests/cases`` is kept to; every rule of the trade and every setting of a division is what some of them are about."""

from pathlib import Path

import pytest

from exactsend.domain.policy import MethodTable, Policy
from tests.cases_file import Case, read_case
from tests.cases_outcome import broken_promises

FILES = sorted(path for path in Path(__file__).with_name("cases").glob("*.toml") if path.stem != "usual")
CASES = [read_case(path) for path in FILES]
ABOUT_A_KEY = [(case, key) for case in CASES for key in case.keys]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_case_says_is_what_happens(case: Case, tmp_path: Path) -> None:
    broken = broken_promises(case, tmp_path)
    if why := case.promises.get("xfail"):
        assert broken, f"expected to fail ({why}), but every promise was kept: take the xfail out"
        pytest.xfail(why)
    assert broken == []


@pytest.mark.parametrize(
    ("case", "key"), ABOUT_A_KEY, ids=[f"{case.name}-{key}" for case, key in ABOUT_A_KEY]
)
def test_without_the_key_the_case_comes_out_otherwise(case: Case, key: str, tmp_path: Path) -> None:
    assert broken_promises(case.without(key), tmp_path) != []


def test_every_key_of_a_division_is_what_some_case_is_about() -> None:
    assert every_key() - {key for _, key in ABOUT_A_KEY} == set()


def test_every_rule_of_the_trade_is_what_some_case_is_about() -> None:
    told = {rule for case in CASES for rule in case.promises.get("rules", "").split()}
    assert {f"T{number}" for number in range(1, 12)} <= told


def test_there_are_enough_cases_and_each_says_something_of_its_own() -> None:
    titles = [case.promises["title"] for case in CASES]
    assert len(titles) >= 120
    assert len(set(titles)) == len(titles)


def every_key() -> set[str]:
    """The keys as they stand in the file below ``[divisions.x]``."""
    keys = set()
    for name, table in Policy.model_fields.items():
        below = table.annotation
        if isinstance(below, type) and issubclass(below, MethodTable):
            keys |= {f"{name}.{key}" for key in below.model_fields}
        else:
            keys.add(name)
    return keys
