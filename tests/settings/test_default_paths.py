"""Where the configuration and the state are looked for."""

from pathlib import Path

import pytest

from exactsend.errors import ConfigError
from exactsend.settings.default_paths import default_config_path, default_state_dir

HOME = {"HOME": "/home/ann"}
SYSTEMD = {
    "CONFIGURATION_DIRECTORY": "/etc/exactsend:/etc/more",
    "STATE_DIRECTORY": "/var/lib/exactsend/acme:/x",
}
XDG = {"XDG_CONFIG_HOME": "/xdg/config", "XDG_STATE_HOME": "/xdg/state"}
EXPLICIT = {"EXACTSEND_CONFIG": "/srv/own.toml", "EXACTSEND_STATE_DIR": "/srv/state"}


@pytest.mark.parametrize(
    ("environ", "config", "state"),
    [
        (HOME, "/home/ann/.config/exactsend/config.toml", "/home/ann/.local/state/exactsend"),
        (HOME | XDG, "/xdg/config/exactsend/config.toml", "/xdg/state/exactsend"),
        (HOME | XDG | SYSTEMD, "/etc/exactsend/config.toml", "/var/lib/exactsend/acme"),
        (HOME | XDG | SYSTEMD | EXPLICIT, "/srv/own.toml", "/srv/state"),
        (SYSTEMD, "/etc/exactsend/config.toml", "/var/lib/exactsend/acme"),
        (XDG, "/xdg/config/exactsend/config.toml", "/xdg/state/exactsend"),
        (
            HOME | {"XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": "", "EXACTSEND_CONFIG": ""},
            "/home/ann/.config/exactsend/config.toml",
            "/home/ann/.local/state/exactsend",
        ),
    ],
    ids=[
        "home",
        "xdg",
        "systemd",
        "explicit",
        "systemd without home",
        "xdg without home",
        "empty and relative",
    ],
)
def test_the_most_explicit_place_wins(environ: dict[str, str], config: str, state: str) -> None:
    assert default_config_path(environ) == Path(config)
    assert default_state_dir(environ) == Path(state)


def test_without_any_hint_the_variables_to_set_are_named() -> None:
    with pytest.raises(ConfigError) as error:
        default_state_dir({})

    assert "EXACTSEND_STATE_DIR" in error.value.hint
