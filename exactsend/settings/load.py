"""Reads the configuration file into settings, or reports all its errors at once.

Errors that concern all divisions are raised. Errors in the tables of one division make it a ``BrokenDivision``.
"""

import re
import shlex
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from exactsend.domain.ids import Division
from exactsend.domain.policy import MethodTable, Policy
from exactsend.errors import ConfigError
from exactsend.settings.config_errors import ConfigProblem, KeyPath, check, dotted
from exactsend.settings.models import (
    BrokenDivision,
    CredentialsSettings,
    DivisionCode,
    DivisionSettings,
    ExactSettings,
    MonitoringSettings,
    NotifySettings,
    SendcloudSettings,
    Settings,
)
from exactsend.settings.trusted_files import read_trusted

RawTable = Mapping[str, object]
NOT_MERGED = frozenset({"warehouses"})
"""Tables that are lists of pairs: a division's own table replaces the default one, as every nested table does."""
HOST_KEYS = frozenset({"site", "base_url"})
"""Two ways to name the host: if a division has either, neither is inherited."""


class ConfigFile(MethodTable):
    """The top level of the file. Tables that are merged with others are checked after that."""

    exact: dict[str, object] = Field(default_factory=dict)
    sendcloud: SendcloudSettings = Field(default_factory=SendcloudSettings)
    credentials: CredentialsSettings = Field(default_factory=CredentialsSettings)
    monitoring: MonitoringSettings = Field(default_factory=MonitoringSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    defaults: dict[str, object] = Field(default_factory=dict)
    divisions: dict[str, object] = Field(default_factory=dict)


class DefaultTables(Policy):
    """``[defaults]``: it may have all tables of a division."""

    exact: dict[str, object] = Field(default_factory=dict)


class DivisionTables(Policy):
    """``[divisions.<name>]``, with the shared tables merged into it."""

    code: DivisionCode
    exact: ExactSettings


@dataclass(frozen=True)
class Shared:
    """The tables that the divisions inherit."""

    exact: RawTable
    defaults: RawTable


def load_settings(path: Path) -> Settings:
    """The configuration in a file.

    Raises:
        ConfigError: it can't be read, others may change it, or it has errors that concern all divisions. Then ``problems`` also
            lists the errors of single divisions.
    """
    document = _read(path)
    file, problems = check(ConfigFile, document)
    defaults, tables = _table(document, "defaults"), _table(document, "divisions")
    shared = Shared(_merged_exact(_table(document, "exact"), _table(defaults, "exact")), defaults)
    exact, shared_problems = _check_shared(shared, is_complete=_needs_complete_exact(tables.values()))
    divisions = _divisions(tables, shared)
    if file is None or shared_problems:
        raise _config_error(path, [*map(str, problems + shared_problems), *_problems_of(divisions.values())])
    return Settings(
        path=path,
        exact=exact,
        sendcloud=file.sendcloud,
        credentials=file.credentials,
        monitoring=file.monitoring,
        notify=file.notify,
        divisions=MappingProxyType(divisions),
    )


def _read(path: Path) -> RawTable:
    try:
        # Editors on Windows begin a file with a byte order mark, which TOML does not allow.
        text = read_trusted(path, "the configuration").decode("utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError as cause:
        raise ConfigError(
            f"there is no configuration at {path}",
            hint=f"Write one: exactsend init --config {shlex.quote(str(path))}",
        ) from cause
    except OSError as cause:
        raise ConfigError(f"the configuration {path} can't be read: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise _config_error(path, [f"{path} is not UTF-8 text (byte {cause.start})"]) from cause
    except tomllib.TOMLDecodeError as cause:
        raise _config_error(path, [f"{path} is not TOML: {cause}"]) from cause


def _config_error(path: Path, problems: list[str]) -> ConfigError:
    count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    return ConfigError(f"the configuration {path} has {count}", problems=problems)


def _problems_of(divisions: Iterable[DivisionSettings | BrokenDivision]) -> Iterator[str]:
    for division in divisions:
        if isinstance(division, BrokenDivision):
            yield from division.problems


def _table(tables: RawTable, key: str) -> dict[str, object]:
    """A table; empty if it is absent or no table, which is reported elsewhere."""
    table = tables.get(key)
    return table if isinstance(table, dict) else {}


def _merged_exact(below: RawTable, above: RawTable) -> dict[str, object]:
    """One ``exact`` table merged over another, key by key."""
    dropped = HOST_KEYS if HOST_KEYS & above.keys() else frozenset()
    return {key: value for key, value in below.items() if key not in dropped} | dict(above)


def _needs_complete_exact(divisions: Iterable[object]) -> bool:
    """Whether ``[exact]`` must be complete: a division has no ``exact`` table of its own, or there is no division yet."""
    has_own = [isinstance(tables, dict) and "exact" in tables for tables in divisions]
    return not (has_own and all(has_own))


def _check_shared(
    shared: Shared, *, is_complete: bool
) -> tuple[ExactSettings | None, tuple[ConfigProblem, ...]]:
    exact, exact_problems = check(ExactSettings, shared.exact, ("exact",))
    _, default_problems = check(DefaultTables, shared.defaults, ("defaults",))
    if not is_complete:
        exact_problems = _without_missing_keys(exact_problems)
    return exact, exact_problems + _without_missing_keys(default_problems)


def _without_missing_keys(problems: Iterable[ConfigProblem]) -> tuple[ConfigProblem, ...]:
    """Problems other than missing keys, which a division may still add."""
    return tuple(problem for problem in problems if not problem.is_missing_key)


def _divisions(tables: RawTable, shared: Shared) -> dict[str, DivisionSettings | BrokenDivision]:
    divisions = {name: _division(name, own, shared) for name, own in tables.items()}
    return _without_duplicates(divisions)


def _division(name: str, own: object, shared: Shared) -> DivisionSettings | BrokenDivision:
    at = ("divisions", name)
    if not isinstance(own, dict):
        return BrokenDivision(name, None, (f"{dotted(at)} must be a table",))
    tables, found = check(DivisionTables, _inherited(own, shared), at)
    problems = [*_name_problems(name), *(str(problem) for problem in found if _is_own(problem, own, len(at)))]
    if tables is None or problems:
        return BrokenDivision(name, _code(own), tuple(problems))
    policy = Policy(**{table: getattr(tables, table) for table in Policy.model_fields})
    return DivisionSettings(name, tables.code, tables.exact, policy)


def _inherited(own: RawTable, shared: Shared) -> RawTable:
    merged = {**shared.defaults, **own}
    for key, value in own.items():
        default = shared.defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict) and key not in NOT_MERGED:
            merged[key] = {**default, **value}
    own_exact = own.get("exact", {})
    merged["exact"] = _merged_exact(shared.exact, own_exact) if isinstance(own_exact, dict) else own_exact
    return merged


def _is_own(problem: ConfigProblem, own: RawTable, depth: int) -> bool:
    """Whether a problem is in the division's own tables. Problems in inherited tables are reported once, for those."""
    where = problem.where[depth:]
    if problem.is_missing_key:
        return where[0] != "exact" or "exact" in own
    return _has_key(own, where)


def _has_key(table: object, where: KeyPath) -> bool:
    for key in where:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True


def _name_problems(name: str) -> Iterator[str]:
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        where = dotted(("divisions", name))
        yield f"{where} can't be the name of a division: use lowercase letters, digits and underscores, beginning with a letter"


def _code(own: RawTable) -> Division | None:
    code = own.get("code")
    return Division(code) if isinstance(code, int) and not isinstance(code, bool) else None


def _without_duplicates(
    divisions: Mapping[str, DivisionSettings | BrokenDivision],
) -> dict[str, DivisionSettings | BrokenDivision]:
    """The divisions, with those broken that configure the same division of Exact: each would undo the other's work."""
    names = defaultdict[tuple[str, Division], list[str]](list)
    for division in divisions.values():
        if isinstance(division, DivisionSettings):
            names[division.exact.host, division.code].append(division.name)
    checked = dict(divisions)
    for (host, code), twins in names.items():
        for name in twins if len(twins) > 1 else ():
            others = ", ".join(f"divisions.{other}" for other in twins if other != name)
            problem = f"divisions.{name}.code is {code} at {host}, and so is that of {others}"
            checked[name] = BrokenDivision(name, code, (problem,))
    return checked
