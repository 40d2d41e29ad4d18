"""The names of the customers that errors concern."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.engine.customer_names import customer_names
from exactsend.errors import ExactSendError
from exactsend.settings.models import DivisionSettings
from exactsend.views.data.view_types import ProblemView

Names = Mapping[str, str]
"""Exact's id of an account → its name."""


def look_up_customers(context: CommandContext, problems: Sequence[ProblemView]) -> Names:
    """The names of the accounts that the problems concern, as far as Exact answers."""
    names: dict[str, str] = {}
    for division, group in groupby(problems, key=lambda problem: problem.division):
        accounts = sorted({account for problem in group for account in problem.accounts})
        names |= _names_in_exact(context, division, accounts)
    return names


def names_of(problem: ProblemView, names: Names) -> list[str]:
    """The customers of one problem."""
    return list(dict.fromkeys(names[account] for account in problem.accounts if names.get(account)))


def _names_in_exact(context: CommandContext, name: str, accounts: Sequence[str]) -> Names:
    division = context.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    context.terminal.progress("asking Exact who the customers are")
    try:
        return customer_names(context.wiring, division, accounts)
    except ExactSendError as error:
        print_error(error, context.terminal, division=name)
        return {}
