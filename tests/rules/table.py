"""Every clause of the rules S1 to S18 that the program keeps by a line of its own."""

from tests.rules import table_buying, table_labels, table_limits, table_state, table_writing
from tests.rules.rule import Clause

CLAUSES: tuple[Clause, ...] = (
    *table_buying.CLAUSES,
    *table_labels.CLAUSES,
    *table_state.CLAUSES,
    *table_limits.CLAUSES,
    *table_writing.CLAUSES,
)
