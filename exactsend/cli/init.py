"""``exactsend init``: asks five questions and writes a configuration; with one, offers what can be mapped in it.

Never overwrites a configuration, signs in nowhere, writes nothing to either service.
"""

import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from exactsend.cli.context import CommandContext
from exactsend.cli.mapping_wizard import offer
from exactsend.cli.prompts import Prompts
from exactsend.errors import ExitStatus, UsageError
from exactsend.settings.default_paths import default_config_path
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings, Site
from exactsend.system.durable_files import PRIVATE_FILE, READABLE_BY_ALL, replace_atomically

SITES = get_args(Site)

_TEMPLATE = """\
# The configuration of exactsend. config.example.toml has every key, with what it means and its default.
# Secrets never stand here: `exactsend connect` asks for them and keeps them.

[exact]                            # the app that is registered at Exact Online
site = "{site}"
client_id = "{client_id}"
redirect_uri = "{redirect_uri}"    # exactly as registered; nothing needs to answer there

[divisions.{name}]                 # the name for --division
code = {code}                      # Exact's division number

[divisions.{name}.labels]
create_automatically = {automatic}       # false: a label is made when a person asks for it
{start_date}         # deliveries from before this day are left alone; required for automatic labels
#shipping_option = "…"             # Sendcloud's shipping option; without it, Sendcloud's own rules decide

# What follows is best filled in with the lists that `exactsend init` prints once you are connected.

[divisions.{name}.labels.shipping_methods]     # Exact's shipping method = Sendcloud's shipping option
#"AFH" = "none"                    # collected or own transport: no incoming order, no label

[divisions.{name}.warehouses]      # Exact's warehouse = Sendcloud's sender address; others: Sendcloud's default
#"1" = 17
"""


def init(place: CommandContext) -> ExitStatus:
    """Write a configuration where there is none; with one, offer what can be mapped in it.

    Raises:
        UsageError: an answer is wrong or missing; or there is a configuration, and nobody is connected yet.
    """
    path = place.config or default_config_path(place.surroundings.environ)
    if path.exists():
        offer(place, path)
    else:
        _write(path, _asked_for(Prompts(place.terminal, place.surroundings.stdin)))
        place.terminal.result(f"Wrote {path}. Look it over, then run: exactsend{_named(place, path)} connect")
    return ExitStatus.DONE


def _named(place: CommandContext, path: Path) -> str:
    """What finds the configuration again, where it does not stand at the usual place."""
    usual = place.config is None or path == default_config_path(place.surroundings.environ)
    return "" if usual else f" --config {shlex.quote(str(path))}"


# ── a new configuration ──────────────────────────────────────────────────────────────────────────


def _asked_for(questions: Prompts) -> str:
    site = _answer(questions, f"Site of Exact Online ({', '.join(SITES)})", "nl", _site_problem)
    client_id = _answer(questions, "client id of the app at Exact", "", _client_id_problem)
    redirect_uri = _answer(questions, "redirect URI, exactly as registered", "", _redirect_problem)
    division = _answer(
        questions, "division: its number in Exact and a name, such as 1234567 acme", "", _division_problem
    )
    start = _answer(
        questions, "Make labels automatically, for deliveries from (yyyy-mm-dd)", "no", _start_problem
    )
    code, name = division.split()
    return _TEMPLATE.format(
        site=site,
        client_id=client_id,
        redirect_uri=redirect_uri,
        code=code,
        name=name,
        automatic="false" if start == "no" else "true",
        start_date="#start_date = 2026-01-01" if start == "no" else f"start_date = {start}",
    )


def _answer(questions: Prompts, what: str, usual: str, problem: Callable[[str], str]) -> str:
    """An answer without a problem; only a person is asked again."""
    while True:
        answer = questions.choice(what, usual) if usual else questions.line(what)
        trouble = problem(answer)
        if not trouble:
            return answer
        if not questions.is_a_person:
            raise UsageError(f"{answer!r} won't do: {trouble}")
        questions.terminal.say(f"That won't do: {trouble}.")


def _site_problem(answer: str) -> str:
    return "" if answer in SITES else f"it must be one of {', '.join(SITES)}"


def _client_id_problem(answer: str) -> str:
    return (
        "" if re.fullmatch(r"[A-Za-z0-9{}._-]{1,100}", answer) else "it has letters, digits and dashes only"
    )


def _redirect_problem(answer: str) -> str:
    return (
        ""
        if re.fullmatch(r'https://[^\s"\\]+', answer)
        else "it must be an address that begins with https://"
    )


def _division_problem(answer: str) -> str:
    if re.fullmatch(r"[1-9][0-9]* +[a-z][a-z0-9_]*", answer):
        return ""
    return "it must be a number, a blank, and a name of small letters, digits and underscores"


def _start_problem(answer: str) -> str:
    try:
        return (
            "" if answer == "no" or date.fromisoformat(answer).isoformat() == answer else "write yyyy-mm-dd"
        )
    except ValueError:
        return "it must be a day, as yyyy-mm-dd, or no"


def _write(path: Path, text: str) -> None:
    _require_loads(text)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whatever the umask: a configuration that others may write would be refused.
        path.touch(READABLE_BY_ALL, exist_ok=False)
        path.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise UsageError(f"{path} can't be written: {cause.strerror}") from cause


def _require_loads(text: str) -> None:
    """Never write what the next command would refuse."""
    with TemporaryDirectory(prefix="exactsend-init-") as folder:
        draft = Path(folder, "config.toml")
        replace_atomically(draft, text, mode=PRIVATE_FILE)
        settings = load_settings(draft)
    for division in settings.divisions.values():
        if not isinstance(division, DivisionSettings):
            raise division.error()
