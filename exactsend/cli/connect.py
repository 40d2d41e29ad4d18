"""``exactsend connect``: a person signs in to Exact and gives the Sendcloud keys; both are proved, then kept.

Nothing is synced. What one division's accounts have to be like is in ``accounts``; where secrets are kept, in
``credentials``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from secrets import token_urlsafe

from pydantic import SecretStr

from exactsend.cli.connect_division import connect_division, require_right_hosts
from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import Prompts
from exactsend.cli.run import say_error
from exactsend.credentials.file_store import FileStore
from exactsend.credentials.secrets import client_secret_entry
from exactsend.credentials.sign_in import SignInStore, sign_in_folder
from exactsend.credentials.store import Kind
from exactsend.credentials.store_choice import choose_store, entries_of
from exactsend.errors import ExactSendError, ExitStatus, LoginNeeded, UsageError, worst
from exactsend.exact.consent import authorize_url, is_redirect_or_code, read_redirect
from exactsend.settings.models import BrokenDivision, DivisionSettings, ExactSettings


def connect(place: CommandContext, *, store: Kind | None = None, move: bool = False) -> ExitStatus:
    """Sign in, prove and keep the credentials of the chosen divisions, and say what to run next.

    Raises:
        UsageError: the input ended before everything was told; what was connected by then stays so.
    """
    chosen = named_or_all(place)
    divisions = [candidate for candidate in chosen if isinstance(candidate, DivisionSettings)]
    endings = [
        _told(place, candidate.name, candidate.error())
        for candidate in chosen
        if isinstance(candidate, BrokenDivision)
    ]
    questions = Prompts(place.terminal, place.surroundings.stdin)
    _use_chosen_store(place, store)
    divisions = _with_right_hosts(place, divisions, endings, move=move)
    signed_in = _sign_in_once_each(place, questions, divisions, endings)
    connected = []
    for division in signed_in:
        ending = _tried(
            place, division.name, partial(connect_division, place, questions, division, move=move)
        )
        endings.append(ending)
        connected += [division] if ending is ExitStatus.DONE else []
    if connected:
        _say_what_is_next(place, connected)
    return worst(endings)


def _with_right_hosts(
    place: CommandContext, divisions: Sequence[DivisionSettings], endings: list[ExitStatus], *, move: bool
) -> list[DivisionSettings]:
    """The divisions whose hosts are those that their state belongs to: no secret is shown to another one."""
    good: list[DivisionSettings] = []
    for division in divisions:
        ending = _tried(place, division.name, partial(require_right_hosts, place, division, move=move))
        if ending is ExitStatus.DONE:
            good.append(division)
        else:
            endings.append(ending)
    return good


def named_or_all(place: CommandContext) -> list[DivisionSettings | BrokenDivision]:
    """The divisions that the command line names, else every one that is configured, in the order of the file."""
    configured = place.settings.divisions
    if place.divisions or not configured:
        return place.chosen()
    return list(configured.values())


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def _use_chosen_store(place: CommandContext, asked: Kind | None) -> None:
    """Decide where credentials are kept, and bring along those that are kept elsewhere."""
    settings = place.settings
    right = [division for division in settings.divisions.values() if isinstance(division, DivisionSettings)]
    shared = [settings.exact] if settings.exact else []
    sign_ins = dict.fromkeys(exact.sign_in for exact in (*shared, *(division.exact for division in right)))
    chosen = choose_store(
        place.state,
        configured=settings.credentials.store,
        asked=asked,
        entries=entries_of(sign_ins, [division.code for division in right]),
        locks=_sign_in_locks(place, sign_ins),
    )
    place.wiring.use_store(chosen.store)
    if chosen.moved:
        place.terminal.say(f"The credentials were moved to the {chosen.store.kind} store.")
    if chosen.left_behind:
        place.terminal.say(f"Nothing could be taken out of the former store: {chosen.left_behind}.")


def _sign_in_locks(
    place: CommandContext, sign_ins: Sequence[str] | dict[str, None]
) -> Iterator[AbstractContextManager[None]]:
    process = place.wiring.process
    for sign_in in sign_ins:
        # The lock stands in the state folder whatever the store is.
        yield SignInStore(
            FileStore(sign_in_folder(process.state)),
            sign_in,
            state=process.state,
            run_id=process.run_id,
            clock=process.clock,
            sleep=place.interrupts.wait,
        ).lock()


# ── Exact ────────────────────────────────────────────────────────────────────────────────────────


def _sign_in_once_each(
    place: CommandContext,
    questions: Prompts,
    divisions: Sequence[DivisionSettings],
    endings: list[ExitStatus],
) -> list[DivisionSettings]:
    """Sign in once for all divisions that share a sign-in; gives the divisions whose sign-in went well."""
    good: set[str] = set()
    for exact in {division.exact.sign_in: division.exact for division in divisions}.values():
        sharing = [division for division in divisions if division.exact.sign_in == exact.sign_in]
        names = ", ".join(division.name for division in sharing)
        ending = _tried(place, names, partial(_sign_in, place, questions, exact, sharing))
        if ending is ExitStatus.DONE:
            good.add(exact.sign_in)
        else:
            endings.append(ending)
    return [division for division in divisions if division.exact.sign_in in good]


def _sign_in(
    place: CommandContext, questions: Prompts, exact: ExactSettings, divisions: Sequence[DivisionSettings]
) -> None:
    state = token_urlsafe(24)
    _show_address(place, exact, state, divisions)
    code = read_redirect(_redirected_address(questions), state)
    secrets = place.wiring.secrets()
    found = [secrets.find_exact_client_secret(exact, division.name) for division in divisions]
    known = found[0] if None not in found else None
    secret = known or SecretStr(questions.secret("Exact client secret"))
    try:
        _exchange(place, exact, secret, code)
    except LoginNeeded as refused:
        secret = _renewed_secret(place, questions, exact, refused, known)
        _exchange(place, exact, secret, code)
        known = None
    if known is None:
        secrets.keep_exact_client_secret(exact, secret)


def _redirected_address(questions: Prompts) -> str:
    """What a person copied. One that is no answer, mostly the printed address itself, is asked for again."""
    while True:
        address = questions.line("redirected address")
        if is_redirect_or_code(address) or not questions.is_a_person:
            return address
        questions.terminal.say(
            "That address has no code in it. Copy the one that the browser shows after you have allowed access."
        )


def _exchange(place: CommandContext, exact: ExactSettings, secret: SecretStr, code: str) -> None:
    place.wiring.use_store(place.wiring.store())  # forgets a sign-in that was made with another secret
    place.wiring.sign_in(exact, secret.get_secret_value()).exchange_code(code, exact.redirect_uri)


def _renewed_secret(
    place: CommandContext,
    questions: Prompts,
    exact: ExactSettings,
    refused: LoginNeeded,
    known: SecretStr | None,
) -> SecretStr:
    """Another client secret, where the one that Exact refused was an old one from the store."""
    kept = place.wiring.store().get(client_secret_entry(exact.sign_in))
    if known is None or known.get_secret_value() != kept:
        raise refused
    place.terminal.say(f"{refused.message}. If the client secret was renewed at Exact, give the new one.")
    renewed = questions.secret_or_nothing("Exact client secret")
    if not renewed:
        raise refused
    return SecretStr(renewed)


def _show_address(
    place: CommandContext, exact: ExactSettings, state: str, divisions: Sequence[DivisionSettings]
) -> None:
    codes = ", ".join(f"{division.code} ({division.name})" for division in divisions)
    place.terminal.say(
        f"Open this address in a browser, sign in to Exact Online and allow access to division {codes}:"
    )
    place.terminal.result(authorize_url(exact.host_url, exact.client_id, exact.redirect_uri, state))
    place.terminal.say(
        f"The browser then goes to {exact.redirect_uri}, where nothing has to answer. Copy the whole address that it "
        "shows, with its code, and give it here within three minutes."
    )


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────


def _tried(place: CommandContext, names: str, attempt: Callable[[], None]) -> ExitStatus:
    """How an attempt ended: one division's trouble does not stop the others, the end of the input does."""
    try:
        attempt()
    except UsageError:
        raise
    except ExactSendError as error:
        return _told(place, names, error)
    return ExitStatus.DONE


def _told(place: CommandContext, names: str, error: ExactSendError) -> ExitStatus:
    say_error(error, place.terminal, division=names)
    return error.status


def _say_what_is_next(place: CommandContext, divisions: Sequence[DivisionSettings]) -> None:
    several = len(place.settings.divisions) > 1
    option = f" --division {divisions[0].name}" if several else ""
    every = " --all" if several else ""
    commands = {
        f"exactsend sync{option} --dry-run": "what a run would do; changes nothing",
        f"exactsend sync-orders{option}": "brings the open orders to Sendcloud; costs nothing",
        f"exactsend labels create{option} NUMBER": "one label by hand, for an order or delivery number",
        f"exactsend sync{every} --quiet": "everything, again and again: the line for cron or a timer",
    }
    width = max(map(len, commands))
    place.terminal.result("Nothing has been sent yet. What to run next:")
    for command, purpose in commands.items():
        place.terminal.result(f"  {command.ljust(width)}  {purpose}")
