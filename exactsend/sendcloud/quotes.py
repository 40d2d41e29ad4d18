"""What a shipment would cost, as Sendcloud quotes it. Source: Sendcloud, API v3 reference, Return a list of available shipping options.

Prices are quoted for options with a direct contract price, and only where both countries are known.
"""

from typing import Annotated

from pydantic import BeforeValidator

from exactsend.sendcloud.fields import Number, Resource, Text, read_list


class Price(Resource):
    """An amount of money."""

    value: Number
    currency: Text


class QuotePrice(Resource):
    """The price of a quote: for all parcels of the question together."""

    total: Price | None = None


class Quote(Resource):
    """One price for a range of weights."""

    price: QuotePrice | None = None


class QuotedOption(Resource):
    """A shipping option with its quotes; null where they are not calculated."""

    code: Text
    quotes: Annotated[tuple[Quote, ...], BeforeValidator(read_list)] = ()

    @property
    def price(self) -> Price | None:
        """What it costs; None where no quote, or more than one, says so."""
        if len(self.quotes) != 1 or self.quotes[0].price is None:
            return None
        return self.quotes[0].price.total
