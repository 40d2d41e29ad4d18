"""Builds the real services, stores and locks from settings and credentials. Alone reads the clock and the environment's secrets.

Decides nothing about orders or deliveries.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from threading import RLock
from urllib.parse import urlsplit

from exactsend import __version__
from exactsend.credentials.file_store import FileStore
from exactsend.credentials.secrets import Secrets
from exactsend.credentials.sign_in import SignInStore, sign_in_folder
from exactsend.credentials.store import CredentialStore
from exactsend.credentials.store_choice import open_store
from exactsend.domain.division_records import Pins
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.gather.account_identity import Hosts, require_same_hosts
from exactsend.engine.request_log import RequestLog
from exactsend.errors import AlreadyRunning
from exactsend.exact.auth import BearerAuth, SignIn
from exactsend.exact.client import ExactClient
from exactsend.exact.token_endpoint import ANSWER_SECONDS
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.exact_limits import ExactAllowance
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.allowance.usage import SLACK
from exactsend.http.messages import Call, Json
from exactsend.http.origin import PinnedBasicAuth
from exactsend.http.redaction import Redaction
from exactsend.http.transport import Transport, WaitBudget
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.sendcloud.client import SendcloudClient
from exactsend.settings.models import DivisionSettings, ExactSettings, Settings
from exactsend.system.clock import CheckedClock
from exactsend.system.durable_files import FaultHook, no_fault
from exactsend.system.lock import Lock
from exactsend.system.signals import Interrupts
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

EXACT, SENDCLOUD = "Exact", "Sendcloud"
"""The services' names in messages."""
COUNTER_LOCK_WAIT = timedelta(seconds=5)
"""How long to wait for another process that is storing its call counters, which takes it no time."""

PROGRAM = f"exactsend {__version__}"


def now_utc() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Wait for so many seconds."""
    time.sleep(seconds)


def new_run_id() -> str:
    """A short random name for one run, for logs and the ledger."""
    return token_hex(4)


@dataclass(frozen=True)
class Process:
    """What a process works with, whatever its command: time, environment, limits, folders."""

    state: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime] = now_utc
    sleep: Callable[[float], None] = sleep
    run_id: str = field(default_factory=new_run_id)
    redaction: Redaction = field(default_factory=Redaction)
    max_wait: timedelta = timedelta(minutes=10)
    longest_call: float = math.inf
    """A call is given up after so many seconds. Tests use less than a minute."""
    command: str = ""
    """The command line's command, such as ``labels create``."""
    means: str = ""
    """What started it, a person or a timer, as far as known."""
    call_hook: Callable[[str, Call], None] = lambda _when, _call: None
    """Called before and after each call, so that tests can end the process there."""
    disk_hook: FaultHook = no_fault
    """Called around each durable write, so that tests can end the process there."""


@dataclass(frozen=True)
class Services:
    """The clients and transports of both services for one division's run."""

    exact: ExactClient
    sendcloud: SendcloudClient
    exact_transport: Transport
    sendcloud_transport: Transport
    request_log: RequestLog

    @property
    def calls(self) -> dict[str, int]:
        """The number of calls made so far, by service."""
        return {"exact": self.exact_transport.spent, "sendcloud": self.sendcloud_transport.spent}


