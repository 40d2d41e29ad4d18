"""Makes the checks of one division and collects what they find."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from exactsend.engine.wiring import Wiring
from exactsend.errors import ConfigError, ExactSendError
from exactsend.operations.doctor.checks import CheckContext, DoctorCheck, Finding, Remark, Trouble
from exactsend.operations.doctor.table import CHECKS
from exactsend.settings.models import BrokenDivision, DivisionSettings


@dataclass
class Examination:
    """What the checks of one division came to."""

    division: str
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    """Worth knowing, not wrong."""
    made: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Checks that were not made, with the one that they would have needed."""


def examine(
    wiring: Wiring,
    division: DivisionSettings | BrokenDivision,
    *,
    checks: Sequence[DoctorCheck] = CHECKS,
    tell: Callable[[str], None] = lambda _phrase: None,
) -> Examination:
    """Make all checks of a division, as far as what they need is there."""
    done = Examination(division.name)
    if isinstance(division, BrokenDivision):
        why = "No run of this division can begin."
        cure = "Correct it in the configuration."
        done.findings += [
            Finding(division.name, "configuration", problem, why, cure) for problem in division.problems
        ]
        return done
    try:
        with ExitStack() as open_things:
            case = CheckContext(wiring, division, open_things)
            for check in checks:
                tell(f"checking {check.name}")
                _make(check, case, done)
    except ExactSendError as error:  # the call counters are stored at the end
        done.findings.append(Finding(division.name, "state", error.message, "", error.hint))
    return done


def _make(check: DoctorCheck, case: CheckContext, done: Examination) -> None:
    lacking = next(
        (name for name in check.needs if name not in done.made and name not in case.answered), None
    )
    if lacking is not None:
        done.skipped.append((check.name, lacking))
        return
    try:
        for found in check.look(case):
            _take(found, check, done)
    except ExactSendError as error:
        done.findings.extend(_not_made(check, done.division, error))
    else:
        done.made.append(check.name)


def _take(found: Trouble | Remark, check: DoctorCheck, done: Examination) -> None:
    if isinstance(found, Remark):
        done.remarks.append(Finding(done.division, check.name, found.message))
    else:
        why = found.why or check.why
        done.findings.append(Finding(done.division, check.name, found.message, why, found.remedy))


def _not_made(check: DoctorCheck, division: str, error: ExactSendError) -> Iterator[Finding]:
    message = error.message
    if isinstance(error, ConfigError):
        message = "; ".join([message, *error.problems])
    yield Finding(division, check.name, message, check.why, error.hint)
