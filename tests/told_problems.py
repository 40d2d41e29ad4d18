"""Problems that say what a test wants them to say."""

from exactsend.domain.problems import AS_STORED, Code, Problem


def a_told_problem(
    code: Code, message: str, *, field: str = "", remedy: str = "", detail: str = ""
) -> Problem:
    """A problem with sentences of its own."""
    return Problem(code, {"message": message, "field": field, "remedy": remedy}, AS_STORED, detail)
