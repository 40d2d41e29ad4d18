"""What ``init`` does once connected: offers mappings from what both sides have, and adds those that a person takes.

Suggestions go by likeness of names, so none is taken without a person. Comments and order of the configuration stay.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from exactsend.cli.connect import named_or_all
from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import Prompts, agreed
from exactsend.cli.similarity import most_alike
from exactsend.engine.wiring import Services
from exactsend.errors import LoginNeeded, UsageError
from exactsend.settings.models import DivisionSettings
from exactsend.settings.toml_edit import Pair, with_pairs
from exactsend.system.durable_files import replace

_NONE = "-"
"""The answer that leaves something unmapped."""


@dataclass(frozen=True)
class Offer:
    """One table of a division: what Exact has, what Sendcloud has, and what is mapped already."""

    table: tuple[str, ...]
    called: str
    found: Mapping[str, str]
    """Exact's codes with their descriptions."""
    targets: Mapping[Pair, str]
    """What they can be mapped to, with its name."""
    mapped: Mapping[str, Pair]

    @property
    def open_ones(self) -> dict[str, str]:
        """What is not mapped yet."""
        return {code: name for code, name in self.found.items() if code not in self.mapped}

    def suggestion(self, code: str) -> Pair | None:
        """What is called most like it."""
        return most_alike(f"{code} {self.found[code]}", self.targets)

    def target(self, answer: str) -> Pair | None:
        """What an answer names; None where Sendcloud has no such thing."""
        return next((target for target in self.targets if str(target) == answer), None)


def offer(place: CommandContext, path: Path) -> None:
    """List what can be mapped, and on a terminal go through it.

    Raises:
        UsageError: nobody is connected yet.
    """
    for division in named_or_all(place):
        if not isinstance(division, DivisionSettings):
            raise division.error()
        offers = _offers(place, path, division)
        for line in _lines(division, offers):
            place.terminal.result(line)
        if place.terminal.is_interactive(place.surroundings.stdin):
            _go_through(place, path, division, offers)


def _offers(place: CommandContext, path: Path, division: DivisionSettings) -> tuple[Offer, Offer]:
    try:
        with place.wiring.services(division, pinned=place.wiring.pins(division)) as systems:
            return _warehouses(division, systems), _methods(division, systems)
    except LoginNeeded as not_connected:
        raise UsageError(
            f"{path} is there already, and init never overwrites a configuration",
            hint="Run exactsend connect; after that, init lists what can be mapped in it.",
        ) from not_connected


def _warehouses(division: DivisionSettings, systems: Services) -> Offer:
    targets: dict[Pair, str] = {
        address.id: _plain(f"{address.company_name} {address.name}, {address.city} {address.country_code}")
        for address in systems.sendcloud.sender_addresses()
    }
    found = {
        warehouse.code.strip(): _plain(warehouse.description) for warehouse in systems.exact.warehouses()
    }
    table = ("divisions", division.name, "warehouses")
    return Offer(table, "warehouse", found, targets, dict(division.policy.warehouses))


def _methods(division: DivisionSettings, systems: Services) -> Offer:
    options = systems.sendcloud.shipping_options() or []
    targets: dict[Pair, str] = {option.code: _plain(f"{option.code} {option.name}") for option in options}
    targets["none"] = ""
    found = {
        method.code.strip(): _plain(method.description)
        for method in systems.exact.shipping_methods()
        if method.active is not False
    }
    table = ("divisions", division.name, "labels", "shipping_methods")
    return Offer(table, "shipping method", found, targets, dict(division.policy.labels.shipping_methods))


def _plain(text: str) -> str:
    """Text of a service on one line: it stands in a comment."""
    return " ".join(text.split())


# ── to paste ─────────────────────────────────────────────────────────────────────────────────────


