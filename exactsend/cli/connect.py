"""``exactsend connect``: a person signs in to Exact and enters the Sendcloud keys; both are proved, then stored. Nothing is synced."""

from collections.abc import Callable, Sequence
from functools import partial

from pydantic import SecretStr

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.cli.prompts import Prompts
from exactsend.cli.sendcloud_keys import proved_keys
from exactsend.credentials.store import StoreKind
from exactsend.engine.division_connection import open_connection, require_right_hosts
from exactsend.engine.exact_sign_in import (
    ConsentRequest,
    exchange_code,
    is_stored_secret,
    known_client_secret,
    new_consent_request,
    use_credential_store,
)
from exactsend.errors import ExactSendError, ExitStatus, LoginNeeded, UsageError, worst
from exactsend.settings.models import BrokenDivision, DivisionSettings, ExactSettings


def connect_divisions(
    context: CommandContext, *, store: StoreKind | None = None, move: bool = False
) -> ExitStatus:
    """Sign in, prove and store the credentials of the chosen divisions, and show what to run next.

    Raises:
        UsageError: the input ended early; what was connected by then stays connected.
    """
    chosen = context.chosen_or_all()
    divisions = [division for division in chosen if isinstance(division, DivisionSettings)]
    statuses = [
        _failed(context, division.name, division.error())
        for division in chosen
        if isinstance(division, BrokenDivision)
    ]
    prompts = Prompts(context.terminal, context.process_io.stdin)
    _use_store(context, store)
    divisions = _with_right_hosts(context, divisions, statuses, move=move)
    divisions = _signed_in(context, prompts, divisions, statuses)
    connected = []
    for division in divisions:
        status = _attempt(context, division.name, partial(_connect, context, prompts, division, move=move))
        statuses.append(status)
        connected += [division] if status is ExitStatus.DONE else []
    if connected:
        _print_next_steps(context, connected)
    return worst(statuses)


def _use_store(context: CommandContext, store: StoreKind | None) -> None:
    chosen = use_credential_store(context.wiring, store)
    if chosen.moved:
        context.terminal.note(f"The credentials were moved to the {chosen.store.kind} store.")
    if chosen.left_behind:
        context.terminal.note(
            f"The credentials in the previous store could not be moved: {chosen.left_behind}."
        )


def _with_right_hosts(
    context: CommandContext,
    divisions: Sequence[DivisionSettings],
    statuses: list[ExitStatus],
    *,
    move: bool,
) -> list[DivisionSettings]:
    """The divisions whose hosts are those of their state: no secret is sent to another host."""
    right: list[DivisionSettings] = []
    for division in divisions:
        status = _attempt(
            context, division.name, partial(require_right_hosts, context.wiring, division, move=move)
        )
        if status is ExitStatus.DONE:
            right.append(division)
        else:
            statuses.append(status)
    return right


def _connect(context: CommandContext, prompts: Prompts, division: DivisionSettings, *, move: bool) -> None:
    with open_connection(context.wiring, division, move=move) as connection:
        proved = proved_keys(connection, prompts, context.terminal)
        reached = connection.complete(proved)
    context.terminal.result(
        f"{division.name}: connected to Exact division {division.code} ({reached.description}) and to Sendcloud "
        f"integration {proved.account.integration_id}"
    )


# ── sign in ──────────────────────────────────────────────────────────────────────────────────────


def _signed_in(
    context: CommandContext,
    prompts: Prompts,
    divisions: Sequence[DivisionSettings],
    statuses: list[ExitStatus],
) -> list[DivisionSettings]:
    """Sign in once for all divisions that share a sign-in; return the divisions that are signed in."""
    signed_in: set[str] = set()
    for exact in {division.exact.sign_in: division.exact for division in divisions}.values():
        sharing = [division for division in divisions if division.exact.sign_in == exact.sign_in]
        names = ", ".join(division.name for division in sharing)
        status = _attempt(context, names, partial(_sign_in, context, prompts, exact, sharing))
        if status is ExitStatus.DONE:
            signed_in.add(exact.sign_in)
        else:
            statuses.append(status)
    return [division for division in divisions if division.exact.sign_in in signed_in]


def _sign_in(
    context: CommandContext, prompts: Prompts, exact: ExactSettings, divisions: Sequence[DivisionSettings]
) -> None:
    request = new_consent_request(exact)
    _print_address(context, request, divisions)
    code = request.code(_redirected_address(prompts))
    known = known_client_secret(context.wiring, exact, divisions)
    secret = known or SecretStr(prompts.secret("Exact client secret"))
    try:
        exchange_code(context.wiring, exact, secret, code)
    except LoginNeeded as refused:
        secret = _renewed_secret(context, prompts, exact, refused, known)
        exchange_code(context.wiring, exact, secret, code)
        known = None
    if known is None:
        context.wiring.secrets().keep_exact_client_secret(exact, secret)


def _redirected_address(prompts: Prompts) -> str:
    """The address that a person copied. Where it has no code, as the printed address itself, a person is asked again."""
    while True:
        address = prompts.line("redirected address")
        if ConsentRequest.is_answer(address) or not prompts.is_a_person:
            return address
        prompts.terminal.note(
            "That address has no code in it. Copy the one that the browser shows after you have allowed access."
        )


def _renewed_secret(
    context: CommandContext,
    prompts: Prompts,
    exact: ExactSettings,
    refused: LoginNeeded,
    known: SecretStr | None,
) -> SecretStr:
    """A new client secret, where Exact refused an old one from the store."""
    if not is_stored_secret(context.wiring, exact, known):
        raise refused
    context.terminal.note(f"{refused.message}. If the client secret was renewed at Exact, enter the new one.")
    renewed = prompts.secret_or_nothing("Exact client secret")
    if not renewed:
        raise refused
    return SecretStr(renewed)


def _print_address(
    context: CommandContext, request: ConsentRequest, divisions: Sequence[DivisionSettings]
) -> None:
    codes = ", ".join(f"{division.code} ({division.name})" for division in divisions)
    context.terminal.note(
        f"Open this address in a browser, sign in to Exact Online and allow access to division {codes}:"
    )
    context.terminal.result(request.address)
    context.terminal.note(
        f"The browser then goes to {request.exact.redirect_uri}, where nothing needs to answer. Copy the whole address that it "
        "shows, with its code, and enter it here within three minutes."
    )


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def _attempt(context: CommandContext, names: str, action: Callable[[], None]) -> ExitStatus:
    """The exit status of an action. An error stops this division alone; the end of the input stops all."""
    try:
        action()
    except UsageError:
        raise
    except ExactSendError as error:
        return _failed(context, names, error)
    return ExitStatus.DONE


def _failed(context: CommandContext, names: str, error: ExactSendError) -> ExitStatus:
    print_error(error, context.terminal, division=names)
    return error.status


def _print_next_steps(context: CommandContext, divisions: Sequence[DivisionSettings]) -> None:
    are_several = len(context.settings.divisions) > 1
    option = f" --division {divisions[0].name}" if are_several else ""
    every = " --all" if are_several else ""
    commands = {
        f"exactsend sync{option} --dry-run": "what a run would do; changes nothing",
        f"exactsend sync-orders{option}": "sends the open orders to Sendcloud; costs nothing",
        f"exactsend labels create{option} NUMBER": "one label by hand, for an order or delivery number",
        f"exactsend sync{every} --quiet": "everything, repeatedly: the line for cron or a timer",
    }
    width = max(map(len, commands))
    context.terminal.result("Nothing has been sent yet. What to run next:")
    for command, purpose in commands.items():
        context.terminal.result(f"  {command.ljust(width)}  {purpose}")
