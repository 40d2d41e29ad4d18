"""Reads that have no stored table: the signed-in user, and the divisions."""

from datetime import timedelta

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.rows import StoredRow, StoredValue
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision
from exactsend.sandbox.exact.tokens import Granted
from exactsend.sandbox.exact.wire import wall_time

_ACTIVE = {"system/Divisions": 1, "hrm/Divisions": 0}
"""The status of a division in use at each endpoint; ``hrm`` uses other numbers (docs of 2025)."""


def current_division(world: ExactWorld, granted: Granted) -> SandboxDivision:
    """The division that the user has open in the browser: the first one granted to the app."""
    codes = [code for code in world.divisions if code in granted.divisions]
    if not codes:
        raise ExactRefusal(403, "Forbidden", {"Reason": "NoDivisionAccess: no access to any division"})
    return world.divisions[codes[0]]


def me(world: ExactWorld, granted: Granted) -> StoredRow:
    """The row of ``current/Me``."""
    utc = world.clock()
    now = wall_time(utc, world.behaviour)
    offset = now - utc.replace(tzinfo=None)
    current = current_division(world, granted)
    values: dict[str, StoredValue] = {
        "UserID": world.user.id,
        "UserName": world.user.name,
        "FullName": world.user.name,
        "CurrentDivision": current.code,
        "AccountingDivision": current.code,
        "ServerTime": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "ServerUtcOffset": offset / timedelta(seconds=1),
        "LanguageCode": "nl-NL",
        "Language": "NL",
        "IsOEIMigrationMandatory": False,
    }
    return StoredRow(world.user.id, 1, 1, utc, values)


def granted_divisions(world: ExactWorld, granted: Granted, path: str) -> list[StoredRow] | None:
    """The rows of ``system/Divisions`` and ``hrm/Divisions``: the divisions granted to the app; None for other paths."""
    if path not in _ACTIVE:
        return None
    current = current_division(world, granted)
    return [
        StoredRow(
            str(code),
            position,
            position,
            world.clock(),
            _values(division, _ACTIVE[path], is_current=division is current),
        )
        for position, (code, division) in enumerate(world.divisions.items(), start=1)
        if code in granted.divisions
    ]


def _values(division: SandboxDivision, status: int, *, is_current: bool) -> dict[str, StoredValue]:
    return {
        "Code": division.code,
        "Hid": division.code % 1000,
        "HID": division.code % 1000,
        "Description": division.description,
        "Country": division.country,
        "Currency": division.currency,
        "Legislation": division.country,
        "Status": status,
        "BlockingStatus": division.blocking_status,
        "Current": is_current,
        "DivisionMoveDate": division.moved_at,
        "IsMainDivision": is_current,
        "Main": is_current,
        "IsPracticeDivision": False,
        "IsDossierDivision": False,
    }
