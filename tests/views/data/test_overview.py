"""How a division is, in one word: the worst that is true of it."""

from dataclasses import fields
from datetime import timedelta

import pytest

from exactsend.domain.division_records import RefusedQuestion, Schedule
from exactsend.domain.problems import Code
from exactsend.domain.records import ProblemRecord
from exactsend.domain.run_history import LastRun
from exactsend.views.data.overview import Health, Overview, Rhythm
from exactsend.views.data.view_types import DivisionStatus, ProblemView
from tests.builders import NOW
from tests.told_problems import a_told_problem

REFUSED = RefusedQuestion(
    service="exact", method="GET", endpoint="sync/Deleted", status=403, since=NOW, asked_at=NOW
)
QUARTER = timedelta(minutes=15)


def an_overview(
    *,
    age: timedelta | None = QUARTER,
    last_status: int = 0,
    interval: timedelta | None = QUARTER,
    problems: int = 0,
    refused: int = 0,
    sign_in_days: int | None = 29,
) -> Overview:
    schedule = Schedule(last_good_run=None if age is None else NOW - age)
    last_run = LastRun(status=last_status, at=NOW)
    status = DivisionStatus(**{
        **dict.fromkeys((field.name for field in fields(DivisionStatus)), 0),  # what does not matter here
        "division": "acme", "schedule": schedule, "age": age, "errors": problems, "sign_in_days_left": sign_in_days,
        "last_run": last_run, "refused": (REFUSED,) * refused,
    })  # type: ignore[arg-type]  # told by their names  # fmt: skip
    problem = ProblemRecord.seen("label", a_told_problem(Code.LABEL_FAILED, "no label"), at=NOW, before=None)
    return Overview(
        status, NOW, Rhythm(9, 9, interval), None, (ProblemView("acme", problem, (4711,)),) * problems,
        (), (), (), (), 200, "https://start.exactonline.nl",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("overview", "health"),
    [
        (an_overview(), Health.WELL),
        (an_overview(problems=1, last_status=1), Health.ATTENTION),
        (an_overview(age=3 * QUARTER), Health.WELL),
        (an_overview(age=3 * QUARTER + timedelta(seconds=1), problems=1), Health.LATE),
        (an_overview(age=5 * QUARTER, last_status=7), Health.STOPPED),
        (an_overview(last_status=5), Health.STOPPED),
        (an_overview(last_status=75), Health.WELL),
        (an_overview(refused=1), Health.WELL),
        (an_overview(age=None), Health.NEVER),
        (an_overview(age=timedelta(minutes=14), interval=timedelta(minutes=1)), Health.WELL),
        (an_overview(age=timedelta(hours=23), interval=None), Health.WELL),
        (an_overview(age=timedelta(hours=25), interval=None), Health.LATE),
    ],
)  # fmt: skip
def test_health_is_the_worst_that_is_true(overview: Overview, health: Health) -> None:
    assert overview.health is health


@pytest.mark.parametrize(("days", "soon"), [(None, False), (11, False), (10, True), (0, True)])
def test_a_sign_in_that_dies_within_days_is_soon(days: int | None, soon: bool) -> None:  # noqa: FBT001 - a case
    assert an_overview(sign_in_days=days).sign_in_soon is soon
