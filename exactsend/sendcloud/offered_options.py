"""The shipping options that Sendcloud offers, with requirements, weights and prices.

Source: Sendcloud, API v3 reference (Return a list of available shipping options).
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.sendcloud.fields import (
    Flag,
    Number,
    OpaqueId,
    OptionalFlag,
    OptionalWhole,
    OrNone,
    Resource,
    Text,
    Texts,
    read_object,
    read_objects,
)
from exactsend.sendcloud.models import Carrier
from exactsend.sendcloud.parcels import Weight


class WeightRange(Resource):
    """The lightest and the heaviest parcel that an option accepts.

    Recorded responses (September 2026) have 20.001 kg where 20 kg is accepted, so a limit that ends in a single gram is the
    first weight that is too heavy.
    """

    min: Annotated[Weight | None, OrNone] = None
    max: Annotated[Weight | None, OrNone] = None

    @property
    def min_grams(self) -> Decimal | None:
        """The lowest weight that is accepted; None if unknown."""
        return self.min.grams if self.min else None

    @property
    def max_grams(self) -> Decimal | None:
        """The highest weight that is accepted; None if unknown."""
        limit = self.max.grams if self.max else None
        return limit - 1 if limit is not None and limit > _ROUND and limit % _ROUND == 1 else limit


_ROUND = 10
"""Grams. Carriers' limits are multiples of this."""


class Contract(Resource):
    """The carrier contract that an option belongs to."""

    id: OptionalWhole = None


class Requirements(Resource):
    """What a shipment with an option must have."""

    fields: Texts = ()
    is_service_point_required: Flag = False


class Price(Resource):
    """An amount of money."""

    value: Number
    currency: Text = ""


class QuotedPrice(Resource):
    """The total price of an option, for all parcels of the query together."""

    total: Annotated[Price | None, OrNone] = None


class Quote(Resource):
    """One price, for a range of weights. Only options with a direct contract price have one, and only if the query has both countries.

    Recorded responses (September 2026) also have ``estimated_surcharges``, always empty; whether the total includes them is
    unknown.
    """

    price: Annotated[QuotedPrice, BeforeValidator(read_object)] = Field(default_factory=QuotedPrice)


class QuoteError(Resource):
    """Why an option has no price."""

    code: Text = ""
    description: Text = ""


class Functionalities(Resource):
    """The features of an option that are used."""

    tracked: OptionalFlag = None
    """False: its labels have no tracking number, or one that cannot be tracked."""


class OfferedOption(Resource):
    """A shipping option that the account may use."""

    code: OpaqueId
    name: Text = ""
    carrier: Annotated[Carrier | None, OrNone] = None
    quotes: Annotated[tuple[Quote, ...], BeforeValidator(read_objects)] = ()
    quote_error: Annotated[QuoteError | None, OrNone] = None
    contract: Annotated[Contract, BeforeValidator(read_object)] = Field(default_factory=Contract)
    weight: Annotated[WeightRange, BeforeValidator(read_object)] = Field(default_factory=WeightRange)
    requirements: Annotated[Requirements, BeforeValidator(read_object)] = Field(default_factory=Requirements)
    functionalities: Annotated[Functionalities, BeforeValidator(read_object)] = Field(
        default_factory=Functionalities
    )

    @property
    def price(self) -> Price | None:
        """Its price; None unless there is exactly one quote, with a currency."""
        total = self.quotes[0].price.total if len(self.quotes) == 1 else None
        return total if total and total.currency else None
