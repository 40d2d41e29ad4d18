"""One probe from beginning to end: put back what a former one left, ask, put everything back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError, LedgerError, Terminated
from exactsend.exact.tokens import latest
from exactsend.operations.probe.cleanup import clean
from exactsend.operations.probe.incoming_order_probes import ask_about_lists, ask_about_the_panel
from exactsend.operations.probe.length_probes import ask_about_texts
from exactsend.operations.probe.price_probe import ask_about_prices
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.operations.probe.reference_probes import ask_about_references
from exactsend.operations.probe.stream_start_probes import ask_about_beginnings
from exactsend.operations.probe.token_probe import ask_about_refreshing
from exactsend.settings.models import DivisionSettings

QUESTIONS = {
    "reference_used_again": "is a label refused whose reference was used before",
    "reference_after_cancel": "does a cancelled label keep its reference",
    "reference_after_failure": "does a label that failed keep its reference",
    "customs_price": "is the price of a customs item that of a piece or of the line",
    "shorter_list": "does a shorter list of lines replace the longer one",
    "unlisted_beginning": "what does Exact say of the beginning of a stream that SyncTimestamp does not list",
    "beginning_ahead": "what does Exact say of a beginning where no row is so new",
    "panel_label": "does a label made in the panel show under our keys",
    "shipped_order_again": "may an incoming order be sent again after its label was made",
    "tracking_length": "how many characters of a tracking number does Exact keep",
    "remarks_length": "how many characters of the remarks does Exact keep",
    "zone_of_dates": "what do Exact's dates differ from UTC",
    "refresh_from_seconds": "from which age on is an access token exchanged",
}
"""Everything that can be asked, by its name in the ledger and in documents."""


@dataclass(frozen=True)
class ChosenProbes:
    """What a person named for the probe to work on; without it, what needs it is not asked."""

    order: int | None = None
    delivery: int | None = None
    refresh: bool = False

    def actions(self) -> Iterator[str]:
        """What the probe will do, each a sentence."""
        yield (
            "make up to seven labels with sendcloud:letter, which has no postage, to your own first sender address and one to Bern,"
            " and cancel them; where that option is not offered, or has a price, none is made. Each has Sendcloud's label fee (0.08 to"
            " 0.10 EUR by plan; on the free plan it is one of the 50 labels of the month) until it is cancelled"
        )
        yield 'put one incoming order "exactsend-probe" into Sendcloud and delete it; colleagues may see it for a minute'
        yield "ask Exact twice where a stream begins, which reads nothing"
        if self.order is not None:
            yield (
                f"look for the label of order {self.order} that was made in the panel, and send its incoming order again;"
                " if that makes another one, it is deleted"
            )
        if self.delivery is not None:
            yield (
                f"write a long tracking number and long remarks onto delivery {self.delivery} in Exact, and put back what"
                " stood there"
            )
        if self.refresh:
            yield "wait up to ten minutes for the next renewal of the sign-in, which happens as in every run"

    def parts(
        self, received_at: Callable[[], datetime | None]
    ) -> Iterator[Callable[[ProbeContext], Iterator[ProbeFinding]]]:
        """What is asked, part by part: one that fails does not stop the others."""
        yield ask_about_references
        yield ask_about_prices
        yield ask_about_lists
        yield ask_about_beginnings
        order, delivery = self.order, self.delivery
        if order is not None:
            yield lambda bench: ask_about_the_panel(bench, order)
        if delivery is not None:
            yield lambda bench: ask_about_texts(bench, delivery)
        if self.refresh:
            yield lambda bench: ask_about_refreshing(bench, received_at)


@dataclass(frozen=True)
class Findings:
    """What a probe came to."""

    answers: tuple[ProbeFinding, ...]
    troubles: tuple[str, ...]
    """Why something could not be asked, or could not be put back for a former probe."""
    left: tuple[str, ...]
    """What could not be put back yet."""


def probe(
    wiring: Wiring,
    division: DivisionSettings,
    chosen: ChosenProbes,
    tell: Callable[[str], None] = lambda _phrase: None,
) -> Findings:
    """Ask everything, under the division's lock.

    Raises:
        ExactSendError: the division can't be worked with at all.
    """
    with open_division(wiring, division, RunOptions(), Progress(), {}) as work:
        bench = _bench(wiring, work, tell)
        answers: list[ProbeFinding] = []
        with wiring.interrupts.uninterrupted():
            troubles = clean(bench)
        left: list[str] = []
        try:
            for part in chosen.parts(lambda: _received_at(wiring, division)):
                troubles += _asked(bench, part, answers)
        finally:
            tell("putting everything back")
            with wiring.interrupts.uninterrupted():
                left = clean(bench)
        return Findings(tuple(answers), tuple(troubles), tuple(left))


def _asked(
    bench: ProbeContext, part: Callable[[ProbeContext], Iterator[ProbeFinding]], answers: list[ProbeFinding]
) -> list[str]:
    """Ask one part; gives why it could not be asked to its end."""
    try:
        for answer in part(bench):
            answers.append(answer)
            bench.remember(answer)
    except (LedgerError, Terminated):
        raise
    except ExactSendError as error:
        return [f"{error.message}. {error.hint}".rstrip(". ") + "."]
    return []


def _bench(wiring: Wiring, work: OpenDivision, tell: Callable[[str], None]) -> ProbeContext:
    return ProbeContext(
        work.division.code,
        work.identity.integration,
        work.services,
        work.memory,
        work.context,
        token_hex(4),
        wiring.folder(work.division),
        wiring.process.clock,
        wiring.interrupts.wait,
        wiring.interrupts.uninterrupted,
        tell,
    )


def _received_at(wiring: Wiring, division: DivisionSettings) -> datetime | None:
    store = wiring.sign_in_store(division.exact)
    tokens = latest(store.load(), store.load_raw())
    return tokens.received_at if tokens else None
