"""What Sendcloud answers before a purchase: shipping options with what they demand and cost, and its opinion of an address.

Source: Sendcloud, API v3 reference (Return a list of available shipping options; Validate an address) and its guide to address
validation, which alone says that the opinion may be null.
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
from exactsend.sendcloud.models import Carrier, Weight


class WeightRange(Resource):
    """The lightest and the heaviest parcel that an option takes.

    Recorded answers (September 2026) tell 20.001 kg where 20 kg are taken: a limit that ends in a single gram is the first weight that is
    too much.
    """

    min: Annotated[Weight | None, OrNone] = None
    max: Annotated[Weight | None, OrNone] = None

    @property
    def min_grams(self) -> Decimal | None:
        """None where it is not told."""
        return self.min.grams if self.min else None

    @property
    def max_grams(self) -> Decimal | None:
        """The heaviest weight that is taken; None where it is not told."""
        told = self.max.grams if self.max else None
        return told - 1 if told is not None and told > _ROUND and told % _ROUND == 1 else told


_ROUND = 10
"""Grams: no carrier's limit is finer, but for the one gram that says where it ends."""


class Contract(Resource):
    """The carrier contract that an option goes with."""

    id: OptionalWhole = None


class Requirements(Resource):
    """What a shipment with an option can't do without."""

    fields: Texts = ()
    is_service_point_required: Flag = False


class Price(Resource):
    """An amount of money."""

    value: Number
    currency: Text = ""


class QuotedPrice(Resource):
    """What an option costs, all in all: for all parcels of the question together."""

    total: Annotated[Price | None, OrNone] = None


class Quote(Resource):
    """One price, for a range of weights. Told for options with a direct contract price, and only where both countries are known.

    Recorded answers (September 2026) have ``estimated_surcharges`` beside it, empty each time: whether such come on top of the total is not
    known.
    """

    price: Annotated[QuotedPrice, BeforeValidator(read_object)] = Field(default_factory=QuotedPrice)


class QuoteError(Resource):
    """Why an option has no price."""

    code: Text = ""
    description: Text = ""


class Functionalities(Resource):
    """What an option offers, as far as it is used."""

    tracked: OptionalFlag = None
    """False: a number that its labels bear is not followed by anybody, and they may bear none."""


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
        """What it costs; None where no quote, or more than one, says so, or without its currency."""
        total = self.quotes[0].price.total if len(self.quotes) == 1 else None
        return total if total and total.currency else None


class ValidationResult(Resource):
    """Whether an address will do, and why not."""

    is_valid: OptionalFlag = None
    reasons: Texts = ()


class Analysis(Resource):
    """The vendor's wrapping of the result."""

    validation_result: Annotated[ValidationResult, BeforeValidator(read_object)] = Field(
        default_factory=ValidationResult
    )


class CheckedAddress(Resource):
    """One way to write the address, and what there is to say of it."""

    recommended: Flag = False
    analysis: Annotated[Analysis, BeforeValidator(read_object)] = Field(default_factory=Analysis)

    @property
    def will_do(self) -> bool:
        """Whether Sendcloud would ship to it."""
        return self.recommended or self.analysis.validation_result.is_valid is True


class AddressCheck(Resource):
    """Sendcloud's opinion of an address."""

    input_address_is_valid: OptionalFlag = None
    """None: whom Sendcloud asks did not answer."""
    results: Annotated[tuple[CheckedAddress, ...], BeforeValidator(read_objects)] = ()

    @property
    def objections(self) -> tuple[str, ...]:
        """What is wrong with it. Nothing, where Sendcloud can write it so that it will do: it does that by itself when it ships."""
        if self.input_address_is_valid is not False or any(result.will_do for result in self.results):
            return ()
        found = (reason for result in self.results for reason in result.analysis.validation_result.reasons)
        return tuple(dict.fromkeys(found))
