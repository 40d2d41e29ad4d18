"""Writes: checks a body against the structure and changes the rows.

A malformed body (an unknown property, a value of another type) is refused with 400. A body that breaks a business rule
is refused with 500 and a sentence, as users of clients have quoted it ("Invalid: Email []", "Verplicht: Serie"),
read 2026-11-30.

Generic for every entity whose rows do not depend on others. ``office`` makes sales orders and deliveries; a POST of
them is refused with 501.
"""

from collections.abc import Mapping

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.rows import StoredRow, StoredValue
from exactsend.sandbox.exact.state import SandboxDivision
from exactsend.sandbox.exact.structure import EntityStructure, FieldStructure
from exactsend.sandbox.exact.wire import stored_value
from exactsend.sandbox.json_tree import Json

_WRITABLE_TABLES = frozenset(
    {"Accounts", "Addresses", "Contacts", "Documents", "DocumentAttachments", "Items"}
)
_REFERS_TO = {
    ("Documents", "Account"): "Accounts",
    ("Documents", "Type"): "DocumentTypes",
    ("DocumentAttachments", "Document"): "Documents",
    ("GoodsDeliveries", "Document"): "Documents",
    ("Addresses", "Account"): "Accounts",
    ("Contacts", "Account"): "Accounts",
}
_MAX_BINARY = 10_000_000


def create(
    division: SandboxDivision, entity: EntityStructure, body: Json, behaviour: ExactBehaviour
) -> StoredRow:
    """Store a new row, for a POST.

    Raises:
        ExactRefusal: 400, for a malformed body; 500, for a missing mandatory field, an invalid reference, a type of
            document that can't be created, or an attachment that is too large; 501, when it is not simulated.
    """
    if entity.table == "GoodsDeliveryLines":
        raise ExactRefusal(403, "Goods delivery lines can not be created on their own.")
    if entity.table not in _WRITABLE_TABLES:
        raise ExactRefusal(501, f"The sandbox does not simulate POST {entity.path}.")
    values = _checked(division, entity, body, behaviour, new=True)
    missing = [field.name for field in entity.fields.values() if field.mandatory and _is_empty(values, field)]
    if missing:
        raise ExactRefusal(500, f"Mandatory: {', '.join(missing)}")
    _check_creatable(division, entity, values)
    return division.add(entity.table, values)


def update(
    division: SandboxDivision, entity: EntityStructure, row: StoredRow, body: Json, behaviour: ExactBehaviour
) -> None:
    """Change the fields that are sent, for a PUT.

    Raises:
        ExactRefusal: 400, for a malformed body; 500, for an invalid reference.
    """
    values = _checked(division, entity, body, behaviour, new=False)
    _truncate(values, "TrackingNumber", behaviour.tracking_number_length)
    _truncate(values, "Remarks", behaviour.remarks_length)
    for name in values.keys() & {field.name for field in entity.fields.values() if field.is_collection}:
        del values[name]
    division.change(entity.table, row, values)
    if entity.table == "GoodsDeliveries":
        _update_lines(division, entity, row, body, behaviour)


def delete(division: SandboxDivision, entity: EntityStructure, row: StoredRow) -> None:
    """Delete a row, for a DELETE.

    Raises:
        ExactRefusal: 501, when it is not simulated.
    """
    if entity.table not in _WRITABLE_TABLES:
        raise ExactRefusal(501, f"The sandbox does not simulate DELETE {entity.path}.")
    division.remove(entity.table, row)


def _update_lines(
    division: SandboxDivision, entity: EntityStructure, row: StoredRow, body: Json, behaviour: ExactBehaviour
) -> None:
    lines = division.table("GoodsDeliveryLines")
    sent = body.get("GoodsDeliveryLines") if isinstance(body, dict) else None
    linked = entity.linked_entity("GoodsDeliveryLines")
    for changes in sent if isinstance(sent, list) and linked else []:
        key = changes.get("ID") if isinstance(changes, dict) else None
        line = lines.get(key if isinstance(key, str) else None)
        if line is None or line["EntryID"] != row.key or linked is None:
            raise ExactRefusal(500, f"Invalid: Goods delivery line [{key}]")
        division.change(lines.name, line, _checked(division, linked, changes, behaviour, new=False))
    if behaviour.header_change_moves_lines:
        for line in lines.find("EntryID", row.key):
            division.touch(lines.name, line)


def _checked(
    division: SandboxDivision, entity: EntityStructure, body: Json, behaviour: ExactBehaviour, *, new: bool
) -> dict[str, StoredValue]:
    if not isinstance(body, dict):
        raise ExactRefusal(400, "The body is not a JSON object.")
    values: dict[str, StoredValue] = {}
    for name, sent in body.items():
        field = entity.fields.get(name)
        if field is None:
            raise ExactRefusal(
                400,
                f"The property '{name}' does not exist on type '{entity.name}'. Make sure to only use property names that are defined by the type.",
            )
        if name == entity.key or field.is_collection:
            continue
        value = stored_value(field, sent)
        if _may_write(field, behaviour, new=new):
            values[name] = value
    _check_references(division, entity, values)
    return values


def _may_write(field: FieldStructure, behaviour: ExactBehaviour, *, new: bool) -> bool:
    allowed = field.post if new else field.put
    if not allowed and behaviour.read_only_fields_refused:
        raise ExactRefusal(500, f"Not allowed to update: {field.name}")
    return allowed


def _check_references(
    division: SandboxDivision, entity: EntityStructure, values: Mapping[str, StoredValue]
) -> None:
    for name, value in values.items():
        table = _REFERS_TO.get((entity.table, name))
        if table is not None and value is not None and division.table(table).get(value) is None:
            raise ExactRefusal(500, f"Invalid: {name} [{value!s}]")


def _check_creatable(
    division: SandboxDivision, entity: EntityStructure, values: Mapping[str, StoredValue]
) -> None:
    content = values.get("Attachment")
    if isinstance(content, bytes) and len(content) > _MAX_BINARY:
        raise ExactRefusal(500, "Invalid: Attachment [larger than 10 MB]")
    if entity.table == "Documents":
        kind = division.table("DocumentTypes").get(values.get("Type"))
        if kind is not None and not kind["DocumentIsCreatable"]:
            raise ExactRefusal(500, f"Invalid: Type [{values.get('Type')!s}]")


def _is_empty(values: Mapping[str, StoredValue], field: FieldStructure) -> bool:
    return values.get(field.name) in (None, "", b"")


def _truncate(values: dict[str, StoredValue], name: str, length: int | None) -> None:
    text = values.get(name)
    if length is not None and isinstance(text, str):
        values[name] = text[:length]
