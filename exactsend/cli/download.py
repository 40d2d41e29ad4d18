"""``exactsend labels download``: labels once more, with the customs papers that go with them. Buys nothing, and takes no lock.

Several labels become one file, for the printer; so do several customs papers, which are of another size of paper.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.delivery_selector import Which, described, named
from exactsend.cli.output_files import require_new, save
from exactsend.cli.pdf import is_sound, merged, pages_of
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division
from exactsend.engine.plan.number_lookup import choices, only_delivery
from exactsend.errors import ExitStatus, UsageError
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.parcels import AIR_WAYBILL, CUSTOMS_DECLARATION, LABEL
from exactsend.views.text.json_documents import schema


@dataclass(frozen=True)
class Wanted:
    """Where the files go, and how."""

    folder: Path
    separate: bool = False
    """A file for each parcel, however many there are."""
    overwrite: bool = False


@dataclass(frozen=True)
class Paper:
    """One document of one parcel."""

    kind: str
    delivery: int
    parcel: int
    pdf: bytes
    is_sound: bool = True


@dataclass(frozen=True)
class File:
    """What is written: one paper, or several as one."""

    path: Path
    kind: str
    deliveries: tuple[int, ...]
    content: bytes


_CALLED = {
    LABEL: ("label", "labels"),
    CUSTOMS_DECLARATION: ("customs", "customs"),
    AIR_WAYBILL: ("air-waybill", "air-waybills"),
}
"""How the files of a kind are called: one paper, and several."""


def download(place: CommandContext, whiches: Sequence[Which], wanted: Wanted) -> ExitStatus:
    """Fetch labels and customs papers. Everything is fetched before anything is written.

    Returns:
        Status 1 where a delivery has nothing to print (yet), or what Sendcloud has is damaged; the others are fetched.
    """
    _require_something(whiches)
    with open_division(place.wiring, place.one(), RunOptions(dry_run=True), Progress(), {}) as work:
        fetched = [_fetched(work, delivery) for delivery in _deliveries(work, whiches)]
    for candidate in fetched:
        if candidate.lacking:
            place.terminal.say(f"exactsend: {candidate.lacking}")
    papers = [paper for candidate in fetched for paper in candidate.papers]
    damaged = [paper for paper in papers if not paper.is_sound]
    files = [*_files(papers, wanted)]
    _write(files, overwrite=wanted.overwrite)
    for paper in damaged:
        place.terminal.say(f"exactsend: {_damage(paper)}")
    _tell(place, files)
    return (
        ExitStatus.ATTENTION
        if damaged or any(candidate.lacking for candidate in fetched)
        else ExitStatus.DONE
    )


def _require_something(whiches: Sequence[Which]) -> None:
    if not whiches:
        raise UsageError("name the deliveries: NUMBERs, --order NUMBER, or --delivery NUMBER")
    for which in whiches:
        which.require()


# ── which deliveries ─────────────────────────────────────────────────────────────────────────────


def _deliveries(work: OpenDivision, whiches: Sequence[Which]) -> list[DeliveryRecord]:
    """All that are named, each once; of an order all its deliveries."""
    return list(
        {delivery.delivery_id: delivery for which in whiches for delivery in _named(work, which)}.values()
    )


def _named(work: OpenDivision, which: Which) -> list[DeliveryRecord]:
    found = named(work.memory, which)
    if not found:
        only_delivery(found, which.called)
    by_its_own = [delivery for delivery in found if str(delivery.number) == which.number]
    if by_its_own and len(by_its_own) < len(found):
        raise UsageError(
            f"{which.called} could be: {choices(found)}",
            hint="Say which: --order NUMBER or --delivery NUMBER.",
        )
    return found


# ── their papers ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Fetched:
    """What Sendcloud has of one delivery, or why there is nothing."""

    papers: tuple[Paper, ...] = ()
    lacking: str = ""


def _fetched(work: OpenDivision, record: DeliveryRecord) -> Fetched:
    name = described(record)
    if record.label is None:
        line = f"exactsend labels create --delivery {record.number}"
        return Fetched(lacking=f"{name} has no label; to buy one: {line}")
    shipment = work.services.sendcloud.shipment(record.label.shipment)
    if shipment is None or not shipment.is_live:
        return Fetched(
            lacking=f"the label of {name} is cancelled or gone at Sendcloud; take note of it: exactsend sync"
        )
    if not shipment.is_printable:
        return Fetched(
            lacking=f"the label of {name} is not made yet at the carrier; try again in some minutes"
        )
    return Fetched(tuple(_papers(work, record, shipment)))


def _papers(work: OpenDivision, record: DeliveryRecord, shipment: Shipment) -> Iterator[Paper]:
    """The documents that Sendcloud has of a delivery's parcels now."""
    for parcel in shipment.parcels:
        for kind in parcel.document_kinds:
            pdf = work.services.sendcloud.document_pdf(parcel.id, kind)
            yield Paper(kind, record.number, parcel.id, pdf, is_sound(pdf))


def _damage(paper: Paper) -> str:
    what = _CALLED[paper.kind][0].replace("-", " ")
    return (
        f"the {what} of delivery {paper.delivery}, parcel {paper.parcel}, is damaged: what Sendcloud has is no sound PDF. It was saved "
        "by itself, as it is; fetch it again in some minutes, or print it in Sendcloud's panel"
    )


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _files(papers: Sequence[Paper], wanted: Wanted) -> Iterator[File]:
    by_kind = sorted(papers, key=lambda paper: list(_CALLED).index(paper.kind))
    for kind, group in groupby(by_kind, key=lambda paper: paper.kind):
        of_kind = list(group)
        sound = [paper for paper in of_kind if paper.is_sound]
        is_alone = wanted.separate or len(sound) <= 1
        alone = of_kind if is_alone else [paper for paper in of_kind if not paper.is_sound]
        if len(alone) < len(of_kind):
            yield _together(kind, sound, wanted.folder)
        yield from (_alone(paper, wanted.folder) for paper in alone)


def _alone(paper: Paper, folder: Path) -> File:
    name = f"{_CALLED[paper.kind][0]}-{paper.delivery}-{paper.parcel}.pdf"
    return File(folder / name, paper.kind, (paper.delivery,), paper.pdf)


def _together(kind: str, papers: Sequence[Paper], folder: Path) -> File:
    deliveries = tuple(dict.fromkeys(paper.delivery for paper in papers))
    ends = dict.fromkeys((deliveries[0], deliveries[-1]))
    name = "-".join([_CALLED[kind][1], *map(str, ends)]) + ".pdf"
    return File(folder / name, kind, deliveries, merged([paper.pdf for paper in papers]))


def _write(files: Sequence[File], *, overwrite: bool) -> None:
    if not overwrite:
        for file in files:
            require_new(file.path, "Say --overwrite to replace it, or name another folder with --to.")
    for file in files:
        save(file.path, file.content, overwrite=overwrite)


def _tell(place: CommandContext, files: Sequence[File]) -> None:
    for file in files:
        place.terminal.result(str(file.path))
    if place.terminal.json:
        place.terminal.document(
            {
                "schema": schema("labels download"),
                "division": place.one().name,
                "actions": [],
                "files": [_row(file) for file in files],
                "error": None,
            }
        )


def _row(file: File) -> dict[str, Json]:
    return {
        "path": str(file.path),
        "kind": file.kind,
        "delivery_numbers": [str(number) for number in file.deliveries],
        "pages": pages_of(file.content),
    }
