"""The few reads that are no tables: who is signed in, which divisions there are, where a date lies among versions."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from exactsend.sandbox.exact.answers import Refusal
from exactsend.sandbox.exact.behaviour import Behaviour
from exactsend.sandbox.exact.rows import Row, Value
from exactsend.sandbox.exact.state import Division, ExactWorld
from exactsend.sandbox.exact.structure import entities
from exactsend.sandbox.exact.tokens import Granted
from exactsend.sandbox.exact.wire import Json, parsed_datetime, wall_time

_ACTIVE = 1


def current_division(world: ExactWorld, granted: Granted) -> Division:
    """The division that the user has open in the browser: the first that the app may see."""
    codes = [code for code in world.divisions if code in granted.divisions]
    if not codes:
        raise Refusal(403, "Forbidden", {"Reason": "NoDivisionAccess: no access to any division"})
    return world.divisions[codes[0]]


def me(world: ExactWorld, granted: Granted) -> Row:
    """The one row of ``current/Me``."""
    utc = world.clock()
    now = wall_time(utc, world.behaviour)
    offset = now - utc.replace(tzinfo=None)
    current = current_division(world, granted)
    values: dict[str, Value] = {
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
    return Row(world.user.id, 1, 1, utc, values)


def granted_divisions(world: ExactWorld, granted: Granted) -> list[Row]:
    """The rows of ``system/Divisions``: what the user has granted to the app."""
    current = current_division(world, granted)
    return [
        Row(str(code), place, place, world.clock(), _values(division, is_current=division is current))
        for place, (code, division) in enumerate(world.divisions.items(), start=1)
        if code in granted.divisions
    ]


def _values(division: Division, *, is_current: bool) -> dict[str, Value]:
    return {
        "Code": division.code,
        "Hid": division.code % 1000,
        "Description": division.description,
        "Country": division.country,
        "Currency": division.currency,
        "Legislation": division.country,
        "Status": _ACTIVE,
        "BlockingStatus": division.blocking_status,
        "Current": is_current,
        "DivisionMoveDate": division.moved_at,
        "IsMainDivision": is_current,
        "IsPracticeDivision": False,
        "IsDossierDivision": False,
    }


def sync_timestamp(division: Division, options: Mapping[str, str], behaviour: Behaviour) -> Json:
    """The row version that separates what was modified before a date from what was modified since.

    Raises:
        Refusal: a parameter is missing or names no sync endpoint.
    """
    modified = _quoted(options.get("modified", ""), "datetime'")
    endpoint = _quoted(options.get("endPoint", ""), "'")
    entity = next((one for one in entities().values() if one.is_sync and one.name == endpoint), None)
    if entity is None:
        raise Refusal(400, f"Unknown endPoint '{endpoint}'.")
    try:
        since = parsed_datetime(modified)
    except ValueError:
        raise Refusal(400, f"Bad modified '{modified}'.") from None
    boundary = max(
        (row.version for row in division.table(entity.table) if _before(row, since, behaviour)), default=1
    )
    shown = str(boundary) if behaviour.int64_as_text else boundary
    return {"d": [{"Modified": modified, "API": endpoint, "TimeStampAsBigInt": shown}]}


def _before(row: Row, since: datetime, behaviour: Behaviour) -> bool:
    modified = row["Modified"]
    return isinstance(modified, datetime) and wall_time(modified, behaviour) < since


def _quoted(text: str, opening: str) -> str:
    if not (text.startswith(opening) and text.endswith("'")):
        raise Refusal(400, "The parameters modified and endPoint are required.")
    return text[len(opening) : -1]
