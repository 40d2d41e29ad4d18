"""Converts Exact's numbers to amounts that can be sent, within bounds in which no arithmetic fails.

Has no units or currencies.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from exactsend.http.messages import Json

LARGEST = Decimal(10) ** 9
_SMALLEST_STEP = Decimal("0.000001")
_CENT = Decimal("0.01")


def bounded(number: Decimal) -> Decimal:
    """The number to six decimals, limited to a thousand million either way: no parcel has more of anything."""
    if not number.is_finite():
        return Decimal(0)
    return max(-LARGEST, min(LARGEST, number)).quantize(_SMALLEST_STEP)


def positive(number: Decimal | None) -> Decimal | None:
    """The number if it is above zero, else None."""
    if number is None:
        return None
    inside = bounded(number)
    return inside if inside > 0 else None


def to_cents(amount: Decimal) -> Decimal:
    """The amount with two decimals, half a cent rounded up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def rounded_up(number: Decimal) -> int:
    """The next whole number."""
    return int(number.to_integral_value(ROUND_CEILING))


def rounded_down(number: Decimal) -> int:
    """The whole part."""
    return int(number.to_integral_value(ROUND_FLOOR))


def plain(number: Decimal) -> str:
    """The number in plain notation: ``2.5``, ``12``; no exponent, no trailing zeros."""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def json_number(number: Decimal) -> Json:
    """The number for JSON: an integer if whole."""
    return int(number) if number == number.to_integral_value() else float(number)
