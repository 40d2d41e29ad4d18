"""Keeps secrets out of all log records, including those that libraries write at DEBUG.

Only values are redacted. Names of events and fields are the program's own, even if somebody's secret equals one.
"""

import json
import logging
import re
from collections.abc import Iterable

from exactsend.system.structured_log import as_line

BLANK = "[redacted]"
_MIN_SECRET_LENGTH = 6
"""Shorter secrets are not redacted: they would blank ordinary words."""

_NAMES = "access_token|refresh_token|client_secret|code|password|secret_key|public_key"
_PATTERNS = (
    # Authorization: Bearer …, 'Authorization': 'Basic …'
    (re.compile(r"(?i)(authorization\W{1,6}(?:(?:bearer|basic)\s+)?)[^\s'\",}]+"), rf"\1{BLANK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=!%-]{8,}"), rf"\1 {BLANK}"),
    # form and query: refresh_token=…&
    (re.compile(rf"(?i)\b({_NAMES})=[^&\s'\"]+"), rf"\1={BLANK}"),
    # JSON and Python's repr: "refresh_token": "…"
    (re.compile(rf"(?i)(['\"](?:{_NAMES})['\"]\s*[:,]\s*b?)(['\"])(?:(?!\2).)*\2"), rf"\1\2{BLANK}\2"),
    # a request line of urllib3: its query may hold people's names
    (re.compile(r"(\"[A-Z]+ [^\s?\"]+)\?\S+( HTTP/)"), rf"\1?{BLANK}\2"),
)


class Redaction(logging.Filter):
    """Blanks known secrets, and what looks like a secret, in a record's message, exception and stack."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: tuple[str, ...] = ()
        """Longest first, each also in its JSON form."""
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Blank this secret, too, from now on."""
        if len(secret) >= _MIN_SECRET_LENGTH:
            known = {*self._secrets, secret, json.dumps(secret)[1:-1]}
            self._secrets = tuple(sorted(known, key=len, reverse=True))

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it always passes."""
        record.msg, record.args = self._message(record), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text, record.exc_info = self.redacted(record.exc_text), None
        if record.stack_info:
            record.stack_info = self.redacted(record.stack_info)
        return True

    def _message(self, record: logging.LogRecord) -> str:
        """The redacted message. An event's values are redacted in place too, since a formatter may show them separately."""
        event, named = getattr(record, "event", None), getattr(record, "named", None)
        if event is None or named is None:
            return self.redacted(record.getMessage())
        named = {name: self._redacted_value(value) for name, value in named.items()}
        said = self.redacted(getattr(record, "said", ""))
        record.named, record.said = named, said
        return as_line(event, said, named)

    def _redacted_value(self, value: object) -> object:
        return self.redacted(value) if isinstance(value, str) else value

    def blanked(self, text: str) -> str:
        """The text without the known secrets."""
        for secret in self._secrets:
            text = text.replace(secret, BLANK)
        return text

    def redacted(self, text: str) -> str:
        """The text without the known secrets, and without what looks like a secret."""
        text = self.blanked(text)
        for pattern, blank in _PATTERNS:
            text = pattern.sub(blank, text)
        return text
