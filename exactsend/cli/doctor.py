"""``exactsend doctor``: prints what the checks found, why it matters, and how to fix it."""

from collections.abc import Iterable, Iterator, Sequence

from exactsend.cli.context import CommandContext
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.operations.doctor.checks import Finding
from exactsend.operations.doctor.examination import Examination, examine
from exactsend.views.text.json_documents import JsonObject, schema


def run_checks(context: CommandContext) -> ExitStatus:
    """Run all checks; status 1 with findings."""
    done = [
        examine(context.wiring, division, tell=context.terminal.progress) for division in context.chosen()
    ]
    findings = [finding for examination in done for finding in examination.findings]
    if context.terminal.json:
        context.terminal.document(_document(done))
    else:
        for line in _lines(done, quiet=context.terminal.quiet):
            context.terminal.result(line)
    return ExitStatus.ATTENTION if findings else ExitStatus.DONE


def _lines(done: Sequence[Examination], *, quiet: bool) -> Iterator[str]:
    findings = [finding for examination in done for finding in examination.findings]
    for finding in findings:
        yield f"{finding.division}, {finding.check}: {finding.message}"
        yield from (f"  {text}" for text in (finding.why, finding.remedy and f"→ {finding.remedy}") if text)
    if quiet:
        return
    for examination in done:
        if examination.skipped:
            skipped = [name for name, _ in examination.skipped]
            lacking = dict.fromkeys(name for _, name in examination.skipped if name not in skipped)
            names = _grouped(skipped)
            yield f"{examination.division}: skipped because of {', '.join(lacking)}: {names}"
    yield from (
        f"note: {remark.division}, {remark.check}: {remark.message}"
        for each in done
        for remark in each.remarks
    )
    if not findings:
        yield f"no problems found. Checked: {_grouped(name for examination in done for name in examination.made)}"


def _grouped(names: Iterable[str]) -> str:
    """Names of checks; those of one group, such as "rights: …", once."""
    return ", ".join(dict.fromkeys(name.partition(": ")[0] for name in names))


def _document(done: Sequence[Examination]) -> JsonObject:
    findings: list[Json] = [_row(finding) for examination in done for finding in examination.findings]
    notes: list[Json] = [
        {"division": remark.division, "check": remark.check, "message": remark.message}
        for each in done
        for remark in each.remarks
    ]
    skipped: list[Json] = [
        {"division": examination.division, "check": name, "needs": lacking}
        for examination in done
        for name, lacking in examination.skipped
    ]
    checked: list[Json] = [
        {"division": examination.division, "checks": list[Json](examination.made)} for examination in done
    ]
    return {
        "schema": schema("doctor"),
        "findings": findings,
        "notes": notes,
        "skipped": skipped,
        "checked": checked,
    }


def _row(finding: Finding) -> Json:
    return {
        "division": finding.division,
        "check": finding.check,
        "message": finding.message,
        "why": finding.why,
        "remedy": finding.remedy,
    }