class Wiring:
    """Builds what one process uses. Its divisions share sign-ins and allowances."""

    def __init__(self, settings: Settings, process: Process, interrupts: Interrupts | None = None) -> None:
        self.settings = settings
        self.clock = CheckedClock(process.clock)
        self.process = replace(process, clock=self.clock)
        self.interrupts = interrupts or Interrupts(process.sleep)
        self._sign_ins: dict[str, SignIn] = {}
        self._books: dict[str, CallCounters] = {}
        self._sendcloud_allowances: dict[str, SendcloudAllowance] = {}
        self._accounts: dict[str, SendcloudAllowance] = {}
        self._store: CredentialStore | None = None
        self._threads = RLock()

    # ── credentials ──────────────────────────────────────────────────────────────────────────────

    def store(self) -> CredentialStore:
        """The credential store that ``connect`` recorded."""
        with self._threads:
            if self._store is None:
                self._store = open_store(self.process.state, self.settings.credentials.store)
            return self._store

    def use_store(self, store: CredentialStore) -> None:
        """Use this store from now on, as ``connect`` chose it."""
        self._store = store
        self._sign_ins.clear()

    def secrets(self) -> Secrets:
        """The static secrets, from the environment and the store."""
        return Secrets(
            self.process.environ,
            self.store(),
            division_count=len(self.settings.divisions),
            sendcloud_host=host_of(self.settings.sendcloud.base_url),
        )

    def sign_in_store(self, exact: ExactSettings) -> SignInStore:
        """Where the tokens of a sign-in are kept, with their lock."""
        return SignInStore(
            self.store(),
            exact.sign_in,
            state=self.process.state,
            run_id=self.process.run_id,
            clock=self.process.clock,
            sleep=self.interrupts.wait,
        )

    def sign_in(self, exact: ExactSettings, client_secret: str) -> SignIn:
        """The sign-in that these settings name; divisions with the same one share it."""
        with self._threads:
            if exact.sign_in not in self._sign_ins:
                self.process.redaction.add(client_secret)
                self._sign_ins[exact.sign_in] = SignIn(
                    exact.host_url,
                    exact.client_id,
                    client_secret,
                    self.sign_in_store(exact),
                    clock=self.process.clock,
                    interrupts=self.interrupts,
                    on_token=self.process.redaction.add,
                    answer_seconds=min(ANSWER_SECONDS, self.process.longest_call),
                )
            return self._sign_ins[exact.sign_in]

    # ── the two services ─────────────────────────────────────────────────────────────────────────

    def hosts(self, division: DivisionSettings) -> Hosts:
        """The configured hosts of both services."""
        return Hosts(exact=division.exact.host, sendcloud=host_of(self.settings.sendcloud.base_url))

    def pins(self, division: DivisionSettings) -> Pins | None:
        """The accounts that a division's ledger is pinned to; None before the first connection.

        Raises:
            LedgerError: the ledger can't be read, so it is unknown which hosts may see the keys.
        """
        return RecordStore(Overlay(self.view(division))).pins

    @contextmanager
    def services(
        self,
        division: DivisionSettings,
        *,
        pinned: Pins | None,
        show_phase: Callable[[str], None] | None = None,
    ) -> Iterator[Services]:
        """Both services for one division. Closes them at the end and stores the call counters.

        Args:
            division: the division's settings.
            pinned: the accounts that its ledger is pinned to; see ``pins``.
            show_phase: shows a phrase while a transport waits.

        Raises:
            WrongAccount: the configured hosts are not those of the ledger or of the stored keys. Nothing was sent.
            LoginNeeded: a secret is missing.
        """
        require_same_hosts(pinned, self.hosts(division), division.code)
        secrets = self.secrets()
        keys = secrets.sendcloud_keys(division, pinned=pinned is not None)
        public, secret = keys.public_key.get_secret_value(), keys.secret_key.get_secret_value()
        self.process.redaction.add(secret)
        self.process.redaction.add(public)
        with ExitStack() as open_things:
            wait_budget = WaitBudget(self.process.max_wait)
            exact = self.exact_transport(
                division.exact,
                secrets.exact_client_secret(division).get_secret_value(),
                show_phase,
                wait_budget,
            )
            open_things.enter_context(exact)
            sendcloud = open_things.enter_context(
                self.sendcloud_transport(public, secret, show_phase, wait_budget)
            )
            open_things.callback(self.save_exact_counters, division.exact)
            open_things.callback(self._save_sendcloud_counters)
            request_log = RequestLog(self.process.clock, by=self.process.command, means=self.process.means)
            yield Services(
                ExactClient(request_log.logged(exact), division.code, partial(self.refusals_left, division)),
                SendcloudClient(request_log.logged(sendcloud)),
                exact,
                sendcloud,
                request_log,
            )

    def exact_transport(
        self,
        exact: ExactSettings,
        client_secret: str,
        show_phase: Callable[[str], None] | None = None,
        wait_budget: WaitBudget | None = None,
    ) -> Transport:
        """The transport to Exact with one sign-in."""
        sign_in = self.sign_in(exact, client_secret)
        allowance = ExactAllowance(self.exact_counters(exact), max_calls_per_day=exact.max_calls_per_day)
        return Transport(
            EXACT,
            exact.host_url,
            BearerAuth(exact.host_url, sign_in),
            allowance=allowance,
            clock=self.process.clock,
            sleep=self.interrupts.wait,
            longest_call=self.process.longest_call,
            wait_budget=wait_budget or WaitBudget(self.process.max_wait),
            stop=self.interrupts.stop,
            stop_reading=self.interrupts.stop_in_pause,
            on_server_date=partial(self.clock.note_service_time, EXACT),
            on_wait=show_phase,
            fault_hook=self.process.call_hook,
        )

    def sendcloud_transport(
        self,
        public_key: str,
        secret_key: str,
        show_phase: Callable[[str], None] | None = None,
        wait_budget: WaitBudget | None = None,
    ) -> Transport:
        """The transport to Sendcloud with one pair of keys."""
        base_url = self.settings.sendcloud.base_url
        return Transport(
            SENDCLOUD,
            base_url,
            PinnedBasicAuth(base_url, public_key, secret_key),
            allowance=self._sendcloud_allowance(public_key),
            clock=self.process.clock,
            sleep=self.interrupts.wait,
            longest_call=self.process.longest_call,
            wait_budget=wait_budget or WaitBudget(self.process.max_wait),
            stop=self.interrupts.stop,
            stop_reading=self.interrupts.stop_in_pause,
            on_server_date=partial(self.clock.note_service_time, SENDCLOUD),
            on_wait=show_phase,
            fault_hook=self.process.call_hook,
        )

    def _sendcloud_allowance(self, public_key: str) -> SendcloudAllowance:
        with self._threads:
            return self._sendcloud_allowances.setdefault(public_key, SendcloudAllowance())

    def share_account(self, systems: Services, user: str) -> None:
        """Count this division's Sendcloud calls together with those of other divisions of the same account (S10)."""
        with self._threads:
            if user not in self._accounts:
                name = f"sendcloud-{sha256(user.encode()).hexdigest()[:16]}"
                self._accounts[user] = SendcloudAllowance(
                    update_file=lambda merged: self._merge_stored_calls(name, merged)
                )
            allowance = self._accounts[user]
        systems.sendcloud_transport.use_allowance(allowance)

    def _save_sendcloud_counters(self) -> None:
        with self._threads:
            accounts = list(self._accounts.values())
        for allowance in accounts:
            allowance.share_writes()

    # ── call counters ────────────────────────────────────────────────────────────────────────────

    def exact_counters(self, exact: ExactSettings) -> CallCounters:
        """The call counters of a sign-in."""
        with self._threads:
            if exact.sign_in not in self._books:
                book = CallCounters.load(self._stored_calls(exact.sign_in))
                book.on_change = lambda: self.save_exact_counters(exact)
                self._books[exact.sign_in] = book
            return self._books[exact.sign_in]

    def calls_left(self, division: DivisionSettings) -> int:
        """The calls that Exact still allows a division today: the division's own limit and its sign-in's fair use."""
        book, now = self.exact_counters(division.exact), self.process.clock()
        allowed = book.calls_left(division.code, now)
        of_the_sign_in = max(0, division.exact.max_calls_per_day - book.calls_today(now))
        return of_the_sign_in if allowed is None else min(allowed, of_the_sign_in)

    def calls_to_spend(self, division: DivisionSettings) -> int:
        """How many calls to Exact a run can still make: this minute's, and those of the minutes it may wait."""
        minutes = max(timedelta(0), self.process.max_wait - SLACK) // timedelta(minutes=1)
        return self.exact_counters(division.exact).calls_within(division.code, minutes, self.process.clock())

    def refusals_left(self, division: DivisionSettings, endpoint: str) -> int:
        """How many more refusals of an Exact endpoint this hour allows (S9)."""
        return self.exact_counters(division.exact).refusals_left(
            division.code, endpoint, self.process.clock()
        )

    def save_exact_counters(self, exact: ExactSettings) -> None:
        """Store the call counters, merged with those of other processes."""
        with self._threads:
            self._merge_stored_calls(exact.sign_in, self.exact_counters(exact).merged)

    def _merge_stored_calls(self, name: str, merged: Callable[[Json], Json]) -> None:
        """Store the counters that ``merged`` makes of the stored ones.

        Does not wait long for a stopped process that holds the lock: these calls are stored the next time.
        """
        folder = FileStore(sign_in_folder(self.process.state), fault_hook=self.process.disk_hook)
        lock = Lock(sign_in_folder(self.process.state) / f"{name}.calls.lock")
        clock, pause = self.process.clock, self.process.sleep
        try:
            held = lock.acquire(run_id=self.process.run_id, clock=clock, sleep=pause, wait=COUNTER_LOCK_WAIT)
        except AlreadyRunning as busy:
            log_event(log, logging.WARNING, "counters_not_exchanged", busy.message)
            return
        with held:
            folder.put(f"{name}.calls.json", json.dumps(merged(self._stored_calls(name))))

    def _stored_calls(self, name: str) -> Json:
        stored = FileStore(sign_in_folder(self.process.state)).get(f"{name}.calls.json")
        try:
            counters: Json = json.loads(stored) if stored else None
        except ValueError:
            return None
        return counters

    # ── the ledger ───────────────────────────────────────────────────────────────────────────────

    def folder(self, division: DivisionSettings) -> Path:
        """The folder of a division's ledger."""
        return self.process.state / str(division.code)

    def lock(self, division: DivisionSettings) -> Lock:
        """The lock of a division."""
        return Lock(self.folder(division) / "lock")

    def ledger(self, division: DivisionSettings) -> Ledger:
        """The ledger of a division; the caller holds its lock."""
        return Ledger.open(
            self.folder(division),
            run_id=self.process.run_id,
            clock=self.process.clock,
            program=PROGRAM,
            fault_hook=self.process.disk_hook,
        )

    def view(self, division: DivisionSettings) -> LedgerView:
        """The ledger of a division, read only: takes no lock and repairs nothing."""
        return LedgerView.read(self.folder(division))

    def other_ledgers(self, division: DivisionSettings) -> Iterator[tuple[Path, LedgerView]]:
        """The folders and ledgers of all other divisions in this state folder, configured or not."""
        for folder in sorted(self.process.state.glob("[0-9]*")):
            if folder != self.folder(division):
                yield folder, LedgerView.read(folder)


def host_of(url: str) -> str:
    """Host and port of an address, as the ledger pins them."""
    return urlsplit(url).netloc.lower()
