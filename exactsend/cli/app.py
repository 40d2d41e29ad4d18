"""The commands, declared: names, options, help. What they do is imported when they are run, so that ``--help`` is quick."""
# ruff: noqa: PLC0415 - see above

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactsend.cli.labels import labels
from exactsend.cli.options import Commands, Work, command, remember_common_options
from exactsend.errors import ExitStatus

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext

app = typer.Typer(
    name="exactsend",
    cls=Commands,
    help="Connects Exact Online to Sendcloud: orders over, labels bought once, tracking back.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
remember_common_options(app)


# ── to begin with ────────────────────────────────────────────────────────────────────────────────


@command(app, "demo")
def demo() -> Work:
    """See the whole job done on simulated services; needs no set-up."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import demo

        return demo.demo(place.surroundings)

    return work


@command(app, "sandbox")
def sandbox(
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, metavar="N", help="Where to listen.")
    ] = None,
    write_config: Annotated[
        Path | None,
        typer.Option(
            "--write-config", metavar="DIR", help="Write a config.toml for it, and sandbox.env, into DIR."
        ),
    ] = None,
) -> Work:
    """Serve both simulated services on 127.0.0.1 until stopped."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import demo

        return demo.sandbox(place.terminal, place.surroundings, port=port, write_config=write_config)

    return work


@command(app, "init")
def init() -> Work:
    """Ask, then write a configuration; with one, offer what can be mapped in it."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import init

        return init.init(place)

    return work


class StoreKind(StrEnum):
    """Where credentials can be kept."""

    FILE = "file"
    KEYRING = "keyring"


@command(app, "connect")
def connect(
    store: Annotated[
        StoreKind | None,
        typer.Option("--store", help="Where to store credentials; default: keep the current store."),
    ] = None,
    move: Annotated[
        bool, typer.Option("--move", help="Accept another Sendcloud account behind a division.")
    ] = False,
) -> Work:
    """Sign in to Exact and store the Sendcloud keys. Nothing is synced by connecting."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import connect

        return connect.connect(place, store=store.value if store else None, move=move)

    return work


@command(app, "divisions", rows="divisions")
def divisions() -> Work:
    """List the divisions that the sign-in can reach, and which are configured."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import divisions

        return divisions.divisions(place)

    return work


@command(app, "doctor", rows="findings")
def doctor(
    items: Annotated[
        bool,
        typer.Option("--items", help="Look at the items in Exact instead: which lack what customs want?"),
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="With --items: list them in a new CSV file."),
    ] = None,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Find out on the real accounts what the documents leave open; free, asks first.",
        ),
    ] = False,
    order: Annotated[
        int | None,
        typer.Option(
            "--order",
            min=1,
            metavar="N",
            help="With --probe: an open order whose label was made in the panel.",
        ),
    ] = None,
    delivery: Annotated[
        int | None,
        typer.Option(
            "--delivery", min=1, metavar="N", help="With --probe: a delivery to try the lengths of texts on."
        ),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="With --probe: wait for a renewal of the sign-in too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --probe: do not ask.")] = False,
    shapes: Annotated[
        bool,
        typer.Option(
            "--shapes",
            help="Read a few rows of everything instead: how do their forms differ from what is expected? No values.",
        ),
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FILE", help="With --shapes: what changed against a former one's text."
        ),
    ] = None,
) -> Work:
    """Check configuration, rights and settings against both services; write nothing there unless asked to probe."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import doctor
        from exactsend.cli import doctor_items as catalogue

        doctor.require_options_that_fit(
            items=bool(items or csv),
            probe=probe,
            shapes=shapes,
            of_a_probe=(order, delivery, refresh, yes),
            of_shapes=(compare,),
        )
        if shapes:
            from exactsend.cli import doctor_shapes as of_answers

            return of_answers.doctor(place, compare)
        if items or csv:
            return catalogue.doctor(place, csv)
        if not probe:
            return doctor.doctor(place)
        from exactsend.cli import doctor_probe
        from exactsend.operations.probe.run import ProbeOptions

        return doctor_probe.probed(place, ProbeOptions(order, delivery, refresh), yes=yes)

    return work


# ── the sync ─────────────────────────────────────────────────────────────────────────────────────


def _sync_command(name: str, does: str) -> None:
    """Declare one of the four sync commands."""

    def declared(
        *,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Change nothing; show every action.")
        ] = False,
        wait: Annotated[
            float,
            typer.Option(
                "--wait", min=0, metavar="SECONDS", help="Wait up to SECONDS in total for another run."
            ),
        ] = 0,
        max_labels: Annotated[
            int | None,
            typer.Option(
                "--max-labels", min=0, metavar="N", help="Let this run buy so many, past max_per_run."
            ),
        ] = None,
        jobs: Annotated[
            int,
            typer.Option("--jobs", min=1, metavar="N", help="Number of divisions to process in parallel."),
        ] = 4,
        max_minutes: Annotated[
            float,
            typer.Option(
                "--max-minutes",
                min=0,
                metavar="N",
                help="Wait up to N minutes in total for a service's call limit.",
            ),
        ] = 10,
        compare: Annotated[
            Path | None,
            typer.Option(
                "--compare", metavar="FILE", help="With --dry-run: what changed against a former one's JSON."
            ),
        ] = None,
    ) -> Work:
        def work(place: "CommandContext") -> ExitStatus:
            from exactsend.cli import sync

            wishes = sync.SyncOptions(dry_run, wait, max_labels, jobs, max_minutes, compare)
            return sync.sync(place, name, wishes)

        return work

    declared.__doc__ = does
    command(app, name, rows="runs")(declared)


