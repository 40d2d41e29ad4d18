"""Signs in to Exact for ``connect``: the consent of a person, the client secret, and the store that keeps both."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from secrets import token_urlsafe

from pydantic import SecretStr

from exactsend.credentials.file_store import FileStore
from exactsend.credentials.secrets import client_secret_entry
from exactsend.credentials.sign_in import SignInStore, sign_in_folder
from exactsend.credentials.store import StoreKind
from exactsend.credentials.store_choice import ChosenStore, choose_store, entries_of
from exactsend.engine.wiring import Wiring
from exactsend.exact.consent import authorize_url, is_redirect_or_code, read_redirect
from exactsend.settings.models import DivisionSettings, ExactSettings


@dataclass(frozen=True)
class ConsentRequest:
    """The request to Exact that a person answers in a browser."""

    exact: ExactSettings
    state: str

    @property
    def address(self) -> str:
        """The address to open."""
        exact = self.exact
        return authorize_url(exact.host_url, exact.client_id, exact.redirect_uri, self.state)

    @staticmethod
    def is_answer(address: str) -> bool:
        """Whether an address is one that Exact redirects to."""
        return is_redirect_or_code(address)

    def code(self, redirected: str) -> str:
        """The code in the address that Exact redirected to.

        Raises:
            LoginNeeded: it has none, or the wrong state.
        """
        return read_redirect(redirected, self.state)


def new_consent_request(exact: ExactSettings) -> ConsentRequest:
    """A request with a state of its own."""
    return ConsentRequest(exact, token_urlsafe(24))


def known_client_secret(
    wiring: Wiring, exact: ExactSettings, divisions: Sequence[DivisionSettings]
) -> SecretStr | None:
    """The client secret where every division that shares the sign-in has one."""
    secrets = wiring.secrets()
    found = [secrets.find_exact_client_secret(exact, division.name) for division in divisions]
    return found[0] if None not in found else None


def is_stored_secret(wiring: Wiring, exact: ExactSettings, secret: SecretStr | None) -> bool:
    """Whether the store has this client secret, so that a new one can replace it."""
    stored = wiring.store().get(client_secret_entry(exact.sign_in))
    return secret is not None and secret.get_secret_value() == stored


def exchange_code(wiring: Wiring, exact: ExactSettings, secret: SecretStr, code: str) -> None:
    """Exchange a code for tokens, and store them.

    Raises:
        LoginNeeded: Exact refuses the code or the secret.
    """
    wiring.use_store(wiring.store())  # drops a sign-in that was made with another secret
    wiring.sign_in(exact, secret.get_secret_value()).exchange_code(code, exact.redirect_uri)


def use_credential_store(wiring: Wiring, asked: StoreKind | None) -> ChosenStore:
    """Choose where credentials are stored, and move those that are elsewhere."""
    settings, process = wiring.settings, wiring.process
    sound = [division for division in settings.divisions.values() if isinstance(division, DivisionSettings)]
    shared = [settings.exact] if settings.exact else []
    sign_ins = dict.fromkeys(exact.sign_in for exact in (*shared, *(division.exact for division in sound)))
    chosen = choose_store(
        process.state,
        configured=settings.credentials.store,
        asked=asked,
        entries=entries_of(sign_ins, [division.code for division in sound]),
        locks=_sign_in_locks(wiring, sign_ins),
    )
    wiring.use_store(chosen.store)
    return chosen


def _sign_in_locks(wiring: Wiring, sign_ins: Iterable[str]) -> Iterator[AbstractContextManager[None]]:
    process = wiring.process
    for sign_in in sign_ins:
        yield SignInStore(
            FileStore(
                sign_in_folder(process.state)
            ),  # the lock is in the state folder, whatever the store is
            sign_in,
            state=process.state,
            run_id=process.run_id,
            clock=process.clock,
            sleep=wiring.interrupts.wait,
        ).lock()
