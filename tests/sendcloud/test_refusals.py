"""What Sendcloud's refusals mean."""

import pytest

from exactsend.errors import FieldProblem
from exactsend.sendcloud import refusals


@pytest.mark.parametrize(
    ("pointer", "index"),
    [
        ("/data/attributes/[1]/order_details/integration", 1),
        ("/data/attributes/[12]/order_details/order_items/0/quantity", 12),
        ("/data/attributes/[3]", 3),
        ("/data/attributes/", None),
        ("/data", None),
        ("", None),
    ],
)
def test_a_pointer_names_its_culprit(pointer: str, index: int | None) -> None:
    assert refusals.culprit_index(pointer) == index


def test_still_processing_is_no_fault_of_the_order() -> None:
    waiting = "We are still processing a previous request. Please try again in a moment."

    assert refusals.is_still_processing(FieldProblem("/data", waiting, "invalid"))
    assert not refusals.is_still_processing(FieldProblem("/data", "Field required", "invalid"))
