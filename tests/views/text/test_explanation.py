"""What ``explain`` says of a parcel's status."""

import pytest

from exactsend.sendcloud.parcels import Status
from exactsend.views.text.explanation import status_text


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("READY_TO_SEND", "Ready to send", "Ready to send"),
        ("SORTED", "", "Sorted"),
        ("DELIVERED", "Delivered", "Delivered (nothing more is expected)"),
        ("COLLECT_ERROR", "Error collecting", "Error collecting (needs a person)"),
        ("STOLEN_BY_GULLS", "", "STOLEN_BY_GULLS (not in Sendcloud's list of statuses; counts as live)"),
    ],
)
def test_a_status_is_told_with_what_follows_from_it(code: str, message: str, told: str) -> None:
    assert status_text(Status(code=code, message=message)) == told
