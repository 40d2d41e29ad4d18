"""``exactsend doctor --items``: counts and lists the items in Exact that lack HS code, origin or weight, or writes them to a CSV file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.output_files import require_new, save
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code
from exactsend.errors import ExitStatus
from exactsend.operations.doctor.item_check import ItemCheck, check_items
from exactsend.trade.item_gaps import Gap
from exactsend.views.text.csv_export import csv_text
from exactsend.views.text.json_documents import JsonObject, schema
from exactsend.views.text.tables import Table

SHOWN = 20
"""Rows on a terminal; the CSV file has them all."""

LACKING = {
    Code.HS_CODE_MISSING: "no HS code",
    Code.HS_CODE_INVALID: "an HS code that is not 6 to 12 digits",
    Code.ORIGIN_MISSING: "no country of origin",
    Code.ORIGIN_INVALID: "a country of origin that is no code of two letters",
    Code.WEIGHT_MISSING: "no weight",
}
"""What such an item has, in the order of the report."""


def list_incomplete_items(context: CommandContext, csv_file: Path | None) -> ExitStatus:
    """Check the items of each division; status 1 where one lacks something."""
    if csv_file is not None:
        require_new(csv_file, "Move it away, or name another file.")
    checks = [check_items(context.wiring, division) for division in context.chosen()]
    if csv_file is not None:
        save(csv_file, _as_csv(checks))
    if context.terminal.json:
        context.terminal.document(_document(checks))
    else:
        _print(context, checks, csv_file)
    are_complete = not any(check.gaps or check.error for check in checks)
    return ExitStatus.DONE if are_complete else ExitStatus.ATTENTION


def _findings(check: ItemCheck) -> Iterator[tuple[str, str]]:
    """Each finding, with how to fix it."""
    if check.error:
        yield check.error.message, check.error.hint
    counted = Counter(code for gap in check.gaps for code in gap.lacks)
    for code, lacking in LACKING.items():
        if counted[code]:
            have = "has" if counted[code] == 1 else "have"
            yield (
                f"{counted[code]} of {check.sold} sold items {have} {lacking}",
                _remedy(code, check.policy),
            )


def _remedy(code: Code, policy: Policy) -> str:
    origin_field = policy.customs.country_of_origin_field
    match code:
        case Code.HS_CODE_MISSING:
            return f"Enter it in the items' field {policy.customs.hs_code_field} in Exact, or set customs.hs_code."
        case Code.HS_CODE_INVALID:
            return f"Correct the items' field {policy.customs.hs_code_field} in Exact."
        case Code.ORIGIN_MISSING if not origin_field:
            return "Set customs.country_of_origin, or name the items' field that has it: customs.country_of_origin_field."
        case Code.ORIGIN_MISSING:
            return f"Enter it in the items' field {origin_field} in Exact, or set customs.country_of_origin."
        case Code.ORIGIN_INVALID:
            return f"Correct the items' field {origin_field} in Exact."
        case _:
            return "Enter the items' GrossWeight or NetWeight in Exact, or set weight.default_item."


# ── output ──────────────────────────────────────────────────────────────────────────────────────


def _print(context: CommandContext, checks: Sequence[ItemCheck], csv_file: Path | None) -> None:
    for check in checks:
        for message, remedy in _findings(check):
            context.terminal.result(
                f"{check.division}, items: {message}" + (f"\n  → {remedy}" if remedy else "")
            )
        if not check.gaps and not check.error and not context.terminal.quiet:
            context.terminal.result(
                f"{check.division}, items: all {check.sold} sold items have what customs require"
            )
    rows = [(check.division, *_cells(gap)) for check in checks for gap in check.gaps]
    if csv_file is not None:
        context.terminal.result(f"{len(rows)} items are listed in {csv_file}")
    elif rows:
        context.terminal.table(Table(("division", "item", "description", "has"), rows[:SHOWN]))
        if len(rows) > SHOWN:
            context.terminal.result(f"and {len(rows) - SHOWN} more; all of them: --csv FILE")


def _cells(gap: Gap) -> tuple[str, str, str]:
    return gap.item.code, gap.item.description, ", ".join(LACKING[code] for code in gap.lacks)


def _document(checks: Sequence[ItemCheck]) -> JsonObject:
    return {
        "schema": schema("doctor"),
        "findings": [
            {"division": check.division, "check": "items", "message": message, "remedy": remedy}
            for check in checks
            for message, remedy in _findings(check)
        ],
        "items": [
            {
                "division": check.division,
                "item": gap.item.code,
                "description": gap.item.description,
                "lacks": [code.value for code in gap.lacks],
            }
            for check in checks
            for gap in check.gaps
        ],
    }


def _as_csv(checks: Sequence[ItemCheck]) -> bytes:
    """All items that lack something, with what Exact has of each. The mark at the beginning makes spreadsheets read it as UTF-8."""
    headings = (
        "division",
        "item",
        "description",
        "lacks",
        "hs_code",
        "country_of_origin",
        "gross_weight",
        "net_weight",
    )
    rows = (_row(check, gap) for check in checks for gap in check.gaps)
    return csv_text(headings, rows, line_end="\r\n").encode("utf-8-sig")


def _row(check: ItemCheck, gap: Gap) -> tuple[str, ...]:
    item, customs = gap.item, check.policy.customs
    weights = ("" if weight is None else str(weight) for weight in (item.gross_weight, item.net_weight))
    return (
        check.division,
        item.code,
        item.description,
        " ".join(gap.lacks),
        item.text(customs.hs_code_field),
        item.text(customs.country_of_origin_field) if customs.country_of_origin_field else "",
        *weights,
    )
