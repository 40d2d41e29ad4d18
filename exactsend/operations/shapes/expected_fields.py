"""What the models expect of each field, derived from the models themselves, so nothing is declared twice.

Whether a field may be missing or null, and which values are readable, is found out by trying the model's own reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from exactsend.exact.fields import ANSWERED, NO_RECORD
from exactsend.http import json_values
from exactsend.http.json_values import AtMost, Sometimes


class FieldKind(StrEnum):
    """What a field is expected to hold."""

    TEXT = "text"
    GUID = "guid"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    OBJECT = "object"
    LIST = "list"
    UNREAD = "unread"
    """The program does not read this field, so it expects nothing of it."""


@dataclass(frozen=True)
class Field:
    """What a model expects of a field."""

    kind: FieldKind
    may_be_missing: bool = True
    """A record without it is readable."""
    may_be_null: bool = True
    at_most: int | None = None
    """The longest text in characters; None if not known."""
    inner_model: type[BaseModel] | None = None
    """The model of the object, or of each object in the list; None if the program does not read them."""
    reader: TypeAdapter[Any] | None = None
    is_selected: bool = False
    """The request selected it by name, so every record should have it."""
    is_always_present: bool = True
    """An answer without it in any record is a difference."""

    def reads(self, value: object) -> bool:
        """Whether the model can read a value, other than as missing."""
        if self.reader is None or is_nothing(value):
            return True
        if self.kind is FieldKind.FLAG:
            return json_values.flag(value) is not None
        try:
            found = self.reader.validate_python(value, context=ANSWERED)
        except ValidationError:
            return False
        return not self.may_be_null or bool(found != self._of_null)

    @property
    def _of_null(self) -> object:
        assert self.reader is not None
        return self.reader.validate_python(None, context=ANSWERED)


UNREAD = Field(FieldKind.UNREAD)
FREE_TEXT = Field(FieldKind.TEXT)
"""A field that the configuration names."""


def is_nothing(value: object) -> bool:
    """Whether a value means none: null, an empty text, or the GUID of no record."""
    return value is None or (isinstance(value, str) and value.strip() in ("", NO_RECORD))


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Field]:
    """What a model expects, by the service's field names."""
    return {info.alias or name: _field(info) for name, info in model.model_fields.items()}


def _field(info: FieldInfo) -> Field:
    annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    reader: TypeAdapter[Any] = TypeAdapter(annotated)
    may_be_null = _accepts(reader, None)
    base, inner = _base_of(info.annotation)
    field = Field(
        _KINDS.get(base, FieldKind.OBJECT),
        not info.is_required(),
        may_be_null,
        next((row.characters for row in info.metadata if isinstance(row, AtMost)), None),
        inner,
        reader,
        is_always_present=not any(isinstance(row, Sometimes) for row in info.metadata),
    )
    # A text field that accepts no plain words holds ids.
    is_guid = field.kind is FieldKind.TEXT and not field.reads("words")
    return replace(field, kind=FieldKind.GUID) if is_guid else field


_KINDS: Mapping[object, FieldKind] = {
    str: FieldKind.TEXT,
    int: FieldKind.NUMBER,
    Decimal: FieldKind.NUMBER,
    bool: FieldKind.FLAG,
    datetime: FieldKind.DATE,
    tuple: FieldKind.LIST,
}


def _base_of(annotation: object) -> tuple[object, type[BaseModel] | None]:
    """The type beneath an annotation, and the model inside it."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(row for row in get_args(annotation) if row is not type(None))
    if get_origin(annotation) is tuple:
        return tuple, _model(get_args(annotation)[0])
    return annotation, _model(annotation)


def _model(annotation: object) -> type[BaseModel] | None:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_model else None  # type: ignore[return-value]  # is_model says so


def _accepts(reader: TypeAdapter[Any], value: object) -> bool:
    try:
        reader.validate_python(value, context=ANSWERED)
    except ValidationError:
        return False
    return True
