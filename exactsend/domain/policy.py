"""The operator's decisions for one division: the configuration's tables as frozen values.

Says what each setting means, its default and its valid values. ``settings`` reads files, merges defaults and names
mistakes, so a validator's message is a predicate that follows the dotted key ("… must be 6 to 12 digits").
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from exactsend.domain.exact_fields import ITEM_TEXT_FIELDS, ORDER_TEXT_FIELDS, text_field
from exactsend.domain.patterns import require_pattern

NO_SHIPPING = "none"
"""A shipping method mapped to this is collected or transported otherwise: no incoming order, no label."""

CONTRADICTION = "contradiction"
"""The error type of ``contradiction``, with ``key`` and ``sentence`` in its context."""


def contradiction(key: str, sentence: str) -> PydanticCustomError:
    """The error for a table whose settings are each valid but contradict each other.

    Args:
        key: the setting to change, dotted, relative to the table.
        sentence: a predicate that follows the key.
    """
    return PydanticCustomError(CONTRADICTION, "{sentence}", {"key": key, "sentence": sentence})


def _country(code: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code):
        raise ValueError("must be the two capital letters of a country, such as NL")
    return code


def _hs_code(code: str) -> str:
    if not re.fullmatch("[0-9]{6,12}", code):
        raise ValueError("must be 6 to 12 digits without dots or spaces")
    return code


def _email_source(source: str) -> str:
    if source not in {"account", "contact"} and not re.fullmatch(r"[^@\s]+@[^@\s]+", source):
        raise ValueError("must be account, contact or an e-mail address")
    return source


def _phone_source(source: str) -> str:
    if source not in {"account", "contact", "delivery_address"} and not re.fullmatch(
        r"\+?[\d ()./-]{4,}", source
    ):
        raise ValueError("must be account, contact, delivery_address or a phone number")
    return source


def _one_or_a_list(value: object) -> object:
    """Configuration files may have one value instead of a list of one; policies have tuples."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str) else value


def _whole_number_too(value: object) -> object:
    """Accept a whole number for a weight: configuration files distinguish 1 and 1.0."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Non-empty text. Exact pads its codes with blanks, so outer ones are removed."""
OrderField = Annotated[str, AfterValidator(text_field(ORDER_TEXT_FIELDS, "a sales order", "YourRef"))]
ItemField = Annotated[str, AfterValidator(text_field(ITEM_TEXT_FIELDS, "an item", "FreeTextField_02"))]
PositiveId = Annotated[int, Field(ge=1)]
CountryCode = Annotated[str, AfterValidator(_country)]
HsCode = Annotated[str, AfterValidator(_hs_code)]
Kilograms = Annotated[Decimal, BeforeValidator(_whole_number_too), Field(gt=0)]

OrderStatus = Literal["open", "partial"]
ShipmentType = Literal["gift", "commercial_goods", "commercial_sample", "returned_goods", "documents"]
ExportType = Literal["auto", "private", "commercial_b2c", "commercial_b2b"]
WeightUnit = Literal["kg", "g", "lb", "oz"]
PersonSource = Literal["account", "contact", "delivery_address"]
CompanySource = Literal["account", "contact", "none"]
EmailSource = Annotated[Text, AfterValidator(_email_source)]
PhoneSource = Annotated[Text, AfterValidator(_phone_source)]

Source = TypeVar("Source")
OneOrMore = Annotated[tuple[Source, ...], BeforeValidator(_one_or_a_list), Field(min_length=1)]
"""One value, or a list tried in order."""


class MethodTable(BaseModel):
    """A table of the configuration: frozen, no unknown keys, no type conversion."""

    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="forbid", strict=True, validate_default=True
    )


class OrdersPolicy(MethodTable):
    """Which sales orders become incoming orders on the first push."""

    look_back_days: int = Field(default=30, ge=1, le=365)
    start_date: date | None = None
    statuses: OneOrMore[OrderStatus] = ("open",)


