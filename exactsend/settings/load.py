"""Reads the configuration file into settings, or tells everything that is wrong with it at once.

What is wrong for all divisions raises; what is wrong in one division's own tables makes that one a ``BrokenDivision``.
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
from exactsend.settings.config_errors import Fault, Where, check, dotted
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
REPLACED_WHOLE = frozenset({"warehouses"})
"""Tables of a division that are lists of pairs: its own replaces the default one. (So is every table within a table.)"""
HOST_KEYS = frozenset({"site", "base_url"})
"""Two ways to say one thing: naming either in a division leaves both of the shared ones behind."""


class ConfigFile(MethodTable):
    """The file from above. What depends on another table is left raw and checked once the two are merged."""

    exact: dict[str, object] = Field(default_factory=dict)
    sendcloud: SendcloudSettings = Field(default_factory=SendcloudSettings)
    credentials: CredentialsSettings = Field(default_factory=CredentialsSettings)
    monitoring: MonitoringSettings = Field(default_factory=MonitoringSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    defaults: dict[str, object] = Field(default_factory=dict)
    divisions: dict[str, object] = Field(default_factory=dict)


class DefaultTables(Policy):
    """``[defaults]``: any table of a division."""

    exact: dict[str, object] = Field(default_factory=dict)


class DivisionTables(Policy):
    """``[divisions.<name>]``, with the shared tables merged into it."""

    code: DivisionCode
    exact: ExactSettings


@dataclass(frozen=True)
class Shared:
    """What the divisions inherit."""

    exact: RawTable
    defaults: RawTable


def load_settings(path: Path) -> Settings:
    """The configuration that stands in ``path``.

    Raises:
        ConfigError: it can't be read, others may write it, or something is wrong that concerns all divisions; ``problems`` then also has
            what is wrong in single divisions.
    """
    document = _read(path)
    file, faults = check(ConfigFile, document)
    defaults, tables = _table(document, "defaults"), _table(document, "divisions")
    shared = Shared(_over(_table(document, "exact"), _table(defaults, "exact")), defaults)
    exact, shared_faults = _check_shared(shared, whole=_needs_whole_exact(tables.values()))
    divisions = _divisions(tables, shared)
    if file is None or shared_faults:
        raise _config_error(path, [*map(str, faults + shared_faults), *_problems_of(divisions.values())])
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
        # Windows' editors begin a file with a byte order mark, which TOML does not know.
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
    """A table that may be absent, or wrong: that it is no table is reported elsewhere."""
    table = tables.get(key)
    return table if isinstance(table, dict) else {}


def _over(below: RawTable, above: RawTable) -> dict[str, object]:
    """One ``exact`` table over another, key by key."""
    left_behind = HOST_KEYS if HOST_KEYS & above.keys() else frozenset()
    return {key: value for key, value in below.items() if key not in left_behind} | dict(above)


def _needs_whole_exact(divisions: Iterable[object]) -> bool:
    """Whether ``[exact]`` alone must do: for some division that has nothing else, or because there is none yet."""
    has_own = [isinstance(tables, dict) and "exact" in tables for tables in divisions]
    return not (has_own and all(has_own))


def _check_shared(shared: Shared, *, whole: bool) -> tuple[ExactSettings | None, tuple[Fault, ...]]:
    exact, exact_faults = check(ExactSettings, shared.exact, ("exact",))
    _, default_faults = check(DefaultTables, shared.defaults, ("defaults",))
    if not whole:
        exact_faults = _what_stands_there_is_wrong(exact_faults)
    return exact, exact_faults + _what_stands_there_is_wrong(default_faults)


def _what_stands_there_is_wrong(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Without what a division may still add."""
    return tuple(fault for fault in faults if not fault.lacks_something)


def _divisions(tables: RawTable, shared: Shared) -> dict[str, DivisionSettings | BrokenDivision]:
    divisions = {name: _division(name, own, shared) for name, own in tables.items()}
    return _without_duplicates(divisions)


def _division(name: str, own: object, shared: Shared) -> DivisionSettings | BrokenDivision:
    at = ("divisions", name)
    if not isinstance(own, dict):
        return BrokenDivision(name, None, (f"{dotted(at)} must be a table",))
    tables, faults = check(DivisionTables, _inherited(own, shared), at)
    problems = [*_name_problems(name), *(str(fault) for fault in faults if _is_own(fault, own, len(at)))]
    if tables is None or problems:
        return BrokenDivision(name, _code(own), tuple(problems))
    policy = Policy(**{table: getattr(tables, table) for table in Policy.model_fields})
    return DivisionSettings(name, tables.code, tables.exact, policy)


def _inherited(own: RawTable, shared: Shared) -> RawTable:
    merged = {**shared.defaults, **own}
    for key, value in own.items():
        default = shared.defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict) and key not in REPLACED_WHOLE:
            merged[key] = {**default, **value}
    own_exact = own.get("exact", {})
    merged["exact"] = _over(shared.exact, own_exact) if isinstance(own_exact, dict) else own_exact
    return merged


def _is_own(fault: Fault, own: RawTable, depth: int) -> bool:
    """Whether a fault is the division's; what it inherited is reported once, where it stands."""
    where = fault.where[depth:]
    if fault.lacks_something:
        return where[0] != "exact" or "exact" in own
    return _stands_in(own, where)


def _stands_in(table: object, where: Where) -> bool:
    for key in where:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True


def _name_problems(name: str) -> Iterator[str]:
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        where = dotted(("divisions", name))
        yield f"{where} is no name for a division: small letters, digits and underscores, a letter first"


def _code(own: RawTable) -> Division | None:
    code = own.get("code")
    return Division(code) if isinstance(code, int) and not isinstance(code, bool) else None


def _without_duplicates(
    divisions: Mapping[str, DivisionSettings | BrokenDivision],
) -> dict[str, DivisionSettings | BrokenDivision]:
    """The same, where two that mean one division of Exact are broken: each would undo what the other does."""
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
