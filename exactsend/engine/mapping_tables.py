"""What a division's configuration can map: Exact's warehouses and shipping methods, and what Sendcloud has for each. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from exactsend.engine.wiring import Services, Wiring
from exactsend.settings.models import DivisionSettings
from exactsend.settings.toml_edit import Pair


@dataclass(frozen=True)
class MappingTable:
    """One table of a division: Exact's codes, what they can be mapped to, and the mappings that exist."""

    path: tuple[str, ...]
    """Its keys in the configuration."""
    label: str
    codes: Mapping[str, str]
    """Exact's codes with their descriptions."""
    targets: Mapping[Pair, str]
    """What a code can be mapped to, with the names at Sendcloud."""
    mapped: Mapping[str, Pair]

    @property
    def unmapped(self) -> dict[str, str]:
        """The codes that are not mapped yet."""
        return {code: name for code, name in self.codes.items() if code not in self.mapped}

    def target(self, answer: str) -> Pair | None:
        """The target that an answer names; None where Sendcloud has no such target."""
        return next((target for target in self.targets if str(target) == answer), None)


def mapping_tables(wiring: Wiring, division: DivisionSettings) -> tuple[MappingTable, MappingTable]:
    """The tables of warehouses and of shipping methods, as both services have them now.

    Raises:
        LoginNeeded: the division is not connected.
    """
    with wiring.services(division, pinned=wiring.pins(division)) as services:
        return _warehouses(division, services), _methods(division, services)


def _warehouses(division: DivisionSettings, services: Services) -> MappingTable:
    targets: dict[Pair, str] = {
        address.id: _one_line(f"{address.company_name} {address.name}, {address.city} {address.country_code}")
        for address in services.sendcloud.sender_addresses()
    }
    codes = {
        warehouse.code.strip(): _one_line(warehouse.description) for warehouse in services.exact.warehouses()
    }
    path = ("divisions", division.name, "warehouses")
    return MappingTable(path, "warehouse", codes, targets, dict(division.policy.warehouses))


def _methods(division: DivisionSettings, services: Services) -> MappingTable:
    options = services.sendcloud.shipping_options() or []
    targets: dict[Pair, str] = {option.code: _one_line(f"{option.code} {option.name}") for option in options}
    targets["none"] = ""
    codes = {
        method.code.strip(): _one_line(method.description)
        for method in services.exact.shipping_methods()
        if method.active is not False
    }
    path = ("divisions", division.name, "labels", "shipping_methods")
    return MappingTable(
        path, "shipping method", codes, targets, dict(division.policy.labels.shipping_methods)
    )


def _one_line(text: str) -> str:
    """A service's text on one line, for a comment in the configuration."""
    return " ".join(text.split())
