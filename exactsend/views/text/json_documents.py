"""Parts of the JSON documents of docs/json.md. Order and delivery numbers are strings, times are ISO 8601 in UTC."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from exactsend.domain.problems import Code
from exactsend.domain.shown_problem import shown
from exactsend.engine.division_run import Run
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind
from exactsend.errors import ConfigError, ExactSendError, ExitStatus, RateLimited
from exactsend.http.messages import Json
from exactsend.views.text.outcome_phrases import counted

JsonObject = dict[str, Json]


def schema(command: str) -> str:
    """The schema name of a command's document."""
    return f"exactsend.{command.replace(' ', '-')}/1"


def time_text(moment: datetime | None) -> str | None:
    """A time in a document; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def sync_document(command: str, runs: Sequence[Run]) -> JsonObject:
    """The document of a sync command: what it did, or would do, in each division."""
    document: JsonObject = {"schema": schema(command), "runs": [run_object(run) for run in runs]}
    problems = [
        problem for run in runs if isinstance(run.error, ConfigError) for problem in problems_of(run.error)
    ]
    return document | {"problems": list(problems)} if problems else document


def run_object(run: Run) -> JsonObject:
    """The run of one division."""
    return {
        "division": run.division,
        "dry_run": run.dry_run,
        "exit_status": int(run.exit_status),
        "error": error_of(run),
        "actions": [action_object(outcome, bodies=run.dry_run) for outcome in run.outcomes if outcome.listed],
        "counts": counts_object(run.outcomes),
        "left": run.result.left._asdict(),
        "calls": {"exact": run.calls.get("exact", 0), "sendcloud": run.calls.get("sendcloud", 0)},
        "started_at": time_text(run.started_at),
        "finished_at": time_text(run.finished_at),
    }


def error_of(run: Run) -> Json:
    """Why a run did not do all its work; None if it did, even if some orders or labels need attention."""
    if run.error is not None:
        return error_object(run.error)
    if run.result.stopped:
        return {"code": run.result.stop_code, "message": run.result.stopped}
    if run.exit_status is ExitStatus.API:
        is_unknown = any(outcome.outcome is OutcomeKind.UNKNOWN for outcome in run.outcomes)
        code = Code.LABEL_UNKNOWN.value if is_unknown else RateLimited.code
        return {"code": code, "message": later_sentence(run.outcomes)}
    return None


def later_sentence(outcomes: Sequence[Outcome]) -> str:
    """Why purchases wait: their outcome is unknown, or the calls of today are reserved."""
    count = sum(outcome.outcome is OutcomeKind.UNKNOWN for outcome in outcomes)
    if not count:
        left = counted(
            sum(outcome.reason == "calls_reserved" for outcome in outcomes), "label was", "labels were"
        )
        return (
            f"{left} not bought: the calls that Exact still allows today are reserved for writing back labels that exist. "
            "Purchases resume automatically, oldest first, when Exact allows more calls: at 00:00 UTC at the latest"
        )
    subject = "the outcome of a purchase is" if count == 1 else f"the outcomes of {count} purchases are"
    return f"{subject} not known yet; the next run looks again"


def action_object(outcome: Outcome, *, bodies: bool = False) -> JsonObject:
    """The outcome of one action.

    Args:
        outcome: of the action.
        bodies: include the request, which has personal data. Runs of a timer print none.
    """
    subject = outcome.subject
    action: JsonObject = {
        "kind": outcome.kind.value,
        "order_number": str(subject.order_numbers[0]) if subject.order_numbers else None,
        "delivery_number": None if subject.delivery_number is None else str(subject.delivery_number),
        "outcome": outcome.outcome.value,
        "reason": outcome.reason,
        "cost_bearing": outcome.cost_bearing,
    }
    if outcome.problem:
        words = shown(outcome.problem)
        action |= {
            "message": words.message,
            "field": words.field,
            "remedy": words.remedy,
            "detail": words.detail,
        }
    elif outcome.kind is ActionKind.LABEL_ADOPT and outcome.notes:
        action["message"] = " ".join(outcome.notes)
    if outcome.shipment_id:
        action["shipment_id"] = outcome.shipment_id
    if outcome.tracking_numbers:
        action["tracking_numbers"] = list(outcome.tracking_numbers)
    if outcome.outcome is OutcomeKind.PLANNED and outcome.kind is ActionKind.ORDER_PUSH:
        action["is_new"] = outcome.is_new
    if outcome.price is not None:
        action["quote"] = {"value": str(outcome.price.value), "currency": outcome.price.currency}
    if bodies and outcome.request is not None:
        action["request"] = outcome.request
    return action


def counts_object(outcomes: Sequence[Outcome]) -> JsonObject:
    """The number of outcomes by kind and result, including those that are not listed."""
    counted = Counter((outcome.kind.value, outcome.outcome.value) for outcome in outcomes)
    counts: dict[str, dict[str, int]] = {}
    for (kind, outcome), count in sorted(counted.items()):
        counts.setdefault(kind, {})[outcome] = count
    return {kind: dict(ended) for kind, ended in counts.items()}


def error_object(error: ExactSendError) -> JsonObject:
    """The code and message of an error."""
    return {"code": error.code, "message": error.message}


def problems_of(error: ConfigError) -> tuple[str, ...]:
    """Every problem of the configuration, each a sentence."""
    return error.problems or (error.message,)


def failed_document(command: str, rows: str, error: ExactSendError) -> JsonObject:
    """The document of a command that failed: the error, and no rows."""
    document: JsonObject = {"schema": schema(command), "error": error_object(error)}
    if rows:
        document[rows] = []
    if isinstance(error, ConfigError):
        document["problems"] = list(problems_of(error))
    return document
