"""A Sendcloud account: its integrations with their keys, and the panel's settings.

The world has the orders and shipments.
"""

from dataclasses import dataclass, field
from datetime import datetime

from exactsend.sandbox.clock import Clock
from exactsend.sandbox.sendcloud.call_limits import CallCounts
from exactsend.sandbox.sendcloud.catalogue import (
    Carrier,
    Contract,
    SenderAddress,
    ShippingOption,
    ShippingRule,
)


@dataclass(frozen=True)
class Integration:
    """A "Sendcloud API" integration, with its key pair."""

    integration_id: int
    shop_name: str
    public_key: str
    secret_key: str
    created_at: datetime
    service_points_enabled: bool = True


@dataclass
class Account:
    """A Sendcloud user and the settings in the panel."""

    user_id: int
    clock: Clock
    integrations: list[Integration] = field(default_factory=list)
    sender_addresses: list[SenderAddress] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    options: list[ShippingOption] = field(default_factory=list)
    rules: list[ShippingRule] = field(default_factory=list)
    preferred_options: list[ShippingRule] = field(default_factory=list)
    """Shipping defaults: the option for a destination when neither the request nor a rule chooses one."""
    default_weight_grams: int = 1000
    calls: CallCounts = field(default_factory=CallCounts)

    def add_integration(
        self, *, public_key: str, secret_key: str, integration_id: int, shop_name: str
    ) -> Integration:
        """Connect another shop to the account, with its own keys."""
        integration = Integration(integration_id, shop_name, public_key, secret_key, self.clock())
        self.integrations.append(integration)
        return integration

    def integration(self, integration_id: int | None) -> Integration | None:
        """The integration with this id, if it belongs to the account."""
        return next((i for i in self.integrations if i.integration_id == integration_id), None)

    def sender_address(self, address_id: int | None) -> SenderAddress | None:
        """The sender address with this id, if the account has it."""
        return next((a for a in self.sender_addresses if a.address_id == address_id), None)

    def option(self, code: str) -> ShippingOption | None:
        """The option with this code, if the account may use it."""
        return next((option for option in self.options if option.code == code), None)

    def contract(self, contract_id: int | None) -> Contract | None:
        """The contract with this id, if the account has it."""
        return next((contract for contract in self.contracts if contract.contract_id == contract_id), None)

    def carriers(self) -> dict[str, Carrier]:
        """The carriers of the contracts, by code."""
        return {contract.carrier.code: contract.carrier for contract in self.contracts}
