"""The shipping rules of Sendcloud's panel that affected a label, as recorded and shown. Pure.

A rule's name is its author's text and is masked. What it sets may contain an address, so only the fields are named.
"""

from collections.abc import Iterable

from exactsend.domain.records import RuleRecord
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.shipping_rules import AppliedRule
from exactsend.trade.masking import masked

_MOST = 20
"""The number of rules recorded for one label."""
_LONGEST = 100
"""The longest name that the panel accepts (https://sendcloud.dev/api/v3/shipping-rules/create-a-shipping-rule, read on 2026-11-30)."""


def rules_of(shipment: Shipment) -> tuple[RuleRecord, ...]:
    """The rules that were applied to a shipment; empty if its answer has none."""
    return storable_rules(shipment.applied_shipping_rules, shipment.to_address.model_dump(mode="json"))


def storable_rules(applied: Iterable[AppliedRule], request: Json) -> tuple[RuleRecord, ...]:
    """The rules as they may be recorded: masked where they repeat the recipient."""
    return tuple(
        RuleRecord(
            id=masked(rule.rule.id, request)[:_LONGEST],
            name=masked(rule.rule.name, request)[:_LONGEST],
            option=masked(rule.option, request)[:_LONGEST],
            sets=tuple(masked(field)[:_LONGEST] for field in rule.adds[:_MOST]),
        )
        for rule in tuple(applied)[:_MOST]
    )


def rules_text(rules: Iterable[RuleRecord]) -> str:
    """The rules' names, each with its effect."""
    return "; ".join(f"{rule.called}: {rule.did}" if rule.did else rule.called for rule in rules)
