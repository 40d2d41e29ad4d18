"""Asks Exact for the names of customers, to show them. They are not stored."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.errors import ExactSendError
from exactsend.settings.models import DivisionSettings
from exactsend.views.data.values import ProblemView

Names = Mapping[str, str]
"""Exact's id of an account → its name."""


def customer_names(context: CommandContext, problems: Sequence[ProblemView]) -> Names:
    """The names of the accounts that the problems concern, as far as Exact answers."""
    names: dict[str, str] = {}
    for division, group in groupby(problems, key=lambda problem: problem.division):
        wanted = sorted({account for problem in group for account in problem.accounts})
        names |= _names_in_exact(context, division, wanted)
    return names


def names_of(problem: ProblemView, names: Names) -> list[str]:
    """The customers of one problem."""
    return list(dict.fromkeys(names[account] for account in problem.accounts if names.get(account)))


def _names_in_exact(context: CommandContext, name: str, accounts: Sequence[str]) -> Names:
    division = context.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    context.terminal.progress("asking Exact who the customers are")
    try:
        with context.wiring.systems(division, pinned=context.wiring.pins(division)) as systems:
            return {row.id: row.name for row in systems.exact.accounts(accounts).rows}
    except ExactSendError as error:
        print_error(error, context.terminal, division=name)
        return {}
