"""The shipping rules of Sendcloud's panel that had a part in a shipment, as answers tell of them.

Source: Sendcloud, API v3 (Create a shipment with rules and/or defaults and announce it synchronously): ``applied_shipping_rules``. All
rules that fit are applied, in their order (https://sendcloud.dev/api/v3/shipping-rules, read on 2026-11-30). That a refusal tells them
too was seen by a client's author; where in the answer is not known.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.sendcloud.fields import Resource, Text, read_object, read_objects

APPLIED = "applied_shipping_rules"
OPTION = "shipping_option_code"
_CHOICE = frozenset({OPTION, "contract_id"})
"""What a rule sets that chooses the option and adds nothing to it."""


class AccountRule(Resource):
    """A shipping rule as it is called."""

    id: Text = ""
    name: Text = ""


class AppliedRule(Resource):
    """A rule that was applied, and what it set."""

    rule: Annotated[AccountRule, BeforeValidator(read_object)] = Field(default_factory=AccountRule)
    result: Annotated[dict[str, object], BeforeValidator(read_object)] = Field(default_factory=dict)
    """By Sendcloud's names of the fields."""

    @property
    def option(self) -> str:
        """The shipping option that it chose; empty where it chose none."""
        return str(self.result.get(OPTION) or "")

    @property
    def adds(self) -> tuple[str, ...]:
        """The fields that it set beside the option, such as the insured value."""
        return tuple(field for field in self.result if field not in _CHOICE)


class _Holder(Resource):
    applied_shipping_rules: Annotated[tuple[AppliedRule, ...], BeforeValidator(read_objects)] = ()


def applied_rules(answer: object) -> tuple[AppliedRule, ...]:
    """The rules that a refusal tells of, wherever in it; none where it tells of none."""
    for holder in _holders(answer):
        if found := _Holder.model_validate(holder).applied_shipping_rules:
            return found
    return ()


def _holders(answer: object) -> Iterator[dict[str, object]]:
    """Where they may stand: beside the errors, or in one of them, each time also under ``meta``."""
    document = _object(answer)
    errors = answer if isinstance(answer, list) else document.get("errors")
    for holder in (document, document.get("data"), *(errors if isinstance(errors, list) else ())):
        inner = _object(holder)
        yield inner
        yield _object(inner.get("meta"))


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
