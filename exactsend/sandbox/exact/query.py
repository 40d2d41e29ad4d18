"""The query options of a read, parsed and checked against the entity. ``reads`` finds the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exactsend.sandbox.exact import filters
from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.conditions import Condition
from exactsend.sandbox.exact.refusals import Refusals
from exactsend.sandbox.exact.structure import EntityStructure, FieldStructure

_OPTIONS = frozenset({"$select", "$filter", "$expand", "$orderby", "$top", "$inlinecount", "$skiptoken"})


@dataclass(frozen=True, kw_only=True)
class Query:
    """The parsed query options."""

    select: tuple[str, ...]
    """Fields and collections, in the order of the answer."""
    expand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Collection -> fields of its rows."""
    filter: Condition | None = None
    orderby: tuple[tuple[str, bool], ...] = ()
    """Fields, each with whether the order is descending."""
    top: int | None = None
    count: bool = False
    skiptoken: int | None = None


def parse(
    options: Mapping[str, str],
    entity: EntityStructure,
    behaviour: ExactBehaviour,
    refusals: Refusals,
    *,
    by_key: bool = False,
) -> Query:
    """The checked query. A read by key needs no filter and accepts only ``$select`` and ``$expand``.

    Raises:
        ExactRefusal: 400, when Exact would refuse it.
    """
    _check_options(options)
    expand = _expanded(options, entity, refusals)
    query = Query(
        select=_selected(options, entity, behaviour, refusals, expand),
        expand=expand,
        filter=filters.parse(options["$filter"], entity) if "$filter" in options else None,
        orderby=_orderby(options.get("$orderby", ""), entity),
        top=_whole_number(options, "$top"),
        count=options.get("$inlinecount") == "allpages",
        skiptoken=_whole_number(options, "$skiptoken"),
    )
    if query.filter is not None:
        refusals.check_filter(entity, query.filter.fields)
    if not by_key:
        _check_filter(query.filter, entity)
    return query


def _check_options(options: Mapping[str, str]) -> None:
    if "$skip" in options:
        raise ExactRefusal(400, "The query parameter '$skip' is not supported.")
    for name in options:
        if name.startswith("$") and name not in _OPTIONS:
            raise ExactRefusal(
                400, f"The query parameter '{name}' begins with a system-reserved '$' character."
            )
    if options.get("$inlinecount", "allpages") not in ("allpages", "none"):
        raise ExactRefusal(400, "Unknown $inlinecount option, only 'allpages' and 'none' are supported.")


def _names(options: Mapping[str, str], option: str) -> list[str]:
    return [name.strip() for name in options.get(option, "").split(",") if name.strip()]


def _selected(
    options: Mapping[str, str],
    entity: EntityStructure,
    behaviour: ExactBehaviour,
    refusals: Refusals,
    expand: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    names = _names(options, "$select")
    deliveries = entity.path == "salesorder/GoodsDeliveries" and behaviour.deliveries_need_select
    if not names and (entity.select_mandatory or deliveries):
        raise ExactRefusal(400, "The $select option is mandatory for this endpoint.")
    if "*" in names and not entity.select_star:
        raise ExactRefusal(400, "$select=* is not allowed for this endpoint.")
    if not names or "*" in names:
        return _all_fields(entity, refusals)
    own = dict.fromkeys(name.split("/")[0] for name in names)
    for name in own:
        _known_field(entity, name)
        refusals.check_field(entity, name)
    nested = {name.split("/")[0] for name in names if "/" in name}
    if not nested <= expand.keys():
        raise ExactRefusal(400, "Only expanded properties can be selected below a navigation property.")
    return tuple(own)


def _all_fields(entity: EntityStructure, refusals: Refusals) -> tuple[str, ...]:
    return tuple(name for name in entity.fields if not refusals.lacks(entity, name))


def _expanded(
    options: Mapping[str, str], entity: EntityStructure, refusals: Refusals
) -> dict[str, tuple[str, ...]]:
    selected = _names(options, "$select")
    expanded: dict[str, tuple[str, ...]] = {}
    for name in _names(options, "$expand"):
        if "/" in name or not _known_field(entity, name).is_collection:
            raise ExactRefusal(400, f"'{name}' can not be expanded: one level of collections only.")
        linked = entity.linked_entity(name)
        if linked is None:
            expanded[name] = ()
            continue
        fields = [choice.split("/")[1] for choice in selected if choice.startswith(f"{name}/")]
        for field_name in fields:
            _known_field(linked, field_name)
            refusals.check_field(linked, field_name)
        expanded[name] = tuple(fields) or _all_fields(linked, refusals)
    return expanded


def _known_field(entity: EntityStructure, name: str) -> FieldStructure:
    found = entity.fields.get(name)
    if found is None:
        raise ExactRefusal(400, f"Could not find a property named '{name}' on type '{entity.name}'.")
    return found


def _orderby(text: str, entity: EntityStructure) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, direction = part.partition(" ")
        if _known_field(entity, name).is_collection or direction.strip() not in ("", "asc", "desc"):
            raise ExactRefusal(400, f"Syntax error in $orderby: {part}.")
        order.append((name, direction.strip() == "desc"))
    return tuple(order)


def _whole_number(options: Mapping[str, str], option: str) -> int | None:
    text = options.get(option)
    if text is None:
        return None
    if not text.removesuffix("L").isdigit():
        raise ExactRefusal(400, f"Incorrect format for {option} argument '{text}'.")
    return int(text.removesuffix("L"))


def _check_filter(condition: Condition | None, entity: EntityStructure) -> None:
    used = condition.fields if condition else frozenset[str]()
    mandatory = entity.mandatory_filters
    if mandatory and not used & mandatory:
        raise ExactRefusal(
            400,
            "A GET request for this endpoint must have a $filter parameter with one of the following fields: "
            + ", ".join(sorted(mandatory)),
        )
    if entity.only_filters and not used <= entity.only_filters:
        others = ", ".join(sorted(used - entity.only_filters))
        raise ExactRefusal(400, f"Filtering on these fields is not supported: {others}")
    if entity.is_sync and condition is not None:
        _check_sync_filter(condition)


def _check_sync_filter(condition: Condition) -> None:
    """Only ``Timestamp gt n``, and on sync/Deleted also ``EntityType eq n``."""
    stated = [statement and (statement.field, statement.relation) for statement in condition.statements]
    allowed = {("Timestamp", "gt"), ("EntityType", "eq")}
    if not set(stated) <= allowed or len(set(stated)) != len(stated):
        raise ExactRefusal(400, "The only filter for a sync endpoint is: Timestamp gt <value>L.")
