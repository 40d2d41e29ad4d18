"""What a check is, what it is given to look at, and what it may find. Values; nothing is checked here."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from exactsend.domain.policy import NO_SHIPPING, Policy
from exactsend.domain.record_store import Memory
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.wiring import Systems, Wiring
from exactsend.exact.client import ExactClient
from exactsend.sendcloud.checks import OfferedOption
from exactsend.sendcloud.client import SendcloudClient
from exactsend.settings.models import DivisionSettings


@dataclass(frozen=True)
class Trouble:
    """Something that is not as it should be."""

    message: str
    remedy: str = ""
    why: str = ""
    """Why it matters; empty where the check's own reason says it."""


@dataclass(frozen=True)
class Remark:
    """Something worth knowing that is not wrong."""

    message: str


@dataclass(frozen=True)
class Finding:
    """A trouble, and where it was found."""

    division: str
    check: str
    message: str
    why: str = ""
    remedy: str = ""


Found = Iterator[Trouble | Remark]


@dataclass(frozen=True)
class CheckContext:
    """One division as the checks see it. What several of them ask is asked once."""

    wiring: Wiring
    division: DivisionSettings
    open_things: ExitStack = field(default_factory=ExitStack)
    asked: set[str] = field(default_factory=set)
    """The endpoints that were read so far, successfully or not."""
    answered: set[str] = field(default_factory=set)
    """Those of them that answered."""
    lacking_scopes: set[str] = field(default_factory=set)
    """The rights that the app turned out to lack: everything that they are for is refused."""
    user_rights: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    """What Exact says of the user's right to an endpoint and an action; None where it did not say."""

    @contextmanager
    def asking(self, endpoint: str) -> Iterator[None]:
        """Ask an endpoint, and keep whether it answered."""
        self.asked.add(endpoint)
        yield
        self.answered.add(endpoint)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.wiring.process.clock()

    @property
    def own_time(self) -> datetime:
        """The present moment by our own clock, right or wrong."""
        return self.wiring.clock.own()

    @property
    def policy(self) -> Policy:
        """What the configuration decides."""
        return self.division.policy

    @cached_property
    def memory(self) -> Memory:
        """What the ledger says, read only."""
        return Memory(Overlay(self.wiring.view(self.division)))

    @cached_property
    def systems(self) -> Systems:
        """Both services.

        Raises:
            WrongAccount: the configuration names other hosts than the ledger belongs to.
            LoginNeeded: a secret is missing.
        """
        return self.open_things.enter_context(self.wiring.systems(self.division, pinned=self.memory.pins))

    @property
    def exact(self) -> ExactClient:
        """The division at Exact."""
        return self.systems.exact

    @property
    def sendcloud(self) -> SendcloudClient:
        """The integration at Sendcloud."""
        return self.systems.sendcloud

    @cached_property
    def options(self) -> list[OfferedOption] | None:
        """Every shipping option of the account; None where Sendcloud does not tell without addresses."""
        return self.sendcloud.shipping_options() or None

    @property
    def named_options(self) -> dict[str, str]:
        """The shipping options that the configuration names, with the key that does."""
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
    """One thing that is looked at."""

    name: str
    look: Callable[[CheckContext], Found]
    why: str
    """Why a trouble that it finds matters, in one sentence."""
    needs: tuple[str, ...] = ()
    """The checks, and the endpoints, without which it can't be made."""
