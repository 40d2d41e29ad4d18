"""Programs that tests check things with and that a machine may lack: then the test is skipped, or fails where they must be there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BESIDE_PYTHON = Path(sys.executable).parent


def tool(name: str) -> str:
    """Where the program is. ``scripts/tools`` installs all of them."""
    found = shutil.which(name, path=f"{BESIDE_PYTHON}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if found is None and os.environ.get("EXACTSEND_REQUIRE_TOOLS"):
        pytest.fail(f"{name} is not installed, and here it must be")
    if found is None:
        pytest.skip(f"{name} is not installed: scripts/tools does that")
    return found


def run(*command: str | Path, stdin: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command and give what it said; the test looks at how it ended."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )
