"""Templates with named placeholders, filled in. Pure.

The texts of problems are in ``problem_catalogue``; names such as "delivery 20001" are made where they are needed.
"""

from string import Formatter


def sentence(template: str, /, **values: str | int) -> str:
    """The template with its values. Braces in a value stay what they are: what services say is a value, never a template."""
    return template.format_map(values)


def placeholders(template: str) -> frozenset[str]:
    """The names of the values that a template demands."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def capitalized(called: str) -> str:
    """What a sentence begins with: the same with a capital."""
    return called[:1].upper() + called[1:]
