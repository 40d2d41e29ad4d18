"""Which shipping rules of Sendcloud's panel had a part in a label, as it is remembered and told. Pure.

What a rule is called is its author's own text, and what it sets may hold an address: the one is masked, of the other the fields are named.
"""

from collections.abc import Iterable

from exactsend.domain.records import RuleRecord
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.shipping_rules import AppliedRule
from exactsend.trade.masking import masked

_MOST = 20
"""More rules than these are not remembered of one label."""
_LONGEST = 100
"""The longest name that the panel takes (https://sendcloud.dev/api/v3/shipping-rules/create-a-shipping-rule, read on 2026-11-30)."""


def rules_of(shipment: Shipment) -> tuple[RuleRecord, ...]:
    """The rules that a shipment was made by; empty where its answer tells of none."""
    return remembered(shipment.applied_shipping_rules, shipment.to_address.model_dump(mode="json"))


def remembered(applied: Iterable[AppliedRule], request: Json) -> tuple[RuleRecord, ...]:
    """Rules as they may be kept: without what they repeat of a recipient."""
    return tuple(
        RuleRecord(
            id=masked(rule.rule.id, request)[:_LONGEST],
            name=masked(rule.rule.name, request)[:_LONGEST],
            option=masked(rule.option, request)[:_LONGEST],
            sets=tuple(masked(field)[:_LONGEST] for field in rule.adds[:_MOST]),
        )
        for rule in tuple(applied)[:_MOST]
    )


def named(rules: Iterable[RuleRecord]) -> str:
    """The rules as a person knows them, each with what it did."""
    return "; ".join(f"{rule.called}: {rule.did}" if rule.did else rule.called for rule in rules)
