"""The divisions of Exact that each sign-in of the configuration can reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from exactsend.engine.plan.account_move import require_same_exact
from exactsend.engine.wiring import Wiring
from exactsend.errors import LoginNeeded, UsageError
from exactsend.exact.client import ExactClient
from exactsend.exact.models import ReachableDivision
from exactsend.settings.models import DivisionSettings, ExactSettings


@dataclass(frozen=True)
class ReachedDivision:
    """A division as a sign-in sees it."""

    exact: ExactSettings
    division: ReachableDivision
    configured_as: str
    """Its name in the configuration; empty where it has none."""


def reachable_divisions(wiring: Wiring) -> Iterator[ReachedDivision]:
    """Ask Exact under each sign-in.

    Raises:
        UsageError: no sign-in is configured.
        LoginNeeded: a sign-in has no client secret.
    """
    for exact in _sign_ins(wiring):
        yield from _reached_by(wiring, exact)


def _sign_ins(wiring: Wiring) -> Iterator[ExactSettings]:
    """Each sign-in once: the shared one, then those of divisions with their own app."""
    shared = [wiring.settings.exact] if wiring.settings.exact else []
    every = [*shared, *(division.exact for division in _sound_divisions(wiring))]
    if not every:
        raise UsageError("no sign-in to Exact is configured", hint="Run exactsend init.")
    yield from {exact.sign_in: exact for exact in every}.values()


def _sound_divisions(wiring: Wiring) -> list[DivisionSettings]:
    divisions = wiring.settings.divisions.values()
    return [division for division in divisions if isinstance(division, DivisionSettings)]


def _reached_by(wiring: Wiring, exact: ExactSettings) -> Iterator[ReachedDivision]:
    sharing = [division for division in _sound_divisions(wiring) if division.exact.sign_in == exact.sign_in]
    for division in sharing:
        require_same_exact(wiring.pins(division), host=division.exact.host, division=division.code)
    names: dict[int, str] = {division.code: division.name for division in sharing}
    owner = sharing[0].name if sharing else ""
    secret = wiring.secrets().find_exact_client_secret(exact, owner)
    if secret is None:
        raise LoginNeeded(f"no client secret for the app {exact.client_id}", hint="Run exactsend connect.")
    with wiring.exact_transport(exact, secret.get_secret_value()) as transport:
        reached = ExactClient(transport, division=0).divisions()
        wiring.save_exact_counters(exact)
    for found in sorted(reached, key=lambda found: found.code):
        yield ReachedDivision(exact, found, names.get(found.code, ""))
