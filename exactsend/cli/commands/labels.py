"""``exactsend labels list``, ``create``, ``retry``, ``cancel``, ``download`` and ``accept``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactsend.errors import ExitStatus

if TYPE_CHECKING:
    from exactsend.engine.delivery_selector import DeliverySelector

Number = Annotated[
    str | None,
    typer.Argument(metavar="[NUMBER]", help="The number of an order or a delivery.", show_default=False),
]
OrderNumber = Annotated[str | None, typer.Option("--order", metavar="N", help="The number of an order.")]
DeliveryNumber = Annotated[
    str | None, typer.Option("--delivery", metavar="N", help="The number of a delivery.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def _selector(number: str | None, order: str | None, delivery: str | None) -> "DeliverySelector":
    from exactsend.engine.delivery_selector import DeliverySelector

    return DeliverySelector(number, order, delivery)


def list_labels(
    ctx: typer.Context,
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only deliveries that wait for a label.")
    ] = False,
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="30d|DATE",
            show_default=False,
            help="Deliveries seen or labelled since this date, including completed ones.",
        ),
    ] = "",
) -> ExitStatus:
    """List deliveries and their labels: open ones, and those completed recently."""
    from exactsend.cli.label_list import list_labels

    return list_labels(ctx.obj, only_waiting=waiting, since=since)


def create(
    ctx: typer.Context,
    number: Number = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    another: Annotated[
        int | None,
        typer.Option("--another", min=1, metavar="N", help="Buy the Nth label, next to a live one."),
    ] = None,
    yes: Yes = False,
) -> ExitStatus:
    """Buy the label of a delivery now. Costs money."""
    from exactsend.cli.label_actions import create_label

    return create_label(ctx.obj, _selector(number, order, delivery), another=another, yes=yes)


def retry(
    ctx: typer.Context,
    number: Number = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    yes: Yes = False,
) -> ExitStatus:
    """Retry a label that failed, was refused or is held. May cost money."""
    from exactsend.cli.label_actions import retry_label

    return retry_label(ctx.obj, _selector(number, order, delivery), yes=yes)


def cancel(
    ctx: typer.Context,
    number: Number = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    shipment: Annotated[
        str | None, typer.Option("--shipment", metavar="ID", help="The shipment to cancel.")
    ] = None,
    yes: Yes = False,
) -> ExitStatus:
    """Cancel a label at Sendcloud."""
    from exactsend.cli.label_actions import cancel_label

    return cancel_label(ctx.obj, _selector(number, order, delivery), shipment=shipment, yes=yes)


def download(
    ctx: typer.Context,
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NUMBER]...", help="Numbers of orders or deliveries.", show_default=False),
    ] = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    folder: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the files.")] = Path(),
    separate: Annotated[
        bool, typer.Option("--separate", help="Write one file per parcel instead of one for all.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
) -> ExitStatus:
    """Download labels again, with their customs papers. Buys nothing."""
    from exactsend.cli.label_download import Destination, download_labels

    selectors = [_selector(number, None, None) for number in numbers or ()]
    selectors += [_selector(None, order, None)] if order else []
    selectors += [_selector(None, None, delivery)] if delivery else []
    return download_labels(ctx.obj, selectors, Destination(folder, separate, overwrite))


def accept(
    ctx: typer.Context,
    number: Number = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="The error to close, by its code.")
    ] = None,
    shipment: Annotated[
        str | None,
        typer.Option("--shipment", metavar="ID", help="Take over this shipment as the delivery's label."),
    ] = None,
    yes: Yes = False,
) -> ExitStatus:
    """Close an error of a delivery that only a person can close."""
    from exactsend.cli.label_actions import accept_error

    return accept_error(ctx.obj, _selector(number, order, delivery), code=code, shipment=shipment, yes=yes)
