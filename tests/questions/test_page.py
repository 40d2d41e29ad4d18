"""docs/questions.md lists the questions that are tested here, and no other."""

import ast
import re
from pathlib import Path

from tests.documents import ROOT, table

PAGE = ROOT / "docs" / "questions.md"


def test_every_question_of_the_page_is_a_test() -> None:
    asked = {_as_a_name(row[0]) for row in table(PAGE, "question", "ask")}

    assert asked <= _tests()


def _as_a_name(question: str) -> str:
    return "test_" + re.sub(r"[^a-z0-9]+", "_", question.lower().replace("'", "")).strip("_")


def _tests() -> set[str]:
    files = Path(__file__).parent.glob("test_*.py")
    bodies = [node for file in files for node in ast.parse(file.read_text(encoding="utf-8")).body]
    return {node.name for node in bodies if isinstance(node, ast.FunctionDef)}
