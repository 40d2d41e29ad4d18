"""``exactsend labels download``: saves labels and their customs papers as PDF files.

Several labels become one file, for the printer; so do several customs papers, which have another paper size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.output_files import require_new, save
from exactsend.cli.pdf import is_sound, merged, page_count
from exactsend.engine.delivery_selector import DeliverySelector
from exactsend.engine.label_documents import DOCUMENT_KINDS, LabelDocument, fetch_documents
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.views.text.json_documents import schema


@dataclass(frozen=True)
class Destination:
    """Where the files go, and how."""

    folder: Path
    separate: bool = False
    """One file per parcel."""
    overwrite: bool = False


@dataclass(frozen=True)
class _File:
    """A file to write: one document, or several merged."""

    path: Path
    kind: str
    deliveries: tuple[int, ...]
    content: bytes


_FILE_NAMES = dict(
    zip(
        DOCUMENT_KINDS,
        (("label", "labels"), ("customs", "customs"), ("air-waybill", "air-waybills")),
        strict=True,
    )
)
"""The beginning of a file's name: for one document, and for several."""


def download_labels(
    context: CommandContext, selectors: Sequence[DeliverySelector], destination: Destination
) -> ExitStatus:
    """Download labels and customs papers. Everything is fetched before anything is written.

    Returns:
        Status 1 where a delivery has nothing to print yet, or a document is damaged; the others are saved.
    """
    fetched = fetch_documents(context.wiring, context.single_division(), selectors)
    missing = [delivery.missing for delivery in fetched if delivery.missing]
    for reason in missing:
        context.terminal.note(f"exactsend: {reason}")
    documents = [document for delivery in fetched for document in delivery.documents]
    damaged = [document for document in documents if not is_sound(document.pdf)]
    files = [*_files(documents, damaged, destination)]
    _write(files, overwrite=destination.overwrite)
    for document in damaged:
        context.terminal.note(f"exactsend: {_damage(document)}")
    _print(context, files)
    return ExitStatus.ATTENTION if damaged or missing else ExitStatus.DONE


def _damage(document: LabelDocument) -> str:
    name = _FILE_NAMES[document.kind][0].replace("-", " ")
    return (
        f"the {name} of delivery {document.delivery}, parcel {document.parcel}, is damaged: Sendcloud's file is not a sound PDF. It was "
        "saved unchanged, in a file of its own; download it again in a few minutes, or print it in Sendcloud's panel"
    )


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _files(
    documents: Sequence[LabelDocument], damaged: Sequence[LabelDocument], destination: Destination
) -> Iterator[_File]:
    """One file for each kind of document; damaged documents, and all documents with ``separate``, in files of their own."""
    for kind in DOCUMENT_KINDS:
        of_kind = [document for document in documents if document.kind == kind]
        sound = [document for document in of_kind if document not in damaged]
        is_merged = len(sound) > 1 and not destination.separate
        if is_merged:
            yield _merged_file(kind, sound, destination.folder)
        for document in of_kind:
            if not is_merged or document in damaged:
                yield _single_file(document, destination.folder)


def _single_file(document: LabelDocument, folder: Path) -> _File:
    name = f"{_FILE_NAMES[document.kind][0]}-{document.delivery}-{document.parcel}.pdf"
    return _File(folder / name, document.kind, (document.delivery,), document.pdf)


def _merged_file(kind: str, documents: Sequence[LabelDocument], folder: Path) -> _File:
    deliveries = tuple(dict.fromkeys(document.delivery for document in documents))
    first_and_last = dict.fromkeys((deliveries[0], deliveries[-1]))
    name = "-".join([_FILE_NAMES[kind][1], *map(str, first_and_last)]) + ".pdf"
    return _File(folder / name, kind, deliveries, merged([document.pdf for document in documents]))


def _write(files: Sequence[_File], *, overwrite: bool) -> None:
    if not overwrite:
        for file in files:
            require_new(file.path, "Add --overwrite to replace it, or name another folder with --to.")
    for file in files:
        save(file.path, file.content, overwrite=overwrite)


def _print(context: CommandContext, files: Sequence[_File]) -> None:
    for file in files:
        context.terminal.result(str(file.path))
    if context.terminal.json:
        context.terminal.document(
            {
                "schema": schema("labels download"),
                "division": context.single_division().name,
                "actions": [],
                "files": [_row(file) for file in files],
                "error": None,
            }
        )


def _row(file: _File) -> dict[str, Json]:
    return {
        "path": str(file.path),
        "kind": file.kind,
        "delivery_numbers": [str(number) for number in file.deliveries],
        "pages": page_count(file.content),
    }
