"""``exactsend doctor``: is everything in place, here and on both services? Each finding comes with its cure; nothing is written there.

A check that can't be made is a finding of its own and stops no other.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exactsend.cli.place import Place
from exactsend.domain.records import Pins
from exactsend.errors import ConfigError, ExactSendError, ExitStatus
from exactsend.gather.identity import require_same
from exactsend.ledger.verify import verify
from exactsend.memory import Memory, Overlay
from exactsend.readmodel.model import read_model
from exactsend.report.documents import JsonObject, schema
from exactsend.runner import require_own_integration
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.wiring import Systems, host_of

FEW_DAYS = 7


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and its cure."""

    division: str
    check: str
    message: str
    remedy: str = ""


Found = Iterator[tuple[str, str]]
"""Messages with their cures."""


def doctor(place: Place) -> ExitStatus:
    """Check everything; status 1 with findings."""
    findings = [finding for division in place.chosen() for finding in _examined(place, division)]
    if place.terminal.json:
        place.terminal.document({"schema": schema("doctor"), "findings": [_row(one) for one in findings]})
    else:
        for one in findings:
            cure = f"\n  → {one.remedy}" if one.remedy else ""
            place.terminal.result(f"{one.division}, {one.check}: {one.message}{cure}")
        if not findings and not place.terminal.quiet:
            place.terminal.result("all is well: configuration, state, sign-in, Exact, Sendcloud, mappings")
    return ExitStatus.ATTENTION if findings else ExitStatus.DONE


def _row(finding: Finding) -> JsonObject:
    return {
        "division": finding.division,
        "check": finding.check,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _examined(place: Place, division: DivisionSettings | BrokenDivision) -> Iterator[Finding]:
    if isinstance(division, BrokenDivision):
        for problem in division.problems:
            yield Finding(division.name, "configuration", problem, "Correct it in the configuration.")
        return
    yield from _made(division, "state", lambda: _state(place, division))
    yield from _made(division, "sign-in", lambda: _sign_in(place, division))
    try:
        with place.wiring.systems(division) as systems:
            yield from _made(division, "Exact", lambda: _exact(division, systems))
            yield from _made(division, "Sendcloud", lambda: _sendcloud(place, division, systems))
            yield from _made(division, "warehouses", lambda: _warehouses(division, systems))
            yield from _made(division, "sender addresses", lambda: _senders(division, systems))
            yield from _made(division, "shipping methods", lambda: _methods(division, systems))
    except ExactSendError as error:
        yield Finding(division.name, "credentials", error.message, error.hint)


def _made(division: DivisionSettings, check: str, make: Callable[[], Found]) -> Iterator[Finding]:
    """One check's findings; where it can't be made, that."""
    try:
        for message, remedy in make():
            yield Finding(division.name, check, message, remedy)
    except ConfigError as error:
        yield Finding(division.name, check, "; ".join([error.message, *error.problems]), error.hint)
    except ExactSendError as error:
        yield Finding(division.name, check, error.message, error.hint)


def _state(place: Place, division: DivisionSettings) -> Found:
    for finding in verify(place.wiring.folder(division)):
        yield finding.message, finding.hint


def _sign_in(place: Place, division: DivisionSettings) -> Found:
    place.wiring.store()
    standing = read_model(place.wiring, division).standing(place.wiring, place.surroundings.clock())
    days = standing.sign_in_days_left
    if days is None:
        yield "this installation is not signed in to Exact", "Run exactsend connect."
    elif days < FEW_DAYS:
        yield f"the sign-in to Exact dies in {days} days if nothing uses it", "Run a sync regularly."


def _exact(division: DivisionSettings, systems: Systems) -> Found:
    reached = systems.exact.division()
    if reached is None:
        yield (
            f"the sign-in does not reach division {division.code}",
            "Give the user and the app the right to it in Exact, then run exactsend connect.",
        )
    elif reached.blocking_status:
        yield f"division {division.code} is blocked for the moment (back-up or conversion)", "Try later."


def _sendcloud(place: Place, division: DivisionSettings, systems: Systems) -> Found:
    who = systems.sendcloud.who_am_i()
    pins = Pins(
        exact_host=division.exact.host,
        division=division.code,
        sendcloud_host=host_of(place.settings.sendcloud.base_url),
        user=who.user_id,
        integration=who.integration_id,
    )
    require_same(Memory(Overlay(place.wiring.view(division))).pins, pins)
    require_own_integration(place.wiring, division, who.integration_id)
    yield from ()


def _warehouses(division: DivisionSettings, systems: Systems) -> Found:
    known = {one.code for one in systems.exact.warehouses()}
    for code in division.policy.warehouses:
        if code not in known:
            yield (
                f"warehouses has {code!r}, and Exact has no such warehouse",
                _correct(division, "warehouses", "Exact's codes", known),
            )


def _senders(division: DivisionSettings, systems: Systems) -> Found:
    known = {one.id for one in systems.sendcloud.sender_addresses()}
    for code, sender in division.policy.warehouses.items():
        if sender not in known:
            yield (
                f"warehouse {code!r} is mapped to sender address {sender}, which Sendcloud does not have",
                _correct(division, "warehouses", "Sendcloud's ids", map(str, known)),
            )


def _methods(division: DivisionSettings, systems: Systems) -> Found:
    known = {one.code for one in systems.exact.shipping_methods()}
    for code in division.policy.labels.shipping_methods:
        if code not in known:
            yield (
                f"shipping_methods has {code!r}, and Exact has no such shipping method",
                _correct(division, "labels.shipping_methods", "Exact's codes", known),
            )


def _correct(division: DivisionSettings, table: str, called: str, known: Iterable[str]) -> str:
    return f"{called}: {', '.join(sorted(known)) or 'none'}. Correct [divisions.{division.name}.{table}]."
