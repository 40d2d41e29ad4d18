"""Runs the checks of one division and collects their findings."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from exactsend.engine.wiring import Wiring
from exactsend.errors import ConfigError, ExactSendError
from exactsend.operations.doctor.check_list import CHECKS
from exactsend.operations.doctor.checks import CheckContext, DoctorCheck, Finding, Issue, Note
from exactsend.settings.models import BrokenDivision, DivisionSettings


@dataclass
class Examination:
    """The result of the checks of one division."""

    division: str
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    """Notes: worth knowing, but not wrong."""
    made: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Checks that were skipped, each with the check or endpoint that it requires."""


def examine(
    wiring: Wiring,
    division: DivisionSettings | BrokenDivision,
    *,
    checks: Sequence[DoctorCheck] = CHECKS,
    tell: Callable[[str], None] = lambda _phrase: None,
) -> Examination:
    """Run the checks of a division; skip those whose requirements failed."""
    examination = Examination(division.name)
    if isinstance(division, BrokenDivision):
        why = "No run of this division can start."
        remedy = "Correct it in the configuration."
        examination.findings += [
            Finding(division.name, "configuration", problem, why, remedy) for problem in division.problems
        ]
        return examination
    try:
        with ExitStack() as exit_stack:
            context = CheckContext(wiring, division, exit_stack)
            for check in checks:
                tell(f"checking {check.name}")
                _run_check(check, context, examination)
    except ExactSendError as error:  # the call counters are stored at the end
        examination.findings.append(Finding(division.name, "state", error.message, "", error.hint))
    return examination


def _run_check(check: DoctorCheck, context: CheckContext, examination: Examination) -> None:
    missing = next(
        (name for name in check.needs if name not in examination.made and name not in context.answered), None
    )
    if missing is not None:
        examination.skipped.append((check.name, missing))
        return
    try:
        for result in check.run(context):
            _add(result, check, examination)
    except ExactSendError as error:
        examination.findings.append(_failed_check(check, examination.division, error))
    else:
        examination.made.append(check.name)


def _add(result: Issue | Note, check: DoctorCheck, examination: Examination) -> None:
    if isinstance(result, Note):
        examination.remarks.append(Finding(examination.division, check.name, result.message))
    else:
        why = result.why or check.why
        examination.findings.append(
            Finding(examination.division, check.name, result.message, why, result.remedy)
        )


def _failed_check(check: DoctorCheck, division: str, error: ExactSendError) -> Finding:
    message = error.message
    if isinstance(error, ConfigError):
        message = "; ".join([message, *error.problems])
    return Finding(division, check.name, message, check.why, error.hint)
