"""What a probe works with, and the ledger's record of what it must restore."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exactsend.domain.ids import Division, IncomingRef, Reference, probe_incoming_ref, probe_reference
from exactsend.domain.probe_findings import Probe, ProbeAnswer, ProbeIncomingOrder, ProbeLabel, ProbeText
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import Record
from exactsend.engine.run_context import RunContext
from exactsend.engine.wiring import Services


@dataclass(frozen=True)
class ProbeFinding:
    """The answer to one question; ``answer`` is one word, empty if the probe could not find it out."""

    question: str
    answer: str
    detail: str = ""


@dataclass(frozen=True)
class ProbeContext:
    """Both services, the locked ledger, and the name of this probe."""

    division: Division
    integration: int
    services: Services
    records: RecordStore
    run: RunContext
    name: str
    """Random, so that no two probes use the same reference."""
    folder: Path
    """Where the probe leaves a document for a person to read."""
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    uninterrupted: Callable[[], AbstractContextManager[None]]
    report_progress: Callable[[str], None]

    # ── intents ──────────────────────────────────────────────────────────────────────────────────

    def reference(self, number: int) -> Reference:
        """The reference of this probe's letter with that number."""
        return probe_reference(self.division, self.name, number)

    @property
    def order_id(self) -> str:
        """The order id of this probe's own incoming order."""
        return probe_incoming_ref(self.division, self.name)

    def record_label_intent(self, reference: Reference) -> None:
        """Record that the probe is about to create a letter with this reference."""
        probe = self.records.probe
        if all(label.reference != reference for label in probe.labels):
            intended = ProbeLabel(reference=reference, at=self.clock())
            self._record("probe_label_intended", probe.replace(labels=(*probe.labels, intended)))

    def record_label_gone(self, reference: Reference) -> None:
        """Record that no letter with this reference is left."""
        probe = self.records.probe
        kept = tuple(label for label in probe.labels if label.reference != reference)
        self._record("probe_label_gone", probe.replace(labels=kept))

    def record_order_intent(self, entry: ProbeIncomingOrder) -> None:
        """Record that the probe is about to create an incoming order, or to send one again."""
        probe = self.records.probe
        # Together with the record of the order that a person named, so that its history shows the request.
        named = self.records.incoming(IncomingRef(entry.order_id))
        self._record("probe_entry_intended", probe.replace(entries=(*probe.entries, entry)), named)

    def record_order_gone(self, entry: ProbeIncomingOrder) -> None:
        """Record that the probe's incoming order is deleted."""
        probe = self.records.probe
        self._record(
            "probe_entry_gone",
            probe.replace(entries=tuple(kept for kept in probe.entries if kept != entry)),
        )

    def record_text_intent(self, writing: ProbeText) -> None:
        """Record that the probe is about to lengthen a text of a delivery."""
        probe = self.records.probe
        named = self.records.delivery(writing.delivery)
        self._record("probe_writing_intended", probe.replace(writings=(*probe.writings, writing)), named)

    def record_text_restored(self, writing: ProbeText) -> None:
        """Record that a text is as it was before."""
        probe = self.records.probe
        kept = tuple(other for other in probe.writings if other != writing)
        self._record("probe_writing_undone", probe.replace(writings=kept))

    def record_answer(self, finding: ProbeFinding) -> None:
        """Record an answer; it replaces an earlier one to the same question."""
        if finding.answer:
            probe = self.records.probe
            kept = ProbeAnswer(answer=finding.answer, detail=finding.detail, at=self.clock())
            self._record("probe_answered", probe.replace(answers={**probe.answers, finding.question: kept}))

    def _record(self, event: str, probe: Probe, named: Record | None = None) -> None:
        records = [probe, named] if named else [probe]
        self.records.note(event, *records, subject="probe", facts={"probe": self.name})
