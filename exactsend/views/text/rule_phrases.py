"""What each rule asks, and what was found, in words. Sentences only."""

from exactsend.engine.plan.checks import Check
from exactsend.views.text.outcome_phrases import reason_text
from exactsend.views.text.view_phrases import FOUND


def found_text(check: Check) -> str:
    """What was found, and what would let pass where that is not so."""
    found = FOUND.get((check.rule, check.found), check.found)
    if check.passed or not check.wanted:
        return found
    return f"{found or 'nothing'}; wanted: {check.wanted}"


def why_text(check: Check) -> str:
    """Why it fails."""
    return check.problem.message if check.problem else reason_text(check.reason)
