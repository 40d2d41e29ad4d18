"""Where the static secrets are found, in which order, and what is said when they are not."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from exactsend.credentials.file_store import FileStore
from exactsend.credentials.secrets import Secrets, SendcloudKeys
from exactsend.domain.ids import Division
from exactsend.domain.policy import Policy
from exactsend.errors import ConfigError, LoginNeeded, StateDamaged
from exactsend.settings.models import DivisionSettings, ExactSettings

EXACT = ExactSettings(site="nl", client_id="c0ffee", redirect_uri="https://example.com/back")
ACME = DivisionSettings("acme", Division(7), EXACT, Policy())
HOST = "panel.sendcloud.sc"

PLACES = [
    "EXACTSEND_ACME_EXACT_CLIENT_SECRET",
    "EXACTSEND_ACME_EXACT_CLIENT_SECRET_FILE",
    "EXACTSEND_EXACT_CLIENT_SECRET",
    "EXACTSEND_EXACT_CLIENT_SECRET_FILE",
    "exactsend_acme_exact_client_secret",
    "exactsend_exact_client_secret",
    "the store",
]
"""Where a client secret may stand, first things first."""


def store_in(folder: Path) -> FileStore:
    return FileStore(folder / "sign-in")


def told_in(places: list[str], folder: Path) -> Secrets:
    """The secrets where each of ``places`` holds its own name."""
    environ = {"CREDENTIALS_DIRECTORY": str(folder)}
    for place in places:
        if place == "the store":
            Secrets({}, store_in(folder), division_count=1, sendcloud_host=HOST).keep_exact_client_secret(
                EXACT, SecretStr(place)
            )
        elif place.endswith("_FILE"):
            (folder / place).write_text(f"{place}\n")
            environ[place] = str(folder / place)
        elif place.islower():
            (folder / place).write_text(f"{place}\n")
        else:
            environ[place] = place
    return Secrets(environ, store_in(folder), division_count=2, sendcloud_host=HOST)


def secrets(folder: Path, environ: dict[str, str], division_count: int = 1) -> Secrets:
    return Secrets(environ, store_in(folder), division_count=division_count, sendcloud_host=HOST)


@pytest.mark.parametrize("first", range(len(PLACES)), ids=PLACES)
def test_a_client_secret_is_taken_from_the_first_place_that_has_one(tmp_path: Path, first: int) -> None:
    found = told_in(PLACES[first:], tmp_path).exact_client_secret(ACME)

    assert found.get_secret_value() == PLACES[first]


def test_a_sign_in_without_a_division_has_the_shared_client_secret(tmp_path: Path) -> None:
    found = told_in(PLACES, tmp_path).find_exact_client_secret(EXACT)

    assert found == SecretStr("EXACTSEND_EXACT_CLIENT_SECRET")


def test_each_half_of_the_sendcloud_keys_is_looked_up_by_itself(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    keys = secrets(
        tmp_path,
        {
            "EXACTSEND_ACME_SENDCLOUD_PUBLIC_KEY": "named",
            "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "un-named",
            "EXACTSEND_SENDCLOUD_SECRET_KEY_FILE": str(tmp_path / "secret"),
        },
    ).sendcloud_keys(ACME, pinned=False)

    assert keys == SendcloudKeys(public_key=SecretStr("named"), secret_key=SecretStr("from a file"))


def test_keys_that_were_kept_are_found_by_the_next_run(tmp_path: Path) -> None:
    keys = SendcloudKeys(public_key=SecretStr("public"), secret_key=SecretStr("secret"))
    secrets(tmp_path, {}).keep_sendcloud_keys(ACME, keys)

    assert secrets(tmp_path, {}, division_count=5).sendcloud_keys(ACME, pinned=False) == keys
    assert (tmp_path / "sign-in" / "7.sendcloud").stat().st_mode & 0o777 == 0o600


def test_unnamed_sendcloud_keys_serve_a_single_division_only(tmp_path: Path) -> None:
    environ = {"EXACTSEND_SENDCLOUD_PUBLIC_KEY": "p", "EXACTSEND_SENDCLOUD_SECRET_KEY": "s"}

    assert secrets(tmp_path, environ, division_count=1).sendcloud_keys(
        ACME, pinned=False
    ).public_key == SecretStr("p")
    with pytest.raises(LoginNeeded) as error:
        secrets(tmp_path, environ, division_count=2).sendcloud_keys(ACME, pinned=False)

    assert (
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY and EXACTSEND_SENDCLOUD_SECRET_KEY can't be used" in error.value.hint
    )


def test_what_is_missing_is_named_with_both_ways_to_supply_it(tmp_path: Path) -> None:
    with pytest.raises(LoginNeeded, match="no Sendcloud secret key for division acme") as error:
        secrets(tmp_path, {"EXACTSEND_ACME_SENDCLOUD_PUBLIC_KEY": "p"}).sendcloud_keys(ACME, pinned=False)

    assert error.value.hint == (
        "Run `exactsend connect --division acme`, or set EXACTSEND_ACME_SENDCLOUD_SECRET_KEY."
    )


def test_a_missing_client_secret_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(LoginNeeded, match="no Exact client secret for division acme") as error:
        secrets(tmp_path, {"EXACTSEND_EXACT_CLIENT_SECRET": "  "}).exact_client_secret(ACME)

    assert "EXACTSEND_EXACT_CLIENT_SECRET" in error.value.hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff", "is not text"),
        (b"a\nb", "line break"),
    ],
)
def test_a_file_that_is_named_and_no_good_is_an_error(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    variable = "EXACTSEND_EXACT_CLIENT_SECRET_FILE"

    with pytest.raises(ConfigError, match=told) as error:
        secrets(tmp_path, {variable: str(path)}).exact_client_secret(ACME)

    assert variable in error.value.message


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read: Is a directory"):
        secrets(tmp_path, {"EXACTSEND_EXACT_CLIENT_SECRET_FILE": str(tmp_path)}).exact_client_secret(ACME)


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", "5", '{"public_key": "p"}', '{"public_key": 1, "secret_key": "s"}']
)
def test_keys_that_are_damaged_in_the_store_are_not_half_used(tmp_path: Path, kept: str) -> None:
    store_in(tmp_path).put("7.sendcloud", kept)

    with pytest.raises(StateDamaged, match="keys of division 7 in the file store are damaged"):
        secrets(tmp_path, {}).sendcloud_keys(ACME, pinned=False)


def test_the_environment_is_enough_where_the_store_can_not_be_read(tmp_path: Path) -> None:
    found = told_in(["the store", "EXACTSEND_EXACT_CLIENT_SECRET"], tmp_path)
    (tmp_path / "sign-in").chmod(0o755)

    assert found.exact_client_secret(ACME) == SecretStr("EXACTSEND_EXACT_CLIENT_SECRET")


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    keys = SendcloudKeys(public_key=SecretStr("p-value"), secret_key=SecretStr("s-value"))
    found = secrets(tmp_path, {"EXACTSEND_EXACT_CLIENT_SECRET": "c-value"}).exact_client_secret(ACME)

    assert "-value" not in f"{keys} {keys!r} {found} {found!r}"
