"""A clause of a rule, the line of the program that keeps it, and the tests that fail once that line is gone."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Clause:
    """One thing that a rule demands, and how to take it out of the program."""

    rule: str
    """Its number in ``docs/rules.md``."""
    says: str
    kept_by: Callable[..., object] | property
    """The function that keeps it."""
    line: str
    """What keeps it there: stands in the function once."""
    without: str
    """What stands there when the clause is taken out."""
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
    assert len(files) == 1, f"{test} stands in {files}"
    return files[0]


def take_out(clause: Clause) -> None:
    """Let the function do without the clause, for all who know it by whatever name, as long as this process lives."""
    function = clause.function()
    source = source_of(function)
    assert source.count(clause.line) == 1, (
        f"{clause.place} says {clause.line!r} {source.count(clause.line)} times"
    )
    function.__code__ = _compiled(source.replace(clause.line, clause.without), function).__code__


def source_of(function: Callable[..., object]) -> str:
    """How it reads, as if it stood outside of everything."""
    return textwrap.dedent(inspect.getsource(function))


def _compiled(source: str, function: FunctionType) -> FunctionType:
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    code = compile(ast.Module([definition], []), function.__code__.co_filename, "exec")
    names: dict[str, object] = {}
    exec(code, function.__globals__, names)  # noqa: S102 - our own source, one line changed
    changed = names[function.__name__]
    assert isinstance(changed, FunctionType)
    return changed
