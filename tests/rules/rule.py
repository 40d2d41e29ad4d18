"""A clause of a rule, the function that keeps it, how it is taken out of that function, and the tests that fail then."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

from tests.rules.faults import Fault, NoSuchSpot

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Clause:
    """One thing that a rule demands, and how to take it out of the program."""

    rule: str
    """Its number in ``docs/rules.md``."""
    says: str
    kept_by: Callable[..., object] | property
    """The function that keeps it."""
    fault: Fault
    """What takes it out of the function."""
    tests: tuple[str, ...]
    """The names of tests that fail then."""

    def function(self) -> FunctionType:
        """The function itself, without what decorates it."""
        kept_by = self.kept_by.fget if isinstance(self.kept_by, property) else self.kept_by
        assert kept_by is not None
        function = inspect.unwrap(kept_by)
        assert inspect.isfunction(function)
        return function

    @property
    def place(self) -> str:
        """Where it is kept, for people."""
        return f"{self.function().__module__}.{self.function().__qualname__}"


@cache
def _files() -> dict[str, list[str]]:
    """Name of a test → the files below ``tests`` that have one of that name."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE):
            found.setdefault(name, []).append(path.relative_to(TESTS).as_posix())
    return found


def file_of(test: str) -> str:
    """The file below ``tests`` that has a test of this name."""
    files = _files().get(test, [])
    assert len(files) == 1, f"{test} is in {files}"
    return files[0]


def faulty(clause: Clause) -> ast.FunctionDef:
    """The function without the clause.

    Raises:
        NoSuchSpot: what is to be taken out isn't there, or is there several times.
    """
    try:
        return clause.fault.made_in(tree_of(clause.function()))
    except NoSuchSpot as error:
        raise NoSuchSpot(f"{clause.rule}, {clause.says}: {clause.place}: {error}") from None


def tree_of(function: FunctionType) -> ast.FunctionDef:
    """The function as it is written, without what decorates it."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    return definition


def replace_code(function: FunctionType, definition: ast.FunctionDef) -> None:
    """Let the function work like this, for all who know it by whatever name, as long as this process lives."""
    code = compile(ast.Module([definition], []), function.__code__.co_filename, "exec")
    names: dict[str, object] = {}
    exec(code, function.__globals__, names)  # noqa: S102 - our own source with one fault
    changed = names[function.__name__]
    assert isinstance(changed, FunctionType)
    function.__code__ = changed.__code__
