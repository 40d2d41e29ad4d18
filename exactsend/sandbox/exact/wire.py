"""Values as they travel: stored value to JSON and to what a filter compares, JSON body to stored value."""

import base64
import binascii
import re
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.rows import StoredValue
from exactsend.sandbox.exact.structure import FieldStructure
from exactsend.sandbox.json_tree import Json

_T = TypeVar("_T")
Comparable = str | int | float | bool | datetime | None

_DUTCH = ZoneInfo("Europe/Amsterdam")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the wire has no zone
_WHOLE = {"Edm.Int16": 2**15, "Edm.Int32": 2**31, "Edm.Int64": 2**63, "Edm.Byte": 2**8}
_TICKS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_US_DATE = "%m/%d/%Y %H:%M:%S"


def wall_time(value: datetime | date, behaviour: ExactBehaviour) -> datetime:
    """A time or day without a zone, as Exact shows and filters it."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the wire has no zone
    zone = UTC if behaviour.dates_in_utc else _DUTCH
    return value.astimezone(zone).replace(tzinfo=None)


def comparable(value: StoredValue, behaviour: ExactBehaviour) -> Comparable:
    """A stored value as filters and orderings compare it."""
    if isinstance(value, (datetime, date)):
        return wall_time(value, behaviour)
    if isinstance(value, bytes):
        return None
    return value


def as_json_value(field: FieldStructure, value: StoredValue, behaviour: ExactBehaviour) -> Json:
    """A stored value as an answer shows it."""
    if isinstance(value, (datetime, date)):
        return _shown_date(wall_time(value, behaviour), behaviour)
    if isinstance(value, bytes):
        return None  # binaries are downloaded through their Url
    if isinstance(value, bool):
        return int(value) if behaviour.booleans_as_numbers else value
    if isinstance(value, (int, float)):
        as_text = behaviour.int64_as_text if field.type == "Edm.Int64" else behaviour.numbers_as_text
        return str(value) if as_text else value
    if field.name == "ShippingMethodCode" and isinstance(value, str):
        return value.ljust(behaviour.shipping_method_code_width)
    return value


def _shown_date(moment: datetime, behaviour: ExactBehaviour) -> str:
    if behaviour.date_form == "iso":
        return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    since = moment - _EPOCH
    return f"/Date({since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000})/"


def stored_value(field: FieldStructure, sent: Json) -> StoredValue:
    """A value from a request's body, as it is stored.

    Raises:
        ExactRefusal: the value is not of the field's type.
    """
    if sent is None:
        return None
    try:
        return _parsed(field, sent)
    except (ValueError, binascii.Error):
        raise ExactRefusal(
            400, f"Error converting value for property '{field.name}' to {field.type}."
        ) from None


def _parsed(field: FieldStructure, sent: Json) -> StoredValue:
    if field.type == "Edm.Boolean":
        return _of(bool, sent)
    if field.type in _WHOLE:
        whole = _of(int, sent)
        if abs(whole) >= _WHOLE[field.type]:
            raise ValueError(whole)
        return whole
    if field.type == "Edm.Double":
        return float(sent) if isinstance(sent, int) and not isinstance(sent, bool) else _of(float, sent)
    text = _of(str, sent)
    if field.type == "Edm.Guid":
        return str(UUID(text))
    if field.type == "Edm.DateTime":
        return parsed_datetime(text).date()
    if field.type == "Edm.Binary":
        return base64.b64decode(text, validate=True)
    return text


def _of(kind: type[_T], sent: Json) -> _T:
    if type(sent) is not kind:
        raise ValueError(sent)
    return sent


def parsed_datetime(text: str) -> datetime:
    """A date in a form that Exact accepts: ISO without a zone, the US form, or ticks.

    Raises:
        ValueError: it has none of these forms.
    """
    ticks = _TICKS.fullmatch(text)
    if ticks:
        return datetime.fromtimestamp(int(ticks[1]) / 1000, UTC).replace(tzinfo=None)
    if "/" in text:
        return datetime.strptime(text, _US_DATE)  # noqa: DTZ007 - the wire has no zone
    return datetime.fromisoformat(text).replace(tzinfo=None)
