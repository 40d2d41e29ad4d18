"""Runs a probe: restores what an earlier one left, asks the questions, and restores everything."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError, LedgerError, Terminated
from exactsend.exact.tokens import latest
from exactsend.operations.probe.cleanup import clean_up
from exactsend.operations.probe.incoming_order_probes import probe_panel_label, probe_shorter_list
from exactsend.operations.probe.length_probes import probe_text_lengths
from exactsend.operations.probe.price_probe import probe_customs_price
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.operations.probe.reference_probes import probe_references
from exactsend.operations.probe.stream_start_probes import probe_stream_starts
from exactsend.operations.probe.token_probe import probe_token_refresh
from exactsend.settings.models import DivisionSettings

QUESTIONS = {
    "reference_used_again": "does Sendcloud refuse a reference that was used before",
    "reference_after_cancel": "does a cancelled label keep its reference",
    "reference_after_failure": "does a failed label keep its reference",
    "customs_price": "is the price of a customs item per piece or per line",
    "shorter_list": "does a shorter list of lines replace a longer one",
    "unlisted_beginning": "what does Exact answer for a stream that SyncTimestamp does not list",
    "beginning_ahead": "what does Exact answer for a start after the last change",
    "panel_label": "does a label made in the panel show under our keys",
    "shipped_order_again": "can an incoming order be sent again after its label was made",
    "tracking_length": "how many characters of a tracking number does Exact keep",
    "remarks_length": "how many characters of the remarks does Exact keep",
    "zone_of_dates": "how far do Exact's dates differ from UTC",
    "refresh_from_seconds": "from which age does Exact exchange an access token",
}
"""Every question, by its name in the ledger and the documentation."""


@dataclass(frozen=True)
class ProbeOptions:
    """The order and delivery to probe; a probe that needs one is left out without it."""

    order: int | None = None
    delivery: int | None = None
    refresh: bool = False

    def planned_actions(self) -> Iterator[str]:
        """What the probe will do; each completes the sentence "It will …"."""
        yield (
            "create up to seven labels with sendcloud:letter, which has no postage, to your own first sender address and one to Bern,"
            " and cancel them; if that option is not offered, or has a price, it creates none. Each costs Sendcloud's label fee (0.08 to"
            " 0.10 EUR depending on the plan; on the free plan it is one of the month's 50 labels) until it is cancelled"
        )
        yield 'create one incoming order "exactsend-probe" in Sendcloud and delete it; colleagues may see it for a minute'
        yield "ask Exact twice where a stream starts, which reads no data"
        if self.order is not None:
            yield (
                f"look for the label made in the panel for order {self.order}, and send its incoming order again;"
                " if Sendcloud then creates another one, delete that"
            )
        if self.delivery is not None:
            yield (
                f"write a long tracking number and long remarks to delivery {self.delivery} in Exact, then restore what"
                " was there"
            )
        if self.refresh:
            yield "wait up to ten minutes for the sign-in to renew, as it does in every run"

    def probes(
        self, received_at: Callable[[], datetime | None]
    ) -> Iterator[Callable[[ProbeContext], Iterator[ProbeFinding]]]:
        """The probes to run; a failed one does not stop the others."""
        yield probe_references
        yield probe_customs_price
        yield probe_shorter_list
        yield probe_stream_starts
        order, delivery = self.order, self.delivery
        if order is not None:
            yield lambda context: probe_panel_label(context, order)
        if delivery is not None:
            yield lambda context: probe_text_lengths(context, delivery)
        if self.refresh:
            yield lambda context: probe_token_refresh(context, received_at)


@dataclass(frozen=True)
class ProbeResult:
    """What a probe found out, and what it could not restore."""

    answers: tuple[ProbeFinding, ...]
    failures: tuple[str, ...]
    """Why a question was not asked, or why what an earlier probe left was not restored."""
    unrestored: tuple[str, ...]
    """What this probe could not restore."""


def run_probe(
    wiring: Wiring,
    division: DivisionSettings,
    options: ProbeOptions,
    report_progress: Callable[[str], None] = lambda _phrase: None,
) -> ProbeResult:
    """Run the selected probes under the division's lock.

    Raises:
        ExactSendError: nothing can be asked about this division.
    """
    with open_division(wiring, division, RunOptions(), Progress(), {}) as work:
        context = _probe_context(wiring, work, report_progress)
        answers: list[ProbeFinding] = []
        with wiring.interrupts.uninterrupted():
            failures = clean_up(context)
        unrestored: list[str] = []
        try:
            for probe in options.probes(lambda: _tokens_received_at(wiring, division)):
                failures += _run(context, probe, answers)
        finally:
            report_progress("restoring everything")
            with wiring.interrupts.uninterrupted():
                unrestored = clean_up(context)
        return ProbeResult(tuple(answers), tuple(failures), tuple(unrestored))


def _run(
    context: ProbeContext,
    probe: Callable[[ProbeContext], Iterator[ProbeFinding]],
    answers: list[ProbeFinding],
) -> list[str]:
    """Run one probe and collect its answers; return why it stopped early, if it did."""
    try:
        for answer in probe(context):
            answers.append(answer)
            context.record_answer(answer)
    except (LedgerError, Terminated):
        raise
    except ExactSendError as error:
        return [f"{error.message}. {error.hint}".rstrip(". ") + "."]
    return []


def _probe_context(
    wiring: Wiring, work: OpenDivision, report_progress: Callable[[str], None]
) -> ProbeContext:
    return ProbeContext(
        work.division.code,
        work.identity.integration,
        work.services,
        work.records,
        work.context,
        token_hex(4),
        wiring.folder(work.division),
        wiring.process.clock,
        wiring.interrupts.wait,
        wiring.interrupts.uninterrupted,
        report_progress,
    )


def _tokens_received_at(wiring: Wiring, division: DivisionSettings) -> datetime | None:
    store = wiring.sign_in_store(division.exact)
    tokens = latest(store.load(), store.load_raw())
    return tokens.received_at if tokens else None
