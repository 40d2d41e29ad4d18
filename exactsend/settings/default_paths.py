"""Where the configuration and the state stand when nobody says so.

An explicit variable comes first, then what systemd hands to a unit, then the XDG folders. Reads the environment that it
is given and nothing else: no file, no process environment.
"""

from collections.abc import Mapping
from pathlib import Path

from exactsend.errors import ConfigError

Environment = Mapping[str, str]


def default_config_path(environ: Environment) -> Path:
    """The configuration file: ``EXACTSEND_CONFIG``, else ``config.toml`` in its usual folder."""
    if explicit := environ.get("EXACTSEND_CONFIG"):
        return Path(explicit)
    folder = _systemd_folder(environ, "CONFIGURATION_DIRECTORY")
    return (folder or _xdg_folder(environ, "XDG_CONFIG_HOME", ".config")) / "config.toml"


def default_state_dir(environ: Environment) -> Path:
    """The folder of ledgers and sign-ins: ``EXACTSEND_STATE_DIR``, else its usual place."""
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
    if not base.is_absolute():  # the XDG specification: relative paths are to be ignored
        base = _home(environ) / below_home
    return base / "exactsend"


def _home(environ: Environment) -> Path:
    home = environ.get("HOME")
    if not home:
        raise ConfigError(
            "the environment has no HOME to look for the configuration and the state in",
            hint="Set EXACTSEND_CONFIG and EXACTSEND_STATE_DIR, or pass --config and --state-dir.",
        )
    return Path(home)