_sync_command(
    "sync-orders", "Bring approved orders to Sendcloud's incoming orders, and keep them up to date."
)
_sync_command(
    "sync-deliveries", "Buy the labels of goods deliveries, or have them wait for one made by hand."
)
_sync_command("writeback-tracking", "Write tracking numbers and labels onto the goods deliveries in Exact.")
_sync_command("sync", "The three steps in that order.")


# ── to look ──────────────────────────────────────────────────────────────────────────────────────


@command(app, "errors", rows="errors")
def errors(
    customers: Annotated[
        bool,
        typer.Option(
            "--customers", help="Name the customers too: Exact is asked, and nothing of it is kept."
        ),
    ] = False,
) -> Work:
    """List what needs a person: cause, where to fix it, tries."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import queries

        return queries.errors(place, with_customers=customers)

    return work


@command(app, "explain", rows="found")
def explain(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="An order's or a delivery's number.")],
    offline: Annotated[
        bool, typer.Option("--offline", help="Tell only what is remembered; do not ask Exact.")
    ] = False,
    show_data: Annotated[
        bool, typer.Option("--show-data", help="Show personal data in what is sent; it is masked otherwise.")
    ] = False,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="Show whole what was sent and what came back, masked.")
    ] = False,
) -> Work:
    """Tell all that is known of an order or delivery, and why it was or was not sent."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import explain

        return explain.explain(place, number, offline=offline, show_data=show_data, bodies=bodies)

    return work


@command(app, "status", rows="divisions")
def status(
    max_age: Annotated[
        float | None,
        typer.Option("--max-age", min=0, metavar="MINUTES", help="Status 1 when the last good run is older."),
    ] = None,
) -> Work:
    """Per division: last good run, counts, sign-in days and calls left."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import queries

        return queries.status(place, max_age_minutes=max_age)

    return work


@command(app, "report", rows="divisions")
def report(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")],
    since: Annotated[
        str, typer.Option("--since", metavar="DAYS", help="So many days, today included: 30d.")
    ] = "30d",
) -> Work:
    """Write one HTML page: state, what needs a person, labels and orders. It asks nobody for anything."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import report

        return report.report(place, output, since)

    return work


@command(app, "history", rows="actions")
def history(
    since: Annotated[
        str, typer.Option("--since", metavar="30d|DATE", help="Only actions since this date; default: all.")
    ] = "",
    unused: Annotated[
        bool,
        typer.Option("--unused", help="List labels paid for but apparently unused; defaults to this month."),
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> Work:
    """List every action that was ever taken."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import history

        return history.history(place, since=since, unused=unused, csv=csv)

    return work


@command(app, "reconcile", rows="divisions")
def reconcile(
    since: Annotated[
        str, typer.Option("--since", metavar="30d|DATE", help="What was made or changed since then.")
    ] = "30d",
) -> Work:
    """Compare Sendcloud's shipments with the ledger: labels paid twice, and those known on one side alone. Status 1 with findings."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import reconcile

        return reconcile.reconciled(place, since)

    return work


app.add_typer(labels, name="labels")


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────

ledger = typer.Typer(
    cls=Commands,
    help="The memory of what was sent and bought.",
    short_help="The memory of what was sent and bought",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(ledger, name="ledger")


@command(ledger, "verify", group="ledger", rows="findings")
def ledger_verify() -> Work:
    """Read every byte of the ledger and tell what is wrong with it."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import queries

        return queries.verify(place)

    return work


@command(ledger, "show", group="ledger", rows="found")
def ledger_show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="An order's or a delivery's number.")],
) -> Work:
    """Show the ledger's own records of a number, and the events that made them, as JSON."""

    def work(place: "CommandContext") -> ExitStatus:
        from exactsend.cli import queries

        return queries.show(place, number)

    return work
