"""``exactsend init``: asks five questions and writes a configuration; once connected, lists what can be mapped in it.

Never overwrites a file, signs in nowhere, writes nothing to either service.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from exactsend.cli.asking import Questions
from exactsend.cli.connecting import named_or_all
from exactsend.cli.place import Place
from exactsend.errors import ExitStatus, LoginNeeded, UsageError
from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings, Site
from exactsend.settings.places import default_config_path
from exactsend.wiring import Systems

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


def init(place: Place) -> ExitStatus:
    """Write a configuration where there is none; with one, list what can be mapped in it.

    Raises:
        UsageError: an answer is wrong or missing; or there is a configuration, and nobody is connected yet.
    """
    path = place.config or default_config_path(place.surroundings.environ)
    if path.exists():
        _list_what_can_be_mapped(place, path)
    else:
        _write(path, _asked_for(Questions(place.terminal, place.surroundings.stdin)))
        place.terminal.result(f"Wrote {path}. Look it over, then run: exactsend connect")
    return ExitStatus.DONE


# ── a new configuration ──────────────────────────────────────────────────────────────────────────


def _asked_for(questions: Questions) -> str:
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


def _answer(questions: Questions, what: str, usual: str, problem: Callable[[str], str]) -> str:
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
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as cause:
        raise UsageError(f"{path} can't be written: {cause.strerror}") from cause


def _require_loads(text: str) -> None:
    """Never write what the next command would refuse."""
    with TemporaryDirectory(prefix="exactsend-init-") as folder:
        draft = Path(folder, "config.toml")
        draft.write_text(text, encoding="utf-8")
        settings = load_settings(draft)
    for division in settings.divisions.values():
        if not isinstance(division, DivisionSettings):
            raise division.error()


# ── what can be mapped ───────────────────────────────────────────────────────────────────────────


def _list_what_can_be_mapped(place: Place, path: Path) -> None:
    for division in named_or_all(place):
        if not isinstance(division, DivisionSettings):
            raise division.error()
        try:
            with place.wiring.systems(division) as systems:
                lines = list(_mapping_lines(division, systems))
        except LoginNeeded as not_connected:
            raise UsageError(
                f"{path} is there already, and init never overwrites a configuration",
                hint="Run exactsend connect; after that, init lists what can be mapped in it.",
            ) from not_connected
        for line in lines:
            place.terminal.result(line)


def _mapping_lines(division: DivisionSettings, systems: Systems) -> Iterator[str]:
    """Lines to paste: what is mapped as it is, the rest commented out."""
    yield f"# {division.name}: the sender addresses of Sendcloud:"
    for sender in systems.sendcloud.sender_addresses():
        yield f"#   {sender.id}  {_plain(f'{sender.company_name} {sender.name}, {sender.city} {sender.country_code}')}"
    yield f"[divisions.{division.name}.warehouses]"
    warehouses = {one.code.strip(): one.description for one in systems.exact.warehouses()}
    yield from _pairs(warehouses, division.policy.warehouses, sample="0")
    yield ""
    yield f"[divisions.{division.name}.labels.shipping_methods]"
    methods = {one.code.strip(): one.description for one in systems.exact.shipping_methods()}
    yield from _pairs(methods, division.policy.labels.shipping_methods, sample='""')
    yield ""


def _pairs(found: Mapping[str, str], mapped: Mapping[str, str | int], *, sample: str) -> Iterator[str]:
    for code, description in found.items():
        known = code in mapped
        value = json.dumps(mapped[code]) if known else sample
        yield f"{'' if known else '#'}{json.dumps(code)} = {value}  # {_plain(description)}"


def _plain(text: str) -> str:
    """Text of a service on one line: it stands in a comment."""
    return " ".join(text.split())
