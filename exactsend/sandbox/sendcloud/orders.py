"""The Orders API: create or update orders in batches; read, patch and delete single ones.

An order only waits for a label here; the Shipments API makes the label.
"""

from collections.abc import Iterator
from dataclasses import replace

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, JsonObject, at, object_at, objects_at, text, whole_number
from exactsend.sandbox.sendcloud.answers import order_answer, order_receipt
from exactsend.sandbox.sendcloud.call import ApiCall, answer_data
from exactsend.sandbox.sendcloud.records import Order
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, invalid, not_found
from exactsend.sandbox.sendcloud.structure import StructureProblem, problems
from exactsend.sandbox.sendcloud.world import SendcloudWorld

_MAX_ORDERS = 100
_NOT_FOUND = "The order could not be found with the search criteria given"


def post_orders(call: ApiCall) -> Response:
    """Create or update all orders of a batch, or refuse the whole batch."""
    bodies = _batch(call.body())
    errors = [*_form_errors(call.world, bodies), *_content_errors(call, bodies)]
    if errors:
        raise SendcloudRefusal(400, *errors)
    return answer_data([order_receipt(_upsert(call.world, body)) for body in bodies], 201)


def _batch(body: Json) -> list[JsonObject]:
    if not isinstance(body, list) or not all(isinstance(entry, dict) for entry in body):
        raise SendcloudRefusal(
            400, error(400, "non_field_errors", "Wrong request format, expected list of objects")
        )
    if len(body) > _MAX_ORDERS:
        raise invalid(
            f"Orders list should have at most {_MAX_ORDERS} items, not {len(body)}", "/data/attributes/"
        )
    return [entry for entry in body if isinstance(entry, dict)]


def _form_errors(world: SendcloudWorld, bodies: list[JsonObject]) -> list[JsonObject]:
    found = problems("POST /orders", bodies, strict=world.behaviour.unknown_fields_refused)
    if not world.behaviour.strict_currencies:
        found = [p for p in found if not (p.pointer.endswith("/currency") and p.code == "invalid_choice")]
    return [error(400, "invalid", problem.message, pointer=_pointer(problem)) for problem in found]


def _pointer(problem: StructureProblem) -> str:
    """The pointer of a problem; only the index of the order is in brackets."""
    _, index, *rest = problem.pointer.split("/")
    return "/".join([f"/data/attributes/[{index}]", *rest])


def _content_errors(call: ApiCall, bodies: list[JsonObject]) -> Iterator[JsonObject]:
    for index, body in enumerate(bodies):
        pointer = f"/data/attributes/[{index}]"
        integration_id = whole_number(body, "order_details", "integration", "id")
        if integration_id is not None and call.account.integration(integration_id) is None:
            detail = f"Integration with id {integration_id} does not exist"
            yield error(400, "invalid", detail, pointer=f"{pointer}/order_details/integration/id")
        else:
            yield from _update_errors(call, body, pointer)


def _update_errors(call: ApiCall, body: JsonObject, pointer: str) -> Iterator[JsonObject]:
    """Errors that result from the order as it was sent before."""
    known = _known(call.world, body)
    if known is None or call.account.integration(known.integration_id) is None:
        if text(body, "id"):
            yield error(
                400, "invalid", f"Order with id {text(body, 'id')} does not exist", pointer=f"{pointer}/id"
            )
        return
    if known.visible_at > call.world.clock():
        detail = "We are still processing a previous request. Please try again in a moment."
        yield error(400, "invalid", detail, pointer="/data")
    if known.order_id != text(body, "order_id"):
        detail = f"Order id {known.order_id} cannot be changed"
        yield error(400, "invalid", detail, pointer=f"{pointer}/order_id")
    if known.is_shipped and call.world.behaviour.shipped_order_upsert == "refused":
        yield error(400, "invalid", "A shipped order cannot be changed", pointer=pointer)


