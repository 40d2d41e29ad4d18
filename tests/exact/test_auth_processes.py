"""Several processes share one sign-in."""

import subprocess
import sys
from pathlib import Path

from exactsend.exact.tokens import Tokens
from tests.exact.token_office import FolderStore, TokenOffice
from tests.moving_clock import MORNING, MovingClock
from tests.wire_server import WireServer

FIRST = Tokens(access_token="access-1", refresh_token="stampe!1", received_at=MORNING, expires_in=600)
PROCESS = """
import sys
from datetime import timedelta
from pathlib import Path
from exactsend.exact.auth import SignIn
from exactsend.system.signals import Interrupts
from tests.exact.token_office import FolderStore
from tests.moving_clock import MORNING, MovingClock

clock = MovingClock(MORNING + timedelta(seconds=571))
store = FolderStore(Path(sys.argv[2]))
sign_in = SignIn(sys.argv[1], "id", "secret", store, clock=clock, interrupts=Interrupts(clock.sleep))
sys.stdin.read()
print(sign_in.bearer())
"""


def test_four_processes_refresh_once(tmp_path: Path) -> None:
    FolderStore(tmp_path).save(FIRST.model_dump_json())
    clock = MovingClock(MORNING)
    office = TokenOffice(clock)
    with WireServer(office) as server:
        command = [sys.executable, "-c", PROCESS, server.url, str(tmp_path)]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for process in processes:
            assert process.stdin
            process.stdin.close()
        bearers = [process.stdout.read().strip() for process in processes if process.stdout]
        for process in processes:
            process.stdout.close() if process.stdout else None
            assert process.wait(30) == 0

    assert bearers == ["access-2"] * 4
    assert (len(server.asked), office.replays) == (1, 0)
