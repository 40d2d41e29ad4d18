"""``read/sync/Sync/SyncTimestamp``: the row version at which a sync endpoint is first read.

Source: Exact, REST API reference, Sync/SyncTimestamp, read 2026-11-30. It gives the row version of the first row that
was modified at or after a moment, and takes a listed endPoint only. The page does not say what it answers for another
name, or when no row is that new: ``behaviour`` has switches for both.
"""

from collections.abc import Mapping
from datetime import datetime

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.rows import StoredRow
from exactsend.sandbox.exact.state import SandboxDivision
from exactsend.sandbox.exact.structure import EntityStructure, entities
from exactsend.sandbox.exact.wire import as_json_value, parsed_datetime, wall_time
from exactsend.sandbox.json_tree import Json

PATH = "read/sync/Sync/SyncTimestamp"

LISTED = frozenset(
    {
        "BillOfMaterialMaterials",
        "BillOfMaterialVersions",
        "GoodsDeliveries",
        "GoodsDeliveryLines",
        "ItemStorageLocations",
        "MaterialIssues",
        "ProjectPlanning",
        "ProjectWBS",
        "Projects",
        "PurchaseOrders",
        "QuotationHeaders",
        "QuotationLines",
        "SalesInvoices",
        "SalesOrderHeaders",
        "SalesOrderLines",
        "ShopOrderMaterialPlans",
        "ShopOrderPurchasePlanning",
        "ShopOrderRoutingStepPlans",
        "ShopOrderSubOrders",
        "ShopOrders",
        "SubscriptionLines",
        "Subscriptions",
        "TimeCostTransactions",
        "TransactionLines",
    }
)
"""The endPoints that the page lists. Accounts, Contacts, Addresses, Items and Deleted are not among them."""


def sync_timestamp(
    division: SandboxDivision, options: Mapping[str, str], behaviour: ExactBehaviour, now: datetime
) -> list[Json]:
    """The rows of the answer: one with the row version, or what ``behaviour`` chooses when there is none.

    Raises:
        ExactRefusal: 400, for a missing or malformed parameter, or an endPoint that is not listed.
    """
    since = _moment(_quoted(options.get("modified", ""), "datetime'"))
    endpoint = _quoted(options.get("endPoint", ""), "'")
    entity = next(
        (candidate for candidate in entities().values() if candidate.is_sync and candidate.name == endpoint),
        None,
    )
    if endpoint not in LISTED:
        if behaviour.sync_timestamp_of_unlisted == "empty":
            return []
        if behaviour.sync_timestamp_of_unlisted == "refused" or entity is None:
            raise ExactRefusal(400, f"The value '{endpoint}' of the parameter endPoint is not supported.")
    first = None if entity is None else _first_since(division, entity, since, behaviour, now)
    if first is None and behaviour.sync_timestamp_of_none == "empty":
        return []
    return [_row(endpoint, first, behaviour)]


def _first_since(
    division: SandboxDivision,
    entity: EntityStructure,
    since: datetime,
    behaviour: ExactBehaviour,
    now: datetime,
) -> StoredRow | None:
    """The visible row with the lowest version that was modified at or after this time."""
    visible = [
        row for row in division.table(entity.table) if row.changed_at <= now - behaviour.rows_visible_after
    ]
    return min(
        (row for row in visible if _is_since(row, since, behaviour)),
        key=lambda row: row.version,
        default=None,
    )


def _is_since(row: StoredRow, since: datetime, behaviour: ExactBehaviour) -> bool:
    modified = row["Modified"]
    return isinstance(modified, datetime) and wall_time(modified, behaviour) >= since


def _row(endpoint: str, first: StoredRow | None, behaviour: ExactBehaviour) -> Json:
    fields = entities()[PATH].fields
    modified, version = (first["Modified"], first.version) if first else (None, None)
    return {
        "Modified": as_json_value(fields["Modified"], modified, behaviour),
        "API": endpoint,
        "TimeStampAsBigInt": as_json_value(fields["TimeStampAsBigInt"], version, behaviour),
    }


def _moment(text: str) -> datetime:
    try:
        return parsed_datetime(text)
    except ValueError:
        raise ExactRefusal(400, f"Unrecognized 'datetime' literal {text}.") from None


def _quoted(text: str, opening: str) -> str:
    if not (text.startswith(opening) and text.endswith("'") and len(text) > len(opening)):
        raise ExactRefusal(400, "The parameters modified and endPoint are required.")
    return text[len(opening) : -1]