def _known(world: SendcloudWorld, body: JsonObject) -> Order | None:
    """The existing order, by Sendcloud's id if it is given, otherwise by the shop's."""
    if pk := text(body, "id"):
        return world.order(int(pk)) if pk.isdigit() else None
    return world.accepted_order(
        (whole_number(body, "order_details", "integration", "id") or 0, text(body, "order_id"))
    )


def _upsert(world: SendcloudWorld, body: JsonObject) -> Order:
    known = _known(world, body)
    recreates = world.behaviour.shipped_order_upsert == "recreates"
    if known is None or known.is_gone or (known.is_shipped and recreates):
        return _create(world, body)
    if not world.behaviour.shorter_item_list_replaces:
        body = _with_missing_items(body, known.body)
    return _change(world, known, body)


def _create(world: SendcloudWorld, body: JsonObject) -> Order:
    now = world.clock()
    visible = now + world.behaviour.orders_saved_after
    pk = 752_000_000 + world.next_number()
    order = Order(pk=pk, body=_storable(body), created_at=now, modified_at=now, visible_at=visible)
    world.save_order(order)
    return order


def _change(world: SendcloudWorld, known: Order, body: JsonObject) -> Order:
    now = world.clock()
    visible = now + world.behaviour.orders_saved_after
    order = replace(known, body=_storable(body), modified_at=now, visible_at=visible)
    world.save_order(order)
    return order


def _storable(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name not in ("id", "created_at", "modified_at")}


def _with_missing_items(body: JsonObject, before: JsonObject) -> JsonObject:
    sent = objects_at(body, "order_details", "order_items")
    names = {text(item, "item_id") or text(item, "name") for item in sent}
    missing = [
        item
        for item in objects_at(before, "order_details", "order_items")
        if (text(item, "item_id") or text(item, "name")) not in names
    ]
    return {**body, "order_details": {**object_at(body, "order_details"), "order_items": [*sent, *missing]}}


def get_order(call: ApiCall, pk: int) -> Response:
    """Read an order by Sendcloud's id."""
    return answer_data(order_answer(_own_order(call, pk, _NOT_FOUND)))


def delete_order(call: ApiCall, pk: int) -> Response:
    """Delete an order; one that is not saved yet is not found."""
    _own_order(call, pk, _NOT_FOUND)
    call.world.drop_order(pk)
    return Response(status=204)


def patch_order(call: ApiCall, pk: int) -> Response:
    """Change the given fields; items are matched by name and cannot be added."""
    order = _own_order(call, pk, "Could not find specified item.")
    changes = object_at(call.body())
    found = problems("PATCH /orders/{id}", changes)
    if found:
        raise SendcloudRefusal(
            400, *(error(400, "invalid", p.message, pointer=f"/data/attributes{p.pointer}") for p in found)
        )
    if text(changes, "order_id") not in ("", order.order_id):
        raise invalid(f"Order id {order.order_id} cannot be changed", "/data/attributes/order_id")
    return answer_data(order_receipt(_change(call.world, order, _patched(order.body, changes))))


def _own_order(call: ApiCall, pk: int, detail: str) -> Order:
    order = call.world.order(pk)
    if order is None or call.account.integration(order.integration_id) is None:
        raise not_found(detail)
    return order


def _patched(body: JsonObject, changes: JsonObject) -> JsonObject:
    result = dict(body)
    for name, value in changes.items():
        if name == "order_items":
            result[name] = _patched_items(objects_at(body, name), objects_at(changes, name))
        elif name == "phone":
            result["phone_number"] = value
        elif isinstance(value, dict):
            result[name] = _patched(object_at(body, name), value)
        else:
            result[name] = value
    return result


def _patched_items(items: list[JsonObject], changes: list[JsonObject]) -> list[Json]:
    if {text(change, "name") for change in changes} - {text(item, "name") for item in items}:
        raise invalid("Could not find specified item.", "order/order_details/order_items")
    by_name = {text(change, "name"): change for change in changes}
    return [
        _patched(item, by_name.get(text(item, "name"), {})) for item in items if at(item, "name") is not None
    ]
