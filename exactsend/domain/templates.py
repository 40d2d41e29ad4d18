"""The sentences that problems bring along: an English template and the values that it names. Pure.

A translation would be looked up here, by the English template, and nowhere else: who tells a problem hands over both and formats nothing.
``python -m tests.problem_templates`` prints all templates, which is what a translator would be handed.
"""


def sentence(template: str, /, **values: str | int) -> str:
    """The template with its values. Braces in a value stay what they are: what services say is a value, never a template."""
    return template.format_map(values)


def capitalized(called: str) -> str:
    """What a sentence begins with: the same with a capital."""
    return called[:1].upper() + called[1:]
