"""Keeps secrets out of every log record, also out of those that libraries write at DEBUG. Formats nothing else.

Values are redacted, never names: those of events, of their values and of fields are the program's own, whatever somebody
chose as a secret.
"""

import json
import logging
import re
from collections.abc import Iterable

from exactsend.system.structured_log import as_line

BLANK = "[redacted]"
_SHORTEST = 6
"""Shorter "secrets" would blank ordinary words."""

_NAMES = "access_token|refresh_token|client_secret|code|password|secret_key|public_key"
_PATTERNS = (
    # Authorization: Bearer …, 'Authorization': 'Basic …'
    (re.compile(r"(?i)(authorization\W{1,6}(?:(?:bearer|basic)\s+)?)[^\s'\",}]+"), rf"\1{BLANK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=!%-]{8,}"), rf"\1 {BLANK}"),
    # form and query: refresh_token=…&
    (re.compile(rf"(?i)\b({_NAMES})=[^&\s'\"]+"), rf"\1={BLANK}"),
    # JSON and Python's repr: "refresh_token": "…"
    (re.compile(rf"(?i)(['\"](?:{_NAMES})['\"]\s*[:,]\s*b?)(['\"])(?:(?!\2).)*\2"), rf"\1\2{BLANK}\2"),
    # a request line of urllib3: queries may hold what people are called
    (re.compile(r"(\"[A-Z]+ [^\s?\"]+)\?\S+( HTTP/)"), rf"\1?{BLANK}\2"),
)


class Redaction(logging.Filter):
    """Blanks known secrets, and what looks like one, in message, exception and stack of a record."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: tuple[str, ...] = ()
        """Longest first, each also as it stands in JSON."""
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Blank this one too from now on."""
        if len(secret) >= _SHORTEST:
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
        """What it says. Of an event the values are redacted, which a formatter may also show one by one."""
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
        """The text without the secrets that are known."""
        for secret in self._secrets:
            text = text.replace(secret, BLANK)
        return text

    def redacted(self, text: str) -> str:
        """The text without the secrets that are known, and without what looks like one."""
        text = self.blanked(text)
        for pattern, blank in _PATTERNS:
            text = pattern.sub(blank, text)
        return text


def install_redaction(secrets: Iterable[str]) -> Redaction:
    """Redact whatever goes through the handlers of the root logger; call it after they are set up."""
    redaction = Redaction(secrets)
    for sink in logging.getLogger().handlers:
        sink.addFilter(redaction)
    return redaction
