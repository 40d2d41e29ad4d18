"""What a probe works with, and the part of the ledger that says what it has to put back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exactsend.domain.ids import Division, IncomingRef, Reference, probe_incoming_ref, probe_reference
from exactsend.domain.probe_findings import Probe, ProbeAnswer, ProbeIncomingOrder, ProbeLabel, ProbeText
from exactsend.domain.record_store import Memory
from exactsend.domain.records import Record
from exactsend.engine.run_context import RunContext
from exactsend.engine.wiring import Services


@dataclass(frozen=True)
class ProbeFinding:
    """What was found out about one question; ``answer`` is one word, or none where it could not be found out."""

    question: str
    answer: str
    detail: str = ""


@dataclass(frozen=True)
class ProbeContext:
    """Both services, the ledger under its lock, and the name of this probe."""

    division: Division
    integration: int
    services: Services
    memory: Memory
    context: RunContext
    name: str
    """Random, so that no two probes use one reference."""
    folder: Path
    """Where a paper is left for a person to look at."""
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    uninterrupted: Callable[[], AbstractContextManager[None]]
    tell: Callable[[str], None]

    # ── intents ──────────────────────────────────────────────────────────────────────────────────

    def reference(self, place: int) -> Reference:
        """The reference of this probe's ``place``-th letter."""
        return probe_reference(self.division, self.name, place)

    @property
    def entry(self) -> str:
        """The order id of this probe's own entry."""
        return probe_incoming_ref(self.division, self.name)

    def intend_label(self, reference: Reference) -> None:
        """Note that a letter with this reference is about to be made."""
        probe = self.memory.probe
        if all(label.reference != reference for label in probe.labels):
            intended = ProbeLabel(reference=reference, at=self.clock())
            self._note("probe_label_intended", probe.replace(labels=(*probe.labels, intended)))

    def label_is_gone(self, reference: Reference) -> None:
        """Note that no letter with this reference is left."""
        probe = self.memory.probe
        kept = tuple(label for label in probe.labels if label.reference != reference)
        self._note("probe_label_gone", probe.replace(labels=kept))

    def intend_entry(self, entry: ProbeIncomingOrder) -> None:
        """Note that an entry is about to be made, or sent again."""
        probe = self.memory.probe
        # With the order's own entry, where it is one that a person named: so what is sent is told of that order.
        named = self.memory.incoming(IncomingRef(entry.order_id))
        self._note("probe_entry_intended", probe.replace(entries=(*probe.entries, entry)), named)

    def entry_is_gone(self, entry: ProbeIncomingOrder) -> None:
        """Note that of an entry only what is to stay is left."""
        probe = self.memory.probe
        self._note(
            "probe_entry_gone",
            probe.replace(entries=tuple(candidate for candidate in probe.entries if candidate != entry)),
        )

    def intend_writing(self, writing: ProbeText) -> None:
        """Note that a text of a delivery is about to be lengthened."""
        probe = self.memory.probe
        named = self.memory.delivery(writing.delivery)
        self._note("probe_writing_intended", probe.replace(writings=(*probe.writings, writing)), named)

    def writing_is_undone(self, writing: ProbeText) -> None:
        """Note that a text stands as it stood before."""
        probe = self.memory.probe
        kept = tuple(candidate for candidate in probe.writings if candidate != writing)
        self._note("probe_writing_undone", probe.replace(writings=kept))

    def remember(self, answer: ProbeFinding) -> None:
        """Keep an answer; the last one to a question counts."""
        if answer.answer:
            probe = self.memory.probe
            kept = ProbeAnswer(answer=answer.answer, detail=answer.detail, at=self.clock())
            self._note("probe_answered", probe.replace(answers={**probe.answers, answer.question: kept}))

    def _note(self, event: str, probe: Probe, named: Record | None = None) -> None:
        records = [probe, named] if named else [probe]
        self.memory.note(event, *records, subject="probe", facts={"probe": self.name})
