"""``exactsend init``: asks five questions and writes a configuration; for an existing one, suggests mappings.

It never overwrites a configuration, signs in nowhere and writes nothing to either service.
"""

import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from exactsend.cli.context import CommandContext
from exactsend.cli.mapping_wizard import suggest_mappings
from exactsend.cli.prompts import Prompts
from exactsend.errors import ExitStatus, UsageError
from exactsend.settings.default_paths import default_config_path
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings, Site
from exactsend.system.durable_files import PRIVATE_FILE, READABLE_BY_ALL, replace_atomically

SITES = get_args(Site)

_TEMPLATE = """\
# The configuration of exactsend. config.example.toml has every key, with what it means and its default.
# Secrets do not belong here: `exactsend connect` asks for them and stores them.

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


def write_configuration_or_suggest_mappings(context: CommandContext) -> ExitStatus:
    """Write a configuration where there is none; for an existing one, suggest mappings.

    Raises:
        UsageError: an answer is wrong or missing; or a configuration exists, but nobody is connected yet.
    """
    path = context.config or default_config_path(context.process_io.environ)
    if path.exists():
        suggest_mappings(context, path)
    else:
        _write(path, _new_configuration(Prompts(context.terminal, context.process_io.stdin)))
        context.terminal.result(
            f"Wrote {path}. Check it, then run: exactsend{_config_option(context, path)} connect"
        )
    return ExitStatus.DONE


def _config_option(context: CommandContext, path: Path) -> str:
    """The option that names the configuration, where it is not at the default path."""
    is_default = context.config is None or path == default_config_path(context.process_io.environ)
    return "" if is_default else f" --config {shlex.quote(str(path))}"


# ── a new configuration ──────────────────────────────────────────────────────────────────────────


def _new_configuration(prompts: Prompts) -> str:
    site = _answer(prompts, f"Site of Exact Online ({', '.join(SITES)})", "nl", _site_problem)
    client_id = _answer(prompts, "client id of the app at Exact", "", _client_id_problem)
    redirect_uri = _answer(prompts, "redirect URI, exactly as registered", "", _redirect_problem)
    division = _answer(
        prompts, "division: its number in Exact and a name, such as 1234567 acme", "", _division_problem
    )
    start = _answer(
        prompts, "Make labels automatically, for deliveries from (yyyy-mm-dd)", "no", _start_problem
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


def _answer(prompts: Prompts, what: str, default: str, problem: Callable[[str], str]) -> str:
    """A valid answer. A person is asked again after an invalid one; a script is not."""
    while True:
        answer = prompts.choice(what, default) if default else prompts.line(what)
        trouble = problem(answer)
        if not trouble:
            return answer
        if not prompts.is_a_person:
            raise UsageError(f"{answer!r} is not valid: {trouble}")
        prompts.terminal.note(f"That is not valid: {trouble}.")


def _site_problem(answer: str) -> str:
    return "" if answer in SITES else f"it must be one of {', '.join(SITES)}"


def _client_id_problem(answer: str) -> str:
    return (
        ""
        if re.fullmatch(r"[A-Za-z0-9{}._-]{1,100}", answer)
        else "it must consist of letters, digits, dashes and braces"
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
    return "it must be a number, a space, and a name of lowercase letters, digits and underscores"


def _start_problem(answer: str) -> str:
    try:
        return (
            ""
            if answer == "no" or date.fromisoformat(answer).isoformat() == answer
            else "it must be a day, as yyyy-mm-dd, or no"
        )
    except ValueError:
        return "it must be a day, as yyyy-mm-dd, or no"


def _write(path: Path, text: str) -> None:
    _require_loads(text)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Independent of the umask: a configuration that others may write to would be refused.
        path.touch(READABLE_BY_ALL, exist_ok=False)
        path.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise UsageError(f"{path} can't be written: {cause.strerror}") from cause


def _require_loads(text: str) -> None:
    """Refuse a text that the next command could not load."""
    with TemporaryDirectory(prefix="exactsend-init-") as folder:
        draft = Path(folder, "config.toml")
        replace_atomically(draft, text, mode=PRIVATE_FILE)
        settings = load_settings(draft)
    for division in settings.divisions.values():
        if not isinstance(division, DivisionSettings):
            raise division.error()
