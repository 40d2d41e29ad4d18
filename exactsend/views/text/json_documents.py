"""The JSON documents of docs/json.md, as values. Numbers of orders and deliveries are strings, times ISO 8601 in UTC."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from exactsend.domain.problems import Code
from exactsend.engine.division_run import Run
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind
from exactsend.errors import ConfigError, ExactSendError, ExitStatus, RateLimited
from exactsend.http.messages import Json
from exactsend.views.text.outcome_phrases import counted

JsonObject = dict[str, Json]


def schema(command: str) -> str:
    """The name of a command's documents."""
    return f"exactsend.{command.replace(' ', '-')}/1"


def time_text(moment: datetime | None) -> str | None:
    """A moment as documents have it; None where there is none."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def sync_document(command: str, runs: Sequence[Run]) -> JsonObject:
    """What a sync command did, or would do, in every division."""
    document: JsonObject = {"schema": schema(command), "runs": [run_object(run) for run in runs]}
    problems = [
        problem for run in runs if isinstance(run.error, ConfigError) for problem in problems_of(run.error)
    ]
    return document | {"problems": list(problems)} if problems else document


def run_object(run: Run) -> JsonObject:
    """What became of one division."""
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
    """Why a run did not do all that it might have; None where it did, also where some orders or labels need a person."""
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
    """What to say where a purchase was not answered, or left for a day with more calls."""
    count = sum(outcome.outcome is OutcomeKind.UNKNOWN for outcome in outcomes)
    if not count:
        left = counted(
            sum(outcome.reason == "calls_reserved" for outcome in outcomes), "label was", "labels were"
        )
        return (
            f"{left} not bought: the calls that Exact still allows today are kept for writing back what has its label. "
            "It goes on by itself, oldest first, when Exact allows more: at 00:00 UTC at the latest"
        )
    which = "the outcome of a purchase is" if count == 1 else f"the outcomes of {count} purchases are"
    return f"{which} not known yet; the next run looks again"


def action_object(outcome: Outcome, *, bodies: bool = False) -> JsonObject:
    """What became of one action.

    Args:
        outcome: of what.
        bodies: show the request too. It names people, so what a timer prints every quarter of an hour has none.
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
        action |= {
            "message": outcome.problem.message,
            "field": outcome.problem.field,
            "remedy": outcome.problem.remedy,
            "detail": outcome.problem.detail,
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
    """How many ended how, by kind; those that are not listed included."""
    counted = Counter((outcome.kind.value, outcome.outcome.value) for outcome in outcomes)
    counts: dict[str, dict[str, int]] = {}
    for (kind, outcome), count in sorted(counted.items()):
        counts.setdefault(kind, {})[outcome] = count
    return {kind: dict(ended) for kind, ended in counts.items()}


def error_object(error: ExactSendError) -> JsonObject:
    """An error of ours."""
    return {"code": error.code, "message": error.message}


def problems_of(error: ConfigError) -> tuple[str, ...]:
    """Every problem with the configuration, each a sentence."""
    return error.problems or (error.message,)


def failed_document(command: str, rows: str, error: ExactSendError) -> JsonObject:
    """The document of a command that an error ended: no rows, and why."""
    document: JsonObject = {"schema": schema(command), "error": error_object(error)}
    if rows:
        document[rows] = []
    if isinstance(error, ConfigError):
        document["problems"] = list(problems_of(error))
    return document