class LabelsPolicy(MethodTable):
    """Whether, how and how many labels are bought."""

    create_automatically: bool = False
    start_date: date | None = None
    shipping_option: Text | None = None
    contract_id: PositiveId | None = None
    max_per_run: int = Field(default=50, ge=1)
    max_per_day: int = Field(default=200, ge=1)
    settle_minutes: int = Field(default=5, ge=1, le=1440)
    attach_to_delivery: bool = True
    unmapped_method: Literal["default", "hold"] = "default"
    shipping_methods: dict[Text, Text] = Field(default_factory=dict)

    @field_validator("start_date")
    @classmethod
    def _automatic_needs_a_start(cls, start: date | None, others: ValidationInfo) -> date | None:
        if start is None and others.data.get("create_automatically"):
            raise contradiction(
                "start_date",
                "is required when create_automatically is true: deliveries created before it are left alone",
            )
        return start


class ServicePointsPolicy(MethodTable):
    """Where a sales order keeps the id of a service point."""

    enabled: bool = False
    field: OrderField = "YourRef"
    pattern: Annotated[str, Field(min_length=1)] | None = None
    shipping_option: Text | None = None

    @field_validator("pattern")
    @classmethod
    def _is_a_regular_expression(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            require_pattern(pattern)
        return pattern


class CustomsPolicy(MethodTable):
    """Defaults for customs declarations. Origin and HS code have none: a wrong one is a false declaration."""

    shipment_type: ShipmentType = "commercial_goods"
    export_type: ExportType = "auto"
    country_of_origin: CountryCode | None = None
    hs_code: HsCode | None = None
    hs_code_field: ItemField = "StatisticalCode"
    country_of_origin_field: ItemField | None = None


class CustomerPolicy(MethodTable):
    """Whose name, company, e-mail, phone and address are sent."""

    mode: Literal["dynamic", "manual"] = "dynamic"
    fill_gaps: bool = True
    name: OneOrMore[PersonSource] = ("contact", "account")
    company_name: OneOrMore[CompanySource] = ("account",)
    email: OneOrMore[EmailSource] = ("contact", "account")
    phone: OneOrMore[PhoneSource] = ("contact", "account")
    address: OneOrMore[PersonSource] = ("delivery_address",)


class WeightPolicy(MethodTable):
    """The unit of item weights in Exact, and the default weights (kilograms)."""

    unit: WeightUnit = "kg"
    default_item: Kilograms | None = None
    default_parcel: Kilograms | None = None


class ChecksPolicy(MethodTable):
    """Which checks are made before a purchase. An unanswered one holds nothing."""

    required_fields: bool = True
    weight_range: bool = True
    address: bool = True
    address_exists: bool = False


class WritebackPolicy(MethodTable):
    """What is written into the remarks of a goods delivery."""

    remarks: str = "Track & trace: {tracking_url}"

    @field_validator("remarks")
    @classmethod
    def _is_recognised_later(cls, remarks: str) -> str:
        text, placeholders = re.subn(r"\{(tracking_url|tracking_number|carrier)\}", "", remarks)
        if "{" in text or "}" in text:
            raise ValueError("knows {tracking_url}, {tracking_number} and {carrier}, and no other braces")
        if remarks and placeholders == remarks.count("{carrier}"):
            raise ValueError("must have {tracking_url} or {tracking_number}: by it our line is found again")
        return remarks


class Policy(MethodTable):
    """All decisions for one division except its identity and secrets."""

    orders: OrdersPolicy = Field(default_factory=OrdersPolicy)
    labels: LabelsPolicy = Field(default_factory=LabelsPolicy)
    warehouses: dict[Text, PositiveId] = Field(default_factory=dict)
    service_points: ServicePointsPolicy = Field(default_factory=ServicePointsPolicy)
    customs: CustomsPolicy = Field(default_factory=CustomsPolicy)
    customer: CustomerPolicy = Field(default_factory=CustomerPolicy)
    weight: WeightPolicy = Field(default_factory=WeightPolicy)
    checks: ChecksPolicy = Field(default_factory=ChecksPolicy)
    writeback: WritebackPolicy = Field(default_factory=WritebackPolicy)

    @model_validator(mode="after")
    def _a_contract_needs_an_option(self) -> "Policy":
        options = {self.labels.shipping_option, self.service_points.shipping_option}
        options |= set(self.labels.shipping_methods.values()) - {NO_SHIPPING}
        if self.labels.contract_id is not None and options == {None}:
            raise contradiction(
                "labels.contract_id",
                "says nothing without a shipping_option: Sendcloud's shipping rules choose the contract too",
            )
        return self
