"""Reads the ledgers of the chosen divisions, for the commands that only show something. Takes no lock and repairs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.errors import ExactSendError, ExitStatus, worst
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.data.ledger_queries import LedgerQueries, ledger_queries


@dataclass(frozen=True)
class ReadLedgers:
    """The ledgers that could be read, and the exit status that the others lead to."""

    models: tuple[LedgerQueries, ...]
    status: ExitStatus

    @property
    def are_several(self) -> bool:
        """Whether rows need the name of their division."""
        return len(self.models) > 1


def read_ledgers(context: CommandContext) -> ReadLedgers:
    """Read the ledgers of the chosen divisions. An unreadable one is reported and stops no other."""
    models: list[LedgerQueries] = []
    statuses = [ExitStatus.DONE]
    chosen = context.chosen()
    for division in chosen:
        try:
            models.append(ledger_queries(context.wiring, _sound(division)))
        except ExactSendError as error:
            if len(chosen) == 1:
                raise
            print_error(error, context.terminal, division=division.name)
            statuses.append(error.status)
    return ReadLedgers(tuple(models), worst(statuses))


def sound_divisions(context: CommandContext) -> Iterator[DivisionSettings]:
    """The chosen divisions.

    Raises:
        ConfigError: the tables of one are wrong.
    """
    return map(_sound, context.chosen())


def _sound(division: DivisionSettings | BrokenDivision) -> DivisionSettings:
    if isinstance(division, BrokenDivision):
        raise division.error()
    return division
