"""``exactsend doctor --items``: which items in Exact lack HS code, origin or weight, counted, listed, and as a CSV file on request.

A thousand items cost one call. Nothing is written to either service.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.output_files import require_new, save
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code
from exactsend.engine.gather.details import item_fields
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.trade.item_gaps import Gap, gaps, sold_goods
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
"""What an item has instead, in the order in which it is told."""


@dataclass(frozen=True)
class ItemGaps:
    """The sold items of one division: how many there are, and which lack something."""

    division: str
    sold: int
    gaps: Sequence[Gap]
    policy: Policy
    fault: ExactSendError | None = None
    """Why they could not be read."""


def doctor(place: CommandContext, csv_file: Path | None) -> ExitStatus:
    """Look at the items of each division; status 1 where one lacks something."""
    if csv_file is not None:
        require_new(csv_file, "Move it away, or name another file.")
    found = [_catalogue(place, division) for division in place.chosen()]
    if csv_file is not None:
        save(csv_file, _as_csv(found))
    if place.terminal.json:
        place.terminal.document(_document(found))
    else:
        _tell(place, found, csv_file)
    return (
        ExitStatus.ATTENTION
        if any(catalogue.gaps or catalogue.fault for catalogue in found)
        else ExitStatus.DONE
    )


def _catalogue(place: CommandContext, division: DivisionSettings | BrokenDivision) -> ItemGaps:
    try:
        if isinstance(division, BrokenDivision):
            raise division.error()
        with place.wiring.services(division, pinned=place.wiring.pins(division)) as systems:
            items = systems.exact.catalogue(extra_fields=item_fields(division.policy))
    except ExactSendError as error:
        return ItemGaps(division.name, 0, (), Policy(), error)
    sold = sold_goods(items, place.surroundings.clock().date())
    return ItemGaps(division.name, len(sold), gaps(sold, division.policy), division.policy)


def _findings(catalogue: ItemGaps) -> Iterator[tuple[str, str]]:
    """Each finding with its cure."""
    if catalogue.fault:
        yield catalogue.fault.message, catalogue.fault.hint
    counted = Counter(code for gap in catalogue.gaps for code in gap.lacks)
    for code, lacking in LACKING.items():
        if counted[code]:
            have = "has" if counted[code] == 1 else "have"
            yield (
                f"{counted[code]} of {catalogue.sold} sold items {have} {lacking}",
                _cure(code, catalogue.policy),
            )


def _cure(code: Code, policy: Policy) -> str:
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


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def _tell(place: CommandContext, found: Sequence[ItemGaps], csv_file: Path | None) -> None:
    for catalogue in found:
        for message, cure in _findings(catalogue):
            place.terminal.result(
                f"{catalogue.division}, items: {message}" + (f"\n  → {cure}" if cure else "")
            )
        if not catalogue.gaps and not catalogue.fault and not place.terminal.quiet:
            place.terminal.result(
                f"{catalogue.division}, items: all {catalogue.sold} sold items have what customs want"
            )
    rows = [(catalogue.division, *_cells(gap)) for catalogue in found for gap in catalogue.gaps]
    if csv_file is not None:
        place.terminal.result(f"{len(rows)} items are listed in {csv_file}")
    elif rows:
        place.terminal.table(Table(("division", "item", "description", "has"), rows[:SHOWN]))
        if len(rows) > SHOWN:
            place.terminal.result(f"and {len(rows) - SHOWN} more; all of them: --csv FILE")


def _cells(gap: Gap) -> tuple[str, str, str]:
    return gap.item.code, gap.item.description, ", ".join(LACKING[code] for code in gap.lacks)


def _document(found: Sequence[ItemGaps]) -> JsonObject:
    return {
        "schema": schema("doctor"),
        "findings": [
            {"division": catalogue.division, "check": "items", "message": message, "remedy": cure}
            for catalogue in found
            for message, cure in _findings(catalogue)
        ],
        "items": [
            {
                "division": catalogue.division,
                "item": gap.item.code,
                "description": gap.item.description,
                "lacks": [code.value for code in gap.lacks],
            }
            for catalogue in found
            for gap in catalogue.gaps
        ],
    }


def _as_csv(found: Sequence[ItemGaps]) -> bytes:
    """All items that lack something, with what Exact has of each. The mark at the beginning tells spreadsheets that it is UTF-8."""
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
    rows = (_row(catalogue, gap) for catalogue in found for gap in catalogue.gaps)
    return csv_text(headings, rows, line_end="\r\n").encode("utf-8-sig")


def _row(catalogue: ItemGaps, gap: Gap) -> tuple[str, ...]:
    item, customs = gap.item, catalogue.policy.customs
    weights = ("" if weight is None else str(weight) for weight in (item.gross_weight, item.net_weight))
    return (
        catalogue.division,
        item.code,
        item.description,
        " ".join(gap.lacks),
        item.text(customs.hs_code_field),
        item.text(customs.country_of_origin_field) if customs.country_of_origin_field else "",
        *weights,
    )
