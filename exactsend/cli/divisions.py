"""``exactsend divisions``: the divisions of Exact that each sign-in can reach, and which of them are configured."""

from collections.abc import Iterator
from dataclasses import dataclass

from exactsend.cli.context import CommandContext
from exactsend.engine.plan.account_move import require_same_exact
from exactsend.errors import ExitStatus, LoginNeeded, UsageError
from exactsend.exact.client import ExactClient
from exactsend.exact.models import ReachableDivision
from exactsend.settings.models import DivisionSettings, ExactSettings
from exactsend.views.text.json_documents import JsonObject, schema
from exactsend.views.text.tables import Table


@dataclass(frozen=True)
class _Reached:
    """One division as a sign-in sees it."""

    exact: ExactSettings
    division: ReachableDivision
    configured_as: str


def divisions(place: CommandContext) -> ExitStatus:
    """List the divisions that the sign-ins of this configuration can reach."""
    reached = [candidate for exact in _sign_ins(place) for candidate in _reached_by(place, exact)]
    if place.terminal.json:
        rows = [_row(candidate) for candidate in reached]
        place.terminal.document({"schema": schema("divisions"), "divisions": [*rows]})
    else:
        place.terminal.table(_table(reached))
    return ExitStatus.DONE


def _sign_ins(place: CommandContext) -> Iterator[ExactSettings]:
    """Each sign-in once: the shared one, then those of divisions with an app of their own."""
    settings = place.settings
    own = [
        division.exact for division in settings.divisions.values() if isinstance(division, DivisionSettings)
    ]
    every = [settings.exact, *own] if settings.exact else own
    if not every:
        raise UsageError("no sign-in to Exact is configured", hint="Run exactsend init.")
    yield from {exact.sign_in: exact for exact in every}.values()


def _reached_by(place: CommandContext, exact: ExactSettings) -> Iterator[_Reached]:
    signed_in = [
        candidate
        for candidate in place.settings.divisions.values()
        if isinstance(candidate, DivisionSettings) and candidate.exact.sign_in == exact.sign_in
    ]
    for candidate in signed_in:
        require_same_exact(place.wiring.pins(candidate), host=candidate.exact.host, division=candidate.code)
    names = {candidate.code: candidate.name for candidate in signed_in}
    with place.wiring.exact_transport(exact, _client_secret(place, exact)) as transport:
        found = ExactClient(transport, division=0).divisions()
        place.wiring.save_exact_counters(exact)
    for division in sorted(found, key=lambda candidate: candidate.code):
        yield _Reached(
            exact, division, next((name for code, name in names.items() if code == division.code), "")
        )


def _client_secret(place: CommandContext, exact: ExactSettings) -> str:
    secrets = place.wiring.secrets()
    owner = next(
        (
            division.name
            for division in place.settings.divisions.values()
            if isinstance(division, DivisionSettings) and division.exact.sign_in == exact.sign_in
        ),
        "",
    )
    found = secrets.find_exact_client_secret(exact, owner)
    if found is None:
        raise LoginNeeded(f"no client secret for the app {exact.client_id}", hint="Run exactsend connect.")
    return found.get_secret_value()


def _row(reached: _Reached) -> JsonObject:
    return {
        "code": reached.division.code,
        "name": reached.division.description,
        "country": reached.division.country,
        "currency": reached.division.currency,
        "host": reached.exact.host,
        "configured_as": reached.configured_as or None,
    }


def _table(reached: list[_Reached]) -> Table:
    rows = [
        (
            str(candidate.division.code),
            candidate.division.description,
            candidate.division.country,
            candidate.exact.host,
            candidate.configured_as or "-",
        )
        for candidate in reached
    ]
    return Table(("code", "name", "country", "at", "configured as"), rows)
