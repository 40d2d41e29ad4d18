"""Reads what decides where keys go: the configuration and files of secrets. Refuses what somebody else could have written.

Trusted is what belongs to root or to the user that runs this, and what not everybody may write. The folder that a file stands
in counts too, where the file could be taken away and a link laid in its place; folders further up do not: whoever exchanges one
of them puts files of their own there, and these are refused. Nothing here waits: a named pipe is told and not read.
"""

import errno
import grp
import logging
import os
import pwd
import shlex
import stat
from functools import cache
from pathlib import Path

from exactsend.errors import ConfigError
from exactsend.system.structured_log import tell

_log = logging.getLogger(__name__)
_ROOT = 0
_OTHER_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_trusted(path: Path, called: str) -> bytes:
    """What stands in a file that nobody else may write.

    Args:
        path: the file; a link is followed.
        called: what people call it: "the configuration".

    Raises:
        OSError: it can't be read.
        ConfigError: it is no file, or others may write it; names its mode or its owner.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _require_file(found, path, called)
        _require_ours(found, path, called)
        for folder in dict.fromkeys([path.absolute().parent, path.resolve().parent]):
            _require_not_exchangeable(folder, path, called)
        _tell_of_group(found, path, called)
        return file.read()


def require_trusted_folder(folder: Path, called: str) -> None:
    """Let pass a folder that nobody else may write into, and one that is not there yet.

    Raises:
        ConfigError: others may; names its mode or its owner.
    """
    try:
        found = folder.stat()
    except OSError:  # who uses it tells
        return
    if stat.S_ISDIR(found.st_mode):
        _require_ours(found, folder, called)
        _tell_of_group(found, folder, called)


def group_may_write(found: os.stat_result) -> bool:
    """Whether a group may write it, which is worth a warning: who is in that group is not known here."""
    return bool(found.st_mode & stat.S_IWGRP)


def _require_file(found: os.stat_result, path: Path, called: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        kind = _OTHER_KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise ConfigError(
            f"{called} {path} is {kind} and no file",
            hint="Write it into a file of yours that nobody else may change.",
        )


def _require_ours(found: os.stat_result, path: Path, called: str) -> None:
    mode = _mode(found)
    if found.st_mode & stat.S_IWOTH:
        inside = "" if path.is_file() else f", or name a folder inside of it: {path}/state"
        raise ConfigError(
            f"everybody may change {called} {path} (mode {mode})",
            hint=f"See that it is as you left it, then close it: chmod o-w {_quoted(path)}{inside}",
        )
    if found.st_uid not in {_ROOT, os.geteuid()}:
        owner, we = _user_name(found.st_uid), _user_name(os.geteuid())
        raise ConfigError(
            f"{called} {path} belongs to the user {owner} (mode {mode}), and exactsend runs as {we}",
            # Root was a slip of the hand; what it took over, the timer's user could not read any more.
            hint=f"Run exactsend as {owner}"
            + ("" if os.geteuid() == _ROOT else f", or give it over: chown {we} {_quoted(path)}"),
        )


def _require_not_exchangeable(folder: Path, path: Path, called: str) -> None:
    """Refuse a folder in which others may lay something else in the place of a file of ours."""
    found = folder.stat()
    others_own_it = found.st_uid not in {_ROOT, os.geteuid()}
    everybody_may = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
    # Kubernetes' volumes of configurations have mode 0777, and are mounted so that nobody can write there.
    if (others_own_it or everybody_may) and not os.statvfs(folder).f_flag & os.ST_RDONLY:
        whose = f"belongs to the user {_user_name(found.st_uid)}" if others_own_it else "is open to everybody"
        raise ConfigError(
            f"{called} {path} may be exchanged by others: its folder {folder} {whose} (mode {_mode(found)})",
            hint=f"Move it into a folder of yours, or close this one: chmod o-w {_quoted(folder)}",
        )


def _tell_of_group(found: os.stat_result, path: Path, called: str) -> None:
    if group_may_write(found):
        _tell_once(called, path, _group_name(found.st_gid), _mode(found))


@cache
def _tell_once(called: str, path: Path, group: str, mode: str) -> None:
    said = f"the group {group} may change {called} {path} (mode {mode}); close it: chmod g-w {_quoted(path)}"
    tell(_log, logging.WARNING, "group_may_write", said)


def _mode(found: os.stat_result) -> str:
    return f"{stat.S_IMODE(found.st_mode):04o}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user often has a number only
        return str(uid)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