def _lines(division: DivisionSettings, offers: tuple[Offer, Offer]) -> Iterator[str]:
    """Lines to paste: what is mapped as it is, the rest commented out, with a suggestion where a name is alike."""
    warehouses, methods = offers
    yield f"# {division.name}: the sender addresses of Sendcloud:"
    yield from (f"#   {number}  {name}" for number, name in warehouses.targets.items())
    yield f"# {division.name}: the shipping options of Sendcloud:"
    yield from (f"#   {name}" for name in methods.targets.values() if name)
    yield "# Lines that begin with # are suggestions by likeness of names: look, then take the # away."
    yield from _pairs(warehouses, sample="0")
    yield from _pairs(methods, sample='""')


def _pairs(offered: Offer, *, sample: str) -> Iterator[str]:
    yield f"[{'.'.join(offered.table)}]"
    for code, description in offered.found.items():
        if code in offered.mapped:
            yield f"{json.dumps(code)} = {json.dumps(offered.mapped[code])}  # {description}"
        else:
            suggested = offered.suggestion(code)
            value = sample if suggested is None else json.dumps(suggested)
            yield f"#{json.dumps(code)} = {value}  # {description}"
    yield ""


# ── to be written ────────────────────────────────────────────────────────────────────────────────


def _go_through(
    place: CommandContext, path: Path, division: DivisionSettings, offers: tuple[Offer, Offer]
) -> None:
    """Ask about each that is not mapped, show what came of it, and write it where the person says yes."""
    terminal, stdin = place.terminal, place.surroundings.stdin
    if not any(candidate.open_ones for candidate in offers):
        return
    if not agreed(terminal, stdin, f"Go through what is not mapped in {division.name} yet?", yes=False):
        return
    questions = Prompts(terminal, stdin)
    for offered in offers:
        pairs = {
            code: value
            for code in offered.open_ones
            if (value := _asked(questions, offered, code)) is not None
        }
        if pairs:
            _added(place, path, offered, pairs)


def _asked(questions: Prompts, offered: Offer, code: str) -> Pair | None:
    """What the person maps it to; None where it stays unmapped."""
    suggested = offered.suggestion(code)
    usual = _NONE if suggested is None else str(suggested)
    name = f"{offered.called} {code} ({offered.found[code]}), {_NONE} for nothing"
    while True:
        answer = questions.choice(name, usual)
        if answer == _NONE:
            return None
        if (target := offered.target(answer)) is not None:
            return target
        questions.terminal.say(f"Sendcloud has no {answer!r}; it has: {', '.join(map(str, offered.targets))}")


def _added(place: CommandContext, path: Path, offered: Offer, pairs: Mapping[str, Pair]) -> None:
    for code, value in pairs.items():
        place.terminal.say(f"  {json.dumps(code)} = {json.dumps(value)}")
    table = f"[{'.'.join(offered.table)}]"
    if not agreed(place.terminal, place.surroundings.stdin, f"Add this to {table} in {path}?", yes=False):
        return
    text = path.read_text(encoding="utf-8")
    changed = with_pairs(text, offered.table, _all_that_count(text, offered, pairs))
    if changed is None:
        place.terminal.say(
            f"{path} writes {table} in a way that init can't add to: paste the lines above by hand."
        )
        return
    _overwrite(path.resolve(), text, changed)
    place.terminal.say(f"Added. What stood there before is in {path.name}.before.")


def _all_that_count(text: str, offered: Offer, pairs: Mapping[str, Pair]) -> Mapping[str, Pair]:
    """With what is inherited from [defaults], where the table begins here: a table of one's own replaces that whole."""
    heading_is_new = with_pairs(text, offered.table, offered.mapped) is not None
    return {**offered.mapped, **pairs} if heading_is_new else pairs


def _overwrite(path: Path, before: str, text: str) -> None:
    """Replace the file at once, with the mode that it had; what stood there stays beside it."""
    mode = path.stat().st_mode & 0o777
    replace(path.with_name(f"{path.name}.before"), before.encode(), name="config")
    replace(path, text.encode(), name="config")
    path.chmod(mode)
