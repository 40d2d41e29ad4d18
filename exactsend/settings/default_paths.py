"""The default paths of the configuration and of the state folder.

A variable of exactsend's own comes first, then the folders that systemd passes to a unit, then the XDG folders. Reads only the
environment that is passed to it.
"""

from collections.abc import Mapping
from pathlib import Path

from exactsend.errors import ConfigError

Environment = Mapping[str, str]


def default_config_path(environ: Environment) -> Path:
    """The configuration file: ``EXACTSEND_CONFIG``, or ``config.toml`` in the default folder."""
    if explicit := environ.get("EXACTSEND_CONFIG"):
        return Path(explicit)
    folder = _systemd_folder(environ, "CONFIGURATION_DIRECTORY")
    return (folder or _xdg_folder(environ, "XDG_CONFIG_HOME", ".config")) / "config.toml"


def default_state_dir(environ: Environment) -> Path:
    """The folder of ledgers and sign-ins: ``EXACTSEND_STATE_DIR``, or the default folder."""
    if explicit := environ.get("EXACTSEND_STATE_DIR"):
        return Path(explicit)
    folder = _systemd_folder(environ, "STATE_DIRECTORY")
    return folder or _xdg_folder(environ, "XDG_STATE_HOME", ".local/state")


def _systemd_folder(environ: Environment, variable: str) -> Path | None:
    # A unit may name several folders; systemd joins them with colons.
    first, _, _ = environ.get(variable, "").partition(":")
    return Path(first) if first else None


def _xdg_folder(environ: Environment, variable: str, below_home: str) -> Path:
    base = Path(environ.get(variable, ""))
    if not base.is_absolute():  # the XDG specification: relative paths must be ignored
        base = _home(environ) / below_home
    return base / "exactsend"


def _home(environ: Environment) -> Path:
    home = environ.get("HOME")
    if not home:
        raise ConfigError(
            "HOME is not set, so there are no default paths for the configuration and the state folder",
            hint="Set EXACTSEND_CONFIG and EXACTSEND_STATE_DIR, or pass --config and --state-dir.",
        )
    return Path(home)
