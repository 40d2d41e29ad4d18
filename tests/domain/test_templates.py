"""Templates with named values."""

import pytest

from exactsend.domain.templates import capitalized, placeholders, sentence


@pytest.mark.parametrize("value", ["{name}", "{0}", "{", "}", "{{}}", "{name.__class__}", "%s"])
def test_braces_in_a_value_do_nothing(value: str) -> None:
    assert sentence("{name}: {said}", name="delivery 5", said=value) == f"delivery 5: {value}"


def test_a_template_without_values_is_said_as_it_is() -> None:
    assert (
        sentence("Split it into several deliveries in Exact.") == "Split it into several deliveries in Exact."
    )


@pytest.mark.parametrize(("called", "begins"), [("order 5", "Order 5"), ("Order 5", "Order 5"), ("", "")])
def test_a_sentence_begins_with_a_capital(called: str, begins: str) -> None:
    assert capitalized(called) == begins


def test_the_names_of_a_template_are_read() -> None:
    assert placeholders("{name} weighs {weight}") == {"name", "weight"}
