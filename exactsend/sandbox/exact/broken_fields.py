"""Fields of single records that are shown wrongly: left out, null, or of another type.

The stored row does not change, so filters and the office see the right value. Every endpoint shows the row this way:
plain, bulk and sync, by key, in a listing and as an expanded line.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from exactsend.sandbox.json_tree import Json

MISSING = "missing"
"""The field is left out of the record."""
NULL = "null"
"""The field is null."""

How = Json | Callable[[Json], Json]
"""``MISSING``, ``NULL``, the value to show instead, or a function of the right value."""


@dataclass
class BrokenFields:
    """The fields that are shown wrongly; none at first."""

    _broken: dict[tuple[str, str, str], How] = field(default_factory=dict)

    def break_field(self, table: str, key: str, name: str, how: How) -> None:
        """Show a field of one record wrongly.

        Args:
            table: the stored rows, such as ``SalesOrders``; sync shows those as ``SalesOrderHeaders``.
            key: the id of the record.
            name: the field, as Exact names it.
            how: what is wrong with it.
        """
        self._broken[(table, key.lower(), name)] = how

    def mend(self) -> None:
        """Show all fields correctly again."""
        self._broken.clear()

    def show(self, table: str, keys: Iterable[str], rendered: dict[str, Json]) -> None:
        """Break the fields of a rendered record, known by any of these ids, in place."""
        if not self._broken:
            return
        for key in dict.fromkeys(keys):
            for name in list(rendered):
                if (table, key, name) in self._broken:
                    _break(rendered, name, self._broken[(table, key, name)])


def _break(rendered: dict[str, Json], name: str, how: How) -> None:
    if how == MISSING:
        del rendered[name]
    elif how == NULL:
        rendered[name] = None
    else:
        rendered[name] = how(rendered[name]) if callable(how) else how
