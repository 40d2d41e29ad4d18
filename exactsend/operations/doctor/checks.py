"""The types of doctor: a check, its context, and its results."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from exactsend.domain.policy import NO_SHIPPING, Policy
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.wiring import Services, Wiring
from exactsend.exact.client import ExactClient
from exactsend.sendcloud.client import SendcloudClient
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.settings.models import DivisionSettings


@dataclass(frozen=True)
class Issue:
    """Something that is wrong."""

    message: str
    remedy: str = ""
    why: str = ""
    """Why it matters; empty if the check's own reason applies."""


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is not wrong."""

    message: str


@dataclass(frozen=True)
class Finding:
    """An issue or a note, with its division and check."""

    division: str
    check: str
    message: str
    why: str = ""
    remedy: str = ""


CheckResults = Iterator[Issue | Note]


@dataclass(frozen=True)
class CheckContext:
    """What the checks of one division share. Answers that several checks need are requested once."""

    wiring: Wiring
    division: DivisionSettings
    exit_stack: ExitStack = field(default_factory=ExitStack)
    asked: set[str] = field(default_factory=set)
    """The endpoints read so far, successfully or not."""
    answered: set[str] = field(default_factory=set)
    """The endpoints that answered."""
    lacking_scopes: set[str] = field(default_factory=set)
    """The rights that the app lacks: Exact refuses everything that needs them."""
    user_rights: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    """Whether the user may perform an action on an endpoint, according to Exact; None if Exact did not say."""

    @contextmanager
    def asking(self, endpoint: str) -> Iterator[None]:
        """Record that an endpoint is asked, and whether it answered."""
        self.asked.add(endpoint)
        yield
        self.answered.add(endpoint)

    @property
    def now(self) -> datetime:
        """The current time."""
        return self.wiring.process.clock()

    @property
    def own_time(self) -> datetime:
        """The current time by this machine's clock, right or wrong."""
        return self.wiring.clock.machine_time()

    @property
    def policy(self) -> Policy:
        """The division's settings for orders and labels."""
        return self.division.policy

    @cached_property
    def records(self) -> RecordStore:
        """The ledger, read-only."""
        return RecordStore(Overlay(self.wiring.view(self.division)))

    @cached_property
    def services(self) -> Services:
        """Both services.

        Raises:
            WrongAccount: the configuration names other hosts than the ledger is pinned to.
            LoginNeeded: a secret is missing.
        """
        return self.exit_stack.enter_context(self.wiring.services(self.division, pinned=self.records.pins))

    @property
    def exact(self) -> ExactClient:
        """The division at Exact."""
        return self.services.exact

    @property
    def sendcloud(self) -> SendcloudClient:
        """The integration at Sendcloud."""
        return self.services.sendcloud

    @cached_property
    def options(self) -> list[OfferedOption] | None:
        """Every shipping option of the account; None if Sendcloud lists none without addresses."""
        return self.sendcloud.shipping_options() or None

    @property
    def named_options(self) -> dict[str, str]:
        """The shipping options in the configuration, each with its key."""
        labels, points = self.policy.labels, self.policy.service_points
        mapped = {
            code: f"labels.shipping_methods.{method}" for method, code in labels.shipping_methods.items()
        }
        single = {labels.shipping_option: "labels.shipping_option"}
        single |= {points.shipping_option: "service_points.shipping_option"} if points.enabled else {}
        named = {**mapped, **{code: key for code, key in single.items() if code}}
        return {code: key for code, key in named.items() if code != NO_SHIPPING}


@dataclass(frozen=True)
class DoctorCheck:
    """A check."""

    name: str
    run: Callable[[CheckContext], CheckResults]
    why: str
    """Why its issues matter, in one sentence."""
    needs: tuple[str, ...] = ()
    """The checks and endpoints that it requires."""
