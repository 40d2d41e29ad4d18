"""The names of fields that settings may name, against the structure that the sandbox checks calls with."""

import pytest

from exactsend.domain.exact_fields import ITEM_TEXT_FIELDS, ORDER_TEXT_FIELDS
from exactsend.sandbox.exact.structure import entities


@pytest.mark.parametrize(
    ("known", "path"), [(ORDER_TEXT_FIELDS, "salesorder/SalesOrders"), (ITEM_TEXT_FIELDS, "logistics/Items")]
)
def test_the_known_fields_are_all_that_have_text(known: frozenset[str], path: str) -> None:
    assert known == {name for name, field in entities()[path].fields.items() if field.type == "Edm.String"}
