"""The text fields of Exact's sales orders and items, for the settings that name one. Names only; reads nothing.

Source: Exact, REST API reference of SalesOrders and Items: the fields of type Edm.String.
"""

import difflib
from collections.abc import Callable

ORDER_TEXT_FIELDS = frozenset(
    """
    ApprovalStatusDescription ApproverFullName CreatorFullName Currency CustomField
    DeliverToContactPersonFullName DeliverToName DeliveryStatusDescription Description DocumentSubject
    IncotermAddress IncotermCode InvoiceStatusDescription InvoiceToContactPersonFullName InvoiceToName
    ModifierFullName OrderedByContactPersonFullName OrderedByName PaymentCondition
    PaymentConditionDescription PaymentReference Remarks SalesChannelCode SalesChannelDescription
    SalespersonFullName SelectionCodeCode SelectionCodeDescription ShippingMethodDescription
    StatusDescription TaxScheduleCode TaxScheduleDescription WarehouseCode WarehouseDescription YourRef
    """.split()  # noqa: SIM905 - six lines instead of sixty
)
ITEM_TEXT_FIELDS = frozenset(
    """
    Barcode Class_01 Class_02 Class_03 Class_04 Class_05 Class_06 Class_07 Class_08 Class_09 Class_10
    Code CostPriceCurrency CreatorFullName CustomField Description ExtraDescription FreeTextField_01
    FreeTextField_02 FreeTextField_03 FreeTextField_04 FreeTextField_05 FreeTextField_06
    FreeTextField_07 FreeTextField_08 FreeTextField_09 FreeTextField_10 GLCostsCode GLCostsDescription
    GLCostsWorkInProgressCode GLCostsWorkInProgressDescription GLRevenueCode GLRevenueDescription
    GLRevenueWorkInProgressCode GLRevenueWorkInProgressDescription GLStockCode GLStockDescription
    ItemGroupCode ItemGroupDescription ModifierFullName NetWeightUnit Notes PictureName
    PictureThumbnailUrl PictureUrl SalesVatCode SalesVatCodeDescription SearchCode StatisticalCode Unit
    UnitDescription UnitType
    """.split()  # noqa: SIM905 - six lines instead of sixty
)


def text_field(known: frozenset[str], of: str, example: str) -> Callable[[str], str]:
    """A validator for the name of a text field.

    Args:
        known: the names in Exact's spelling.
        of: the resource with these fields, as Exact names it.
        example: a common field, suggested if no known name is similar.
    """

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"names no text field that {of} has in Exact; {_advice(name, known, example)}")
        return name

    return check


def _advice(name: str, known: frozenset[str], example: str) -> str:
    """Suggest the nearest name, whatever its case."""
    spelled = {field.casefold(): field for field in known}
    near = difflib.get_close_matches(name.casefold(), sorted(spelled), n=1, cutoff=0.6)
    return f"did you mean {spelled[near[0]]}?" if near else f"use one such as {example}"
