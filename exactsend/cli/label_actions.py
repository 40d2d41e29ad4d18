"""``labels create``, ``retry``, ``cancel`` and ``accept``: asks the person, has it done, prints the result."""

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import confirm
from exactsend.cli.sync_output import printed_results
from exactsend.domain.ids import ShipmentId
from exactsend.domain.shown_problem import shown
from exactsend.engine.delivery_selector import DeliverySelector, delivery_name
from exactsend.engine.division_run import run_deliveries
from exactsend.engine.errors_by_hand import DeliveryError, OrderError, close_error, find_error
from exactsend.engine.labels_by_hand import (
    buy_label,
    cancel,
    exists_in_exact,
    has_label,
    locked_delivery,
    locked_division,
    require_failed_label,
    require_no_label,
    shipment_to_cancel,
)
from exactsend.engine.sync import RunResult
from exactsend.errors import ExitStatus
from exactsend.views.text.cancellation import cancellation_terms
from exactsend.views.text.time_format import moment_text


def create_label(
    context: CommandContext, selector: DeliverySelector, *, another: int | None, yes: bool
) -> ExitStatus:
    """Buy the label of a delivery now."""
    with (
        printed_results(context) as print_result,
        locked_delivery(context.wiring, context.single_division(), selector, exists_in_exact) as (
            opened,
            record,
        ),
    ):
        require_no_label(opened, record, another)
        if not _confirm(context, f"Buy a label for {delivery_name(record)}?", yes=yes):
            return ExitStatus.DONE
        result, status = buy_label(opened, record, another=another)
        print_result(result)
        return status


def retry_label(context: CommandContext, selector: DeliverySelector, *, yes: bool) -> ExitStatus:
    """Retry a label that failed, was refused or is held."""
    with (
        printed_results(context) as print_result,
        locked_delivery(context.wiring, context.single_division(), selector, exists_in_exact) as (
            opened,
            record,
        ),
    ):
        require_failed_label(opened, record)
        question = f"Retry the label of {delivery_name(record)}? It may cost money."
        if not _confirm(context, question, yes=yes):
            return ExitStatus.DONE
        result, status = buy_label(opened, record)
        print_result(result)
        return status


def cancel_label(
    context: CommandContext, selector: DeliverySelector, *, shipment: str | None, yes: bool
) -> ExitStatus:
    """Cancel a label at Sendcloud."""
    with (
        printed_results(context) as print_result,
        locked_delivery(context.wiring, context.single_division(), selector, has_label) as (opened, record),
    ):
        label = shipment_to_cancel(opened, record, shipment)
        numbers = ", ".join(label.tracking_numbers) or "without a tracking number"
        context.terminal.note(
            f"The label of {delivery_name(record)}: shipment {label.id}, {numbers}, made {moment_text(label.announced_at)}.\n"
            f"{cancellation_terms(label, context.process_io.clock())}"
        )
        if not _confirm(context, "Cancel it?", yes=yes):
            return ExitStatus.DONE
        print_result(RunResult((cancel(opened, record, ShipmentId(label.id)),)))
        print_result(run_deliveries(opened, [record.delivery_id], {}))
        return ExitStatus.DONE


def accept_error(
    context: CommandContext,
    selector: DeliverySelector,
    *,
    code: str | None,
    shipment: str | None,
    yes: bool,
) -> ExitStatus:
    """Close an error that only a person can close, or take over a shipment as a delivery's label."""
    with printed_results(context):
        selector.require_complete()
        with locked_division(context.wiring, context.single_division()) as opened:
            error = find_error(opened, selector, code, shipment)
            if error.problem is not None:
                context.terminal.note(shown(error.problem).message)
            if not _confirm(context, _accept_question(error), yes=yes):
                return ExitStatus.DONE
            close_error(opened, error)
        context.terminal.result(f"{error.name}: {_accept_result(error)}")
        return ExitStatus.DONE


def _accept_question(error: OrderError | DeliveryError) -> str:
    label = error.label if isinstance(error, DeliveryError) else None
    if label is None:
        return "Close this error?"
    numbers = ", ".join(label.tracking_numbers) or "without a tracking number"
    return f"Take over shipment {label.id} (number {label.order_number or 'none'}, {numbers}) as its label?"


def _accept_result(error: OrderError | DeliveryError) -> str:
    label = error.label if isinstance(error, DeliveryError) else None
    return f"shipment {label.id} is now its label" if label else "closed"


def _confirm(context: CommandContext, question: str, *, yes: bool) -> bool:
    return confirm(context.terminal, context.process_io.stdin, question, yes=yes)
