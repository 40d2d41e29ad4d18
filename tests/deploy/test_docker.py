"""The image: its recipe is linted, and the program needs what the recipe grants and no more.

No image is built here, since that takes a daemon and a network.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.person import connects
from tests.shop import Shop
from tests.tools import ROOT, run, tool

DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Each instruction and its words, of a recipe whose lines may go on on the next."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in text.splitlines())
        if word
    ]


def variables() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(rest for word, rest in instructions() if word == "ENV")))


def test_the_linter_finds_nothing() -> None:
    done = run(tool("hadolint"), "--failure-threshold", "style", DOCKERFILE)

    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_as_nobody_in_particular_and_the_user_is_a_number() -> None:
    users = [rest for word, rest in instructions() if word == "USER"]

    assert users == ["10001:10001"]


def test_it_is_compiled_when_it_is_built_since_it_can_not_be_later() -> None:
    build = next(rest for word, rest in instructions() if word == "RUN")

    assert "compileall" in build
    assert variables()["PYTHONDONTWRITEBYTECODE"] == "1"


def test_what_is_copied_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    needed = set(re.findall(r'^"([^/"]+)', _shared_data(), re.MULTILINE)) | {
        "exactsend",
        "pyproject.toml",
        "LICENSE",
        "wheels",  # for a build without a network
    }

    assert "*" in ignored
    assert kept == needed


def _shared_data() -> str:
    return (ROOT / "pyproject.toml").read_text().partition("wheel.shared-data]\n")[2].partition("\n\n")[0]


AUDITED = """
import json, os, sys
written = []
def listen(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        written.append(arguments[0])
    if event in ("os.mkdir", "os.rename", "os.remove", "tempfile.mkstemp", "tempfile.mkdtemp"):
        written.append(str(arguments[0]))
sys.addaudithook(listen)
from exactsend.cli.main import main
found = [main(sys.argv[2:]), list(written)]
with open(sys.argv[1], "w") as log:
    json.dump(found, log)
"""


def test_a_run_writes_into_its_state_and_nowhere_else(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.come_to_the_present()
        assert connects(shop).status == 0
        shop.deliver_all()
        environ = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), **shop.env}
        subprocess.run(
            [sys.executable, "-c", AUDITED, str(tmp_path / "log"), "sync"],
            env=environ,
            cwd="/",
            check=True,
            capture_output=True,
        )
    status, written = json.loads((tmp_path / "log").read_text())

    assert status in (0, 1)
    assert written
    assert [path for path in written if not path.startswith((str(shop.state), os.devnull))] == []
