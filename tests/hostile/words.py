"""Text that means harm to a terminal, a log or a reader, and how to tell that it did none."""

import unicodedata

HARM = {
    "markup": "[bold red]loud[/] [link=http://evil.example]here[/link] [/]",
    "ansi": "\x1b[31mred\x1b[0m \x1b[2J\x9b1A",
    "osc": "\x1b]0;title\x07 \x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\ \x1b]52;c;aGFsbG8=\x07",
    "lines": "one\ntwo\r\nthree\rfour\tfive\x0b\x0c\x85six\u2028seven\u2029eight",
    "bidi": "\u202egnirts\u202c \u2066in\u2069 \u200f\u061c\u200e",
    "invisible": "zero\u200bwidth\ufeff\u00ad\u2060joined\u200d\U000e0041",
    "surrogate": "half \ud800 and \udfff",
    "format": "{0} {name} %s %(name)s ${HOME} `id` $(id)",
    "long": "long " * 2000,
    "null": "nothing \x00 there",
}
EVERYTHING = " ".join(text for name, text in HARM.items() if name != "long")
SAME = "plain words"
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def steering(text: str) -> list[str]:
    """The characters that could steer a terminal, hide what stands there, or break a line that is none."""
    return sorted(
        {
            ascii(character)
            for character in text
            if character != "\n" and unicodedata.category(character) in _STEERING
        }
    )
