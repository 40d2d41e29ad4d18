"""Completion as a person meets it: each shell reads its file and is asked what may follow."""

from pathlib import Path

import pytest

from tests.derived.completions import FILES, completion
from tests.tools import BESIDE_PYTHON, ROOT, run, tool

COMPLETIONS = ROOT / "deploy" / "completions"
CONFIG = ROOT / "config.example.toml"

BASH = 'source "$1"; COMP_WORDS=($2); COMP_CWORD=$3; _exactsend_completion exactsend; printf "%s\\n" "${COMPREPLY[@]}"'
ZSH = "fpath=($1) words=(exactsend labels c) CURRENT=3; autoload -U _exactsend; _arguments() { print $1 }; _exactsend"
FISH = "source $argv[1]; complete --do-complete $argv[2]"


def in_bash(*words: str) -> list[str]:
    last = str(len(words) - 1)
    done = run(
        tool("bash"), "-c", BASH, "bash", COMPLETIONS / "exactsend.bash", " ".join(words), last, **beside()
    )
    return done.stdout.split()


def beside() -> dict[str, str]:
    """The program under test is the one that the shell finds, and the configuration is the sample."""
    return {"PATH": f"{BESIDE_PYTHON}:/usr/bin:/bin", "EXACTSEND_CONFIG": str(CONFIG)}


def test_bash_completes_commands_options_and_divisions() -> None:
    assert in_bash("exactsend", "labels", "c") == ["create", "cancel"]
    assert in_bash("exactsend", "sync", "--dry") == ["--dry-run"]
    assert in_bash("exactsend", "sync", "--division", "a") == ["acme"]


def test_fish_completes_commands() -> None:
    done = run(
        tool("fish"),
        "--no-config",
        "-c",
        FISH,
        COMPLETIONS / "exactsend.fish",
        "exactsend labels c",
        **beside(),
    )

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["cancel", "create"]


def test_zsh_completes_commands_at_the_first_press_of_the_key() -> None:
    done = run(tool("zsh"), "--no-rcs", "-c", ZSH, "zsh", COMPLETIONS, **beside())

    assert (COMPLETIONS / "_exactsend").read_text().startswith("#compdef exactsend\n")
    assert done.stdout.startswith('*: :(("create":"Buy the label of a delivery now" "cancel":')


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_what_the_program_says_now(file: str) -> None:
    assert (COMPLETIONS / file).read_text() == completion(file)


@pytest.mark.parametrize(
    "config", ["no such file", "", "[divisions", "divisions = 3", "divisions.x = 3\ndivisions.y = 4"]
)
def test_a_configuration_that_can_not_be_read_offers_nothing_and_says_nothing(
    config: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    if config != "no such file":
        path.write_text(config)
    asked = {"_EXACTSEND_COMPLETE": "complete_bash", "COMP_WORDS": "exactsend sync -d z", "COMP_CWORD": "3"}

    done = run(BESIDE_PYTHON / "exactsend", **asked, EXACTSEND_CONFIG=str(path))

    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_another_configuration_on_the_line_is_the_one_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[divisions.bravo]\ncode = 1\n")

    assert in_bash("exactsend", "--config", str(tmp_path / "other.toml"), "sync", "-d", "b") == ["bravo"]
    assert in_bash("exactsend", "sync", "-c", str(tmp_path / "other.toml"), "-d", "b") == ["bravo"]
