"""The shipping rules of Sendcloud's panel that were applied to a shipment, as responses list them.

Source: Sendcloud, API v3 (Create a shipment with rules and/or defaults and announce it synchronously): ``applied_shipping_rules``.
All matching rules are applied, in their order (https://sendcloud.dev/api/v3/shipping-rules, read 2026-11-30). The author of
another client saw them in a refusal too; where in the response is unknown.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.sendcloud.fields import Resource, Text, read_object, read_objects

OPTION = "shipping_option_code"
_CHOICE = frozenset({OPTION, "contract_id"})
"""The fields by which a rule chooses the option."""


class AccountRule(Resource):
    """The identifiers of a shipping rule."""

    id: Text = ""
    name: Text = ""


class AppliedRule(Resource):
    """A rule that was applied, and what it set."""

    rule: Annotated[AccountRule, BeforeValidator(read_object)] = Field(default_factory=AccountRule)
    result: Annotated[dict[str, object], BeforeValidator(read_object)] = Field(default_factory=dict)
    """The fields that it set, by Sendcloud's names."""

    @property
    def option(self) -> str:
        """The shipping option that it chose; empty if it chose none."""
        return str(self.result.get(OPTION) or "")

    @property
    def adds(self) -> tuple[str, ...]:
        """The other fields that it set, such as the insured value."""
        return tuple(field for field in self.result if field not in _CHOICE)


class _Holder(Resource):
    applied_shipping_rules: Annotated[tuple[AppliedRule, ...], BeforeValidator(read_objects)] = ()


def applied_rules(answer: object) -> tuple[AppliedRule, ...]:
    """The rules that a refusal lists, in any of the places where they may be."""
    for holder in _holders(answer):
        if found := _Holder.model_validate(holder).applied_shipping_rules:
            return found
    return ()


def _holders(answer: object) -> Iterator[dict[str, object]]:
    """The objects that may list rules: the document, its data and its errors, and ``meta`` in each of them."""
    document = _object(answer)
    errors = answer if isinstance(answer, list) else document.get("errors")
    for holder in (document, document.get("data"), *(errors if isinstance(errors, list) else ())):
        inner = _object(holder)
        yield inner
        yield _object(inner.get("meta"))


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
