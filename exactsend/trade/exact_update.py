"""The texts of a shipment for the goods delivery in Exact (S12): tracking number and our line in the remarks.

``engine`` decides when to write them, and whether Exact kept them.
"""

import re
from collections.abc import Sequence

from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.parcels import Parcel
from exactsend.trade.text import clean

SEPARATOR = ", "
"""Separates the tracking numbers of several parcels."""
_LISTED = r"\S+(?:, \S+)*"
_VALUES = {"tracking_url": _LISTED, "tracking_number": _LISTED}
"""The pattern of each placeholder's value, where it is not free text."""
_LINE_ENDS = re.compile(r"(\r\n|\r|\n)")


def tracking_text(shipment: Shipment) -> str:
    """The tracking number field: the numbers of all parcels."""
    return SEPARATOR.join(map(clean, shipment.tracking_numbers))


def cut_to_fit(numbers: Sequence[str], kept: str) -> str:
    """The longest run of whole numbers that Exact kept; empty if it cut the first one."""
    for count in range(len(numbers), 0, -1):
        text = SEPARATOR.join(map(clean, numbers[:count]))
        if kept.startswith(text):
            return text
    return ""


def remarks_with(existing: str, template: str, shipment: Shipment, *, replaced: Sequence[str] = ()) -> str:
    """The delivery's remarks with our line once; all other text stays.

    A line that already names every parcel, by tracking number or URL, suffices, whoever wrote it. Our line (one that
    matches the template) that names only some of them, or a replaced label, is replaced.

    Args:
        existing: the remarks in Exact now.
        template: the configured line, with placeholders.
        shipment: the shipment with its parcels' numbers and URLs.
        replaced: tracking numbers of the labels that this one replaces.
    """
    line, marks = _line(template, shipment), [_marks_of(parcel) for parcel in _tracked(shipment)]
    if not line or not marks:
        return existing
    parts = _LINE_ENDS.split(existing)
    lines = parts[::2]
    if any(all(_names_parcel(existing_line, either) for either in marks) for existing_line in lines):
        return existing
    stale = [mark for either in (*marks, replaced) for mark in either]
    ours = [
        index
        for index, existing_line in enumerate(lines)
        if _matches_template(template, existing_line) and _names_parcel(existing_line, stale)
    ]
    if ours:
        parts[2 * ours[-1]] = line
        return "".join(parts)
    return _appended(existing, line)


def remarks_without(existing: str, template: str, numbers: Sequence[str]) -> str:
    """The delivery's remarks without our lines that name one of these numbers; all other text stays.

    Args:
        existing: the remarks in Exact now.
        template: the configured line, with placeholders.
        numbers: tracking numbers of cancelled labels.
    """
    parts = _LINE_ENDS.split(existing)
    marks = [clean(number) for number in numbers if clean(number)]
    ours = [
        index
        for index, part in enumerate(parts[::2])
        if clean(template) and _matches_template(template, part) and _names_parcel(part, marks)
    ]
    for index in reversed(ours):
        # With the line end before it, which was appended together with the line.
        del parts[max(2 * index - 1, 0) : 2 * index + (1 if index else 2)]
    return "".join(parts)


def _appended(existing: str, line: str) -> str:
    if not existing.strip():
        return line
    line_end = "\r\n" if "\r\n" in existing else "\n"
    return existing + ("" if existing.endswith(("\r", "\n")) else line_end) + line


def _line(template: str, shipment: Shipment) -> str:
    """The filled-in template on one line. A parcel without a tracking page is named by its number."""
    parcels = _tracked(shipment)
    values = {
        "tracking_url": SEPARATOR.join(
            clean(parcel.tracking_url or parcel.tracking_number) for parcel in parcels
        ),
        "tracking_number": tracking_text(shipment),
        "carrier": clean(shipment.carrier.name or shipment.carrier.code) if shipment.carrier else "",
    }
    return clean(re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template))


def _tracked(shipment: Shipment) -> list[Parcel]:
    return [parcel for parcel in shipment.parcels if clean(parcel.tracking_number)]


def _marks_of(parcel: Parcel) -> tuple[str, ...]:
    """What a line can name this parcel by."""
    return tuple(mark for mark in (clean(parcel.tracking_number), clean(parcel.tracking_url)) if mark)


def _names_parcel(line: str, marks: Sequence[str]) -> bool:
    """Whether one of the marks is in the line as a whole, not as part of a longer number."""
    return any(re.search(rf"(?<![^\W_]){re.escape(mark)}(?![^\W_])", line) for mark in marks)


def _matches_template(template: str, line: str) -> bool:
    """Whether the line matches the template with any values."""
    parts = re.split(r"\{(\w+)\}", clean(template))
    fixed = [_VALUES.get(part, ".*") if index % 2 else re.escape(part) for index, part in enumerate(parts)]
    return re.fullmatch("".join(fixed), clean(line)) is not None
