"""Reads the configuration and secret files, which decide where keys are sent. Refuses files that other users could have written.

A file is trusted if it belongs to root or to the current user, and not everybody may write it. The same holds for its folder,
where others could replace the file. Folders further up do not matter: who replaces one of them can only put own files there,
and those are refused. A named pipe is refused instead of read, since reading it would wait.
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
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)
_ROOT = 0
_OTHER_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_trusted(path: Path, name: str) -> bytes:
    """The content of a file that nobody else may write.

    Args:
        path: the file; links are followed.
        name: its name in messages: "the configuration".

    Raises:
        OSError: it can't be read.
        ConfigError: it is no regular file, or others may write it. The message has its mode or its owner.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _require_file(status, path, name)
        _require_ours(status, path, name)
        for folder in dict.fromkeys([path.absolute().parent, path.resolve().parent]):
            _require_safe_folder(folder, path, name)
        _warn_about_group(status, path, name)
        return file.read()


def require_trusted_folder(folder: Path, name: str) -> None:
    """Check that nobody else may write into a folder, if it exists.

    Raises:
        ConfigError: others may. The message has its mode or its owner.
    """
    try:
        status = folder.stat()
    except OSError:  # reported when the folder is used
        return
    if stat.S_ISDIR(status.st_mode):
        _require_ours(status, folder, name)
        _warn_about_group(status, folder, name)


def group_may_write(status: os.stat_result) -> bool:
    """Whether a group may write the file. That deserves a warning only, since the group may have no other members."""
    return bool(status.st_mode & stat.S_IWGRP)


def _require_file(status: os.stat_result, path: Path, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        kind = _OTHER_KINDS.get(stat.S_IFMT(status.st_mode), "of an unknown kind")
        raise ConfigError(
            f"{name} {path} is {kind}, not a regular file",
            hint="Use a regular file that only you may change.",
        )


def _require_ours(status: os.stat_result, path: Path, name: str) -> None:
    mode = _mode(status)
    if status.st_mode & stat.S_IWOTH:
        inside = "" if path.is_file() else f", or use a folder inside it: {path}/state"
        raise ConfigError(
            f"everybody may change {name} {path} (mode {mode})",
            hint=f"Check that nobody has changed it, then run: chmod o-w {_quoted(path)}{inside}",
        )
    if status.st_uid not in {_ROOT, os.geteuid()}:
        owner, we = _user_name(status.st_uid), _user_name(os.geteuid())
        raise ConfigError(
            f"{name} {path} belongs to the user {owner} (mode {mode}), and exactsend runs as {we}",
            # Running as root was probably a mistake. If root owned the file, the timer's user could not read it.
            hint=f"Run exactsend as {owner}"
            + ("" if os.geteuid() == _ROOT else f", or change the owner: chown {we} {_quoted(path)}"),
        )


def _require_safe_folder(folder: Path, path: Path, name: str) -> None:
    """Check that others can't replace the files in a folder."""
    status = folder.stat()
    others_own_it = status.st_uid not in {_ROOT, os.geteuid()}
    everybody_may = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
    # Kubernetes mounts configuration volumes with mode 0777, but read-only.
    if (others_own_it or everybody_may) and not os.statvfs(folder).f_flag & os.ST_RDONLY:
        whose = (
            f"belongs to the user {_user_name(status.st_uid)}"
            if others_own_it
            else "can be written by everybody"
        )
        raise ConfigError(
            f"others may replace {name} {path}: its folder {folder} {whose} (mode {_mode(status)})",
            hint=f"Move it to a folder of your own, or run: chmod o-w {_quoted(folder)}",
        )


def _warn_about_group(status: os.stat_result, path: Path, name: str) -> None:
    if group_may_write(status):
        _warn_once(name, path, _group_name(status.st_gid), _mode(status))


@cache
def _warn_once(name: str, path: Path, group: str, mode: str) -> None:
    warning = f"the group {group} may change {name} {path} (mode {mode}); to prevent that, run: chmod g-w {_quoted(path)}"
    log_event(_log, logging.WARNING, "group_may_write", warning)


def _mode(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in containers, users often have no name
        return str(uid)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
