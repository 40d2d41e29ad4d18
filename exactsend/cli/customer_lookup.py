"""Who the customers are that need attention: asked of Exact at this moment, shown, and not kept.

Only where a person asks for it; what can't be asked is said and left out.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from exactsend.cli.context import CommandContext
from exactsend.cli.run import say_error
from exactsend.errors import ExactSendError
from exactsend.settings.models import DivisionSettings
from exactsend.views.data.values import ProblemView

Names = Mapping[str, str]
"""Exact's id of an account → its name."""


def customers(place: CommandContext, problems: Sequence[ProblemView]) -> Names:
    """The names of all accounts that the problems are about, as far as Exact answers."""
    names: dict[str, str] = {}
    for division, found in groupby(problems, key=lambda problem: problem.division):
        wanted = sorted({account for problem in found for account in problem.accounts})
        names |= _asked(place, division, wanted)
    return names


def names_of(problem: ProblemView, names: Names) -> list[str]:
    """The customers of one problem."""
    return list(dict.fromkeys(names[account] for account in problem.accounts if names.get(account)))


def _asked(place: CommandContext, name: str, accounts: Sequence[str]) -> Names:
    division = place.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    place.terminal.tell("asking Exact who the customers are")
    try:
        with place.wiring.services(division, pinned=place.wiring.pins(division)) as systems:
            return {row.id: row.name for row in systems.exact.accounts(accounts).rows}
    except ExactSendError as error:
        say_error(error, place.terminal, division=name)
        return {}
