"""The person who connects: opens the address that was printed, allows access, copies the address, then types what is asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.sandbox.exact.office import Office
from tests.shop import Finished, Shop, Stream

Copy = Callable[[str], str]
"""From the address that was printed to the one that is copied."""


class Person(Stream):
    """Standard input: the redirected address first, then the other answers."""

    def __init__(self, out: Stream, copy: Copy, answers: Iterable[str]) -> None:
        super().__init__()
        self._out = out
        self._copy = copy
        self._opened = 0
        self._answers = list(answers)

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # so has StringIO in typeshed
        del size
        printed = addresses(self._out.getvalue())
        if len(printed) > self._opened:
            self._opened = len(printed)
            return self._copy(printed[-1]) + "\n"
        return self._answers.pop(0) + "\n" if self._answers else ""


def addresses(out: str) -> list[str]:
    """The lines of an output that are addresses."""
    return [line for line in out.splitlines() if line.startswith("http")]


def connects(shop: Shop, *argv: str, answers: Sequence[str] = (), copy: Copy | None = None) -> Finished:
    """Run ``connect`` with a person who allows access and answers."""
    out, err = Stream(), Stream()
    stdin = Person(out, copy or shop.office.consent, answers)
    here = ProcessIO(shop.env, stdin, out, err, clock=shop.clock, sleep=shop.pass_time)
    status = main(["connect", *argv], here)
    return Finished(status, out.getvalue(), err.getvalue())


def consent_to(office: Office, *divisions: int) -> Copy:
    """Allow access to these divisions alone."""
    return lambda address: office.consent(address, divisions=divisions)


def renew_keys(shop: Shop, public_key: str, secret_key: str) -> None:
    """Give the shop's integration other keys in Sendcloud's settings."""
    integrations = shop.sandbox.world.sendcloud.accounts[0].integrations
    integrations[0] = replace(integrations[0], public_key=public_key, secret_key=secret_key)
