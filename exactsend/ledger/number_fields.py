"""The numbers of orders and deliveries, by which people ask for them."""

from collections.abc import Mapping

from exactsend.ledger.journal import Record

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "orders": ("number",),
    "deliveries": ("number", "order_numbers"),
}
"""The fields with numbers, by section."""


def numbers_of(section: str, record: Record) -> set[str]:
    """The numbers of a record."""
    found: set[str] = set()
    for name in NUMBERS.get(section, ()):
        value = record.get(name)
        found |= {
            str(number) for number in (value if isinstance(value, list) else [value]) if number is not None
        }
    return found
