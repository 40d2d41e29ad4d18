"""Writes: checks a body against the structure and changes the rows.

A body that is malformed (an unknown property, a value of another type) is refused with 400. What breaks a rule of
business is refused with 500 and a sentence, as users of clients quoted it ("Invalid: Email []", "Verplicht: Serie"),
read 2026-11-30.

Generic for every entity whose rows stand on their own. Sales orders and deliveries are made in ``office``; a POST of
them is not simulated and says so.
"""

from collections.abc import Mapping

from exactsend.sandbox.exact.answers import Refusal
from exactsend.sandbox.exact.behaviour import Behaviour
from exactsend.sandbox.exact.rows import Row, Value
from exactsend.sandbox.exact.state import Division
from exactsend.sandbox.exact.structure import Entity, Field
from exactsend.sandbox.exact.wire import Json, stored_value

_POSTED_ALONE = frozenset({"Accounts", "Addresses", "Contacts", "Documents", "DocumentAttachments", "Items"})
_REFERS_TO = {
    ("Documents", "Account"): "Accounts",
    ("Documents", "Type"): "DocumentTypes",
    ("DocumentAttachments", "Document"): "Documents",
    ("GoodsDeliveries", "Document"): "Documents",
    ("Addresses", "Account"): "Accounts",
    ("Contacts", "Account"): "Accounts",
}
_MAX_BINARY = 10_000_000


def create(division: Division, entity: Entity, body: Json, behaviour: Behaviour) -> Row:
    """Store a new row as a POST asks for.

    Raises:
        Refusal: 400, for a malformed body; 500, for something mandatory missing, a reference to nothing, a type of
            document that can't be made, or an attachment that is too large; 501, for what is not simulated.
    """
    if entity.table == "GoodsDeliveryLines":
        raise Refusal(403, "Goods delivery lines can not be created on their own.")
    if entity.table not in _POSTED_ALONE:
        raise Refusal(501, f"The sandbox does not simulate POST {entity.path}.")
    values = _checked(division, entity, body, behaviour, new=True)
    missing = [field.name for field in entity.fields.values() if field.mandatory and _empty(values, field)]
    if missing:
        raise Refusal(500, f"Mandatory: {', '.join(missing)}")
    _check_creatable(division, entity, values)
    return division.add(entity.table, values)


def update(division: Division, entity: Entity, row: Row, body: Json, behaviour: Behaviour) -> None:
    """Change a row as a PUT asks for: what is sent is replaced whole, the rest stays.

    Raises:
        Refusal: 400, for a malformed body; 500, for a reference to nothing.
    """
    values = _checked(division, entity, body, behaviour, new=False)
    _cut(values, "TrackingNumber", behaviour.tracking_number_length)
    _cut(values, "Remarks", behaviour.remarks_length)
    for name in values.keys() & {field.name for field in entity.fields.values() if field.is_collection}:
        del values[name]
    division.change(entity.table, row, values)
    if entity.table == "GoodsDeliveries":
        _update_lines(division, entity, row, body, behaviour)


def delete(division: Division, entity: Entity, row: Row) -> None:
    """Delete a row as a DELETE asks for.

    Raises:
        Refusal: not simulated.
    """
    if entity.table not in _POSTED_ALONE:
        raise Refusal(501, f"The sandbox does not simulate DELETE {entity.path}.")
    division.remove(entity.table, row)


def _update_lines(division: Division, entity: Entity, row: Row, body: Json, behaviour: Behaviour) -> None:
    lines = division.table("GoodsDeliveryLines")
    sent = body.get("GoodsDeliveryLines") if isinstance(body, dict) else None
    linked = entity.linked_entity("GoodsDeliveryLines")
    for changes in sent if isinstance(sent, list) and linked else []:
        key = changes.get("ID") if isinstance(changes, dict) else None
        line = lines.get(key if isinstance(key, str) else None)
        if line is None or line["EntryID"] != row.key or linked is None:
            raise Refusal(500, f"Invalid: Goods delivery line [{key}]")
        division.change(lines.name, line, _checked(division, linked, changes, behaviour, new=False))
    if behaviour.header_change_moves_lines:
        for line in lines.find("EntryID", row.key):
            division.touch(lines.name, line)


def _checked(
    division: Division, entity: Entity, body: Json, behaviour: Behaviour, *, new: bool
) -> dict[str, Value]:
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not a JSON object.")
    values: dict[str, Value] = {}
    for name, sent in body.items():
        field = entity.fields.get(name)
        if field is None:
            raise Refusal(
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


def _may_write(field: Field, behaviour: Behaviour, *, new: bool) -> bool:
    allowed = field.post if new else field.put
    if not allowed and behaviour.read_only_fields_refused:
        raise Refusal(500, f"Not allowed to update: {field.name}")
    return allowed


def _check_references(division: Division, entity: Entity, values: Mapping[str, Value]) -> None:
    for name, value in values.items():
        table = _REFERS_TO.get((entity.table, name))
        if table is not None and value is not None and division.table(table).get(value) is None:
            raise Refusal(500, f"Invalid: {name} [{value!s}]")


def _check_creatable(division: Division, entity: Entity, values: Mapping[str, Value]) -> None:
    content = values.get("Attachment")
    if isinstance(content, bytes) and len(content) > _MAX_BINARY:
        raise Refusal(500, "Invalid: Attachment [larger than 10 MB]")
    if entity.table == "Documents":
        kind = division.table("DocumentTypes").get(values.get("Type"))
        if kind is not None and not kind["DocumentIsCreatable"]:
            raise Refusal(500, f"Invalid: Type [{values.get('Type')!s}]")


def _empty(values: Mapping[str, Value], field: Field) -> bool:
    return values.get(field.name) in (None, "", b"")


def _cut(values: dict[str, Value], name: str, length: int | None) -> None:
    text = values.get(name)
    if length is not None and isinstance(text, str):
        values[name] = text[:length]
