"""E-mail addresses and phone numbers: from free text to the form that carriers accept.

Checks the form only.
"""

import re

from exactsend.trade.text import clean

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
_EMAIL = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_LONGEST_EMAIL = 254
"""RFC 5321, path length."""


def first_email(written: str) -> str:
    """The first valid address of a field that may have several; empty if there is none."""
    for part in re.split(r"[\s;,<>()]+", clean(written)):
        if len(part) <= _LONGEST_EMAIL and _EMAIL.fullmatch(part):
            return part
    return ""


def e164_phone(written: str, country: str) -> str:
    """The number in E.164 (``+31612345678``), read in the format of ``country``; empty if it is none."""
    import phonenumbers  # noqa: PLC0415 - 40 ms that only runs with something to send should pay

    try:
        number = phonenumbers.parse(clean(written), country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
