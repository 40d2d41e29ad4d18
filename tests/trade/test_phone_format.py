"""Phone numbers as a carrier takes them, where that is not E.164."""

import pytest

from exactsend.trade.phone_format import carrier_format


@pytest.mark.parametrize(
    ("carrier", "number", "taken"),
    [
        ("inpost_gb", "+447400123456", "07400123456"),
        ("inpost_gb", "+31612345678", "+31612345678"),
        ("inpost_gb", "", ""),
        ("inpost_es", "+447400123456", "+447400123456"),
        ("", "+447400123456", "+447400123456"),
    ],
)
def test_a_carrier_that_wants_its_own_form_gets_it_and_all_others_e164(
    carrier: str, number: str, taken: str
) -> None:
    assert carrier_format(carrier, number) == taken
