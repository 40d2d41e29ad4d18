"""The ``labels`` commands, declared. See ``app``; what they do is ``labelling``'s."""
# ruff: noqa: PLC0415 - imported when they are run, so that --help is quick

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactsend.cli.options import Commands, Work, command
from exactsend.errors import ExitStatus

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext
    from exactsend.cli.delivery_selector import Which

labels = typer.Typer(
    cls=Commands,
    help="Deliveries and their labels, by order or delivery number.",
    short_help="Deliveries and their labels",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Number = Annotated[
    str | None,
    typer.Argument(metavar="[NUMBER]", help="An order's or a delivery's number.", show_default=False),
]
OrderNumber = Annotated[str | None, typer.Option("--order", metavar="N", help="An order's number.")]
DeliveryNumber = Annotated[str | None, typer.Option("--delivery", metavar="N", help="A delivery's number.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ShipmentOption = Annotated[
    str | None, typer.Option("--shipment", metavar="ID", help="Which shipment is meant.")
]


def _which(number: str | None, order: str | None, delivery: str | None) -> "Which":
    from exactsend.cli.delivery_selector import Which

    return Which(number, order, delivery)


@command(labels, "list", group="labels", rows="deliveries")
def labels_list(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for a label.")] = False,
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="30d|DATE",
            show_default=False,
            help="Those seen or labelled since then, however long they are done.",
        ),
    ] = "",
) -> Work:
    """List deliveries and their labels: what is open, and what was done of late."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import queries

        return queries.labels(place, only_waiting=waiting, since=since)

    return work


@command(labels, "create", group="labels", rows="actions")
def labels_create(
    number: Number = None,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    another: Annotated[
        int | None,
        typer.Option("--another", min=1, metavar="N", help="Buy the N-th label beside a live one."),
    ] = None,
    yes: Yes = False,
) -> Work:
    """Buy the label of a delivery now. Costs money."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import label_actions, sync_output

        with sync_output.labels_told(place, "labels create") as report:
            return label_actions.create(
                place, _which(number, order, delivery), another=another, yes=yes, report=report
            )

    return work


@command(labels, "retry", group="labels", rows="actions")
def labels_retry(
    number: Number = None, order: OrderNumber = None, delivery: DeliveryNumber = None, yes: Yes = False
) -> Work:
    """Try a label again that failed, was refused or is held. May cost money."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import label_actions, sync_output

        with sync_output.labels_told(place, "labels retry") as report:
            return label_actions.retry(place, _which(number, order, delivery), yes=yes, report=report)

    return work


@command(labels, "cancel", group="labels", rows="actions")
def labels_cancel(
    number: Number = None,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    shipment: ShipmentOption = None,
    yes: Yes = False,
) -> Work:
    """Cancel a label at Sendcloud."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import label_actions, sync_output

        with sync_output.labels_told(place, "labels cancel") as report:
            return label_actions.cancel(
                place, _which(number, order, delivery), shipment=shipment, yes=yes, report=report
            )

    return work


@command(labels, "download", group="labels", rows="actions")
def labels_download(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NUMBER]...", help="Numbers of orders or deliveries.", show_default=False),
    ] = None,
    *,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    folder: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files go.")] = Path(),
    separate: Annotated[
        bool, typer.Option("--separate", help="A file for each parcel, instead of one for all.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> Work:
    """Fetch labels again, with their customs papers. Buys nothing."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import download

        named = [_which(number, None, None) for number in numbers or ()]
        named += [_which(None, order, None)] if order else []
        named += [_which(None, None, delivery)] if delivery else []
        return download.download(place, named, download.Wanted(folder, separate, overwrite))

    return work


@command(labels, "accept", group="labels", rows="actions")
def labels_accept(
    number: Number = None,
    order: OrderNumber = None,
    delivery: DeliveryNumber = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="Which error is meant, by its code.")
    ] = None,
    shipment: Annotated[
        str | None,
        typer.Option("--shipment", metavar="ID", help="Take this shipment over as the delivery's label."),
    ] = None,
    yes: Yes = False,
) -> Work:
    """Close an error of a delivery that only a person can close."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import label_actions, sync_output

        with sync_output.labels_told(place, "labels accept"):
            which = _which(number, order, delivery)
            return label_actions.accept(place, which, code=code, shipment=shipment, yes=yes)

    return work
