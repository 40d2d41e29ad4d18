"""The numbers that people know orders and deliveries by: what the ledger can be asked for besides keys."""

from collections.abc import Mapping

from exactsend.ledger.journal import Record

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "orders": ("number",),
    "deliveries": ("number", "order_numbers"),
}
"""The sections whose records people ask for by number, and the fields that have their numbers."""


def numbers_of(section: str, record: Record) -> set[str]:
    """The numbers that people call a record by."""
    found: set[str] = set()
    for name in NUMBERS.get(section, ()):
        value = record.get(name)
        found |= {
            str(number) for number in (value if isinstance(value, list) else [value]) if number is not None
        }
    return found
