"""What an administrator's shell do: type commands, read documents, look at the journal, set the clock. Stdlib only."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLONE = Path("/trial/clone")
STATE = Path("/var/lib/exactsend")
CONFIG = Path("/etc/exactsend/config.toml")
SANDBOX = "http://127.0.0.1:8123"
MAIL = Path("/var/mail") / "root"
LONG = 1800.0
_A_GLANCE = 120
"""Characters of what was found, where it is as it should be; where it is not, all of it is told."""
SERVICE = "exactsend@acme.service"
SECRETS = {
    "exactsend_exact_client_secret": "sandbox-client-secret",
    "exactsend_sendcloud_public_key": "sandbox-public",
    "exactsend_sendcloud_secret_key": "sandbox-secret",
}
"""What the sandbox takes, by the names that the program reads them by."""


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    status: int
    said: str
    """Its standard output and error."""


class Machine:
    """This machine, and the list of what was seen on it."""

    def headline(self, text: str) -> None:
        print(f"── {text.splitlines()[0]}", flush=True)

    def see(self, what: str, *, holds: bool, found: object = "") -> None:
        """Note whether something is as it should be."""
        text = " ⏎ ".join(str(found).strip().splitlines()[-12:])
        text = text[:_A_GLANCE] if holds else text
        print(f"{'ok ' if holds else 'OFF'} {what}" + (f"  [{text}]" if text else ""), flush=True)

    def run(self, command: str, *, within: float = LONG, text: str = "") -> Done:
        """Type a command."""
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            input=text,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def type(self, command: str, *, status: int = 0) -> Done:
        """Type a command that a document prints, and see that it works as printed."""
        done = self.run(command)
        self.see(
            f"$ {command}", holds=done.status == status, found="" if done.status == status else done.said
        )
        return done

    def wait(self, until: Callable[[], object], *, within: float = LONG, every: float = 0.3) -> bool:
        """Wait until something is so; says whether it came to be."""
        ends = time.monotonic() + within
        while time.monotonic() < ends:
            if until():
                return True
            time.sleep(every)
        return False

    # ── units ────────────────────────────────────────────────────────────────────────────────────

    def property(self, unit: str, name: str) -> str:
        return self.run(f"systemctl show --value -p {name} {unit}").said.strip()

    def ended(self, unit: str = "exactsend@acme.service") -> tuple[str, str, str]:
        """How a unit's last run ended: its state, systemd's word for the end, the exit status."""
        return (
            self.property(unit, "ActiveState"),
            self.property(unit, "Result"),
            self.property(unit, "ExecMainStatus"),
        )

    def at_rest(self, unit: str = "exactsend@acme.service") -> bool:
        """Wait until a unit is at work no more."""
        return self.wait(lambda: self.property(unit, "ActiveState") in {"inactive", "failed"})

    def rearm(self) -> None:
        """Let failures be told again that were told within the hour."""
        self.run("systemctl reset-failed 'exactsend*'; rm -f /run/exactsend-failed/*")

    def journal(self, options: str) -> list[dict[str, object]]:
        lines = self.run(f"journalctl -o json --no-pager {options}").said.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def mails(self) -> list[str]:
        """The subjects that root was mailed, oldest first."""
        text = MAIL.read_text(errors="replace") if MAIL.exists() else ""
        return re.findall(r"^Subject: (.*)$", text, re.MULTILINE)

    def set_clock(self, moment: datetime) -> None:
        self.run(f"date -u -s '{moment:%Y-%m-%d %H:%M:%S}'")

    def go_to_just_before(self, minutes: int, *, seconds: int = 15) -> None:
        """Set the clock forward to shortly before the next minute that can be divided so."""
        now = datetime.now(UTC)
        next_one = now.replace(second=0, microsecond=0) + timedelta(minutes=minutes - now.minute % minutes)
        if next_one - now > timedelta(seconds=seconds):
            self.set_clock(next_one - timedelta(seconds=seconds))

    # ── the shop ─────────────────────────────────────────────────────────────────────────────────

    def action(self, what: str) -> str:
        """What a person of the shop does in Exact or in Sendcloud's panel."""
        return self.run(f"curl -s -X POST '{SANDBOX}/_sandbox/{what}'").said

    def page(self) -> str:
        return self.run(f"curl -s {SANDBOX}/_sandbox/").said

    def labels_of(self, order: int) -> int:
        """How many labels Sendcloud has for an order."""
        labels = self.page().partition("Sendcloud: labels")[2].partition("What you can do")[0]
        return len(re.findall(rf"^  {order}(?!\d)", labels, re.MULTILINE))

    def is_tracked(self, order: int) -> bool:
        """Whether a tracking number stands on the order's delivery in Exact."""
        deliveries = self.page().partition("goods deliveries")[2].partition("Sendcloud:")[0]
        return re.search(rf"of order {order}  (?!no tracking)\S", deliveries) is not None

    # ── connecting ───────────────────────────────────────────────────────────────────────────────

    def connect(self, command: str, secrets: Sequence[str] = ()) -> Done:
        """Run ``exactsend connect`` as a person does: open the address, copy the other one, give the secrets."""
        with subprocess.Popen(
            ["/bin/bash", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            said = ""
            for line in running.stdout:
                said += line
                if found := re.match(r"(http://\S+)\s*$", line):
                    opened = self.run(f"curl -s -o /dev/null -w '%{{redirect_url}}\\n' -X POST '{found[1]}'")
                    running.stdin.write("\n".join([opened.said.strip(), *secrets, ""]))
                    running.stdin.flush()
                    running.stdin.close()
                    break
            said += running.stdout.read()
            status = running.wait()
        return Done(status, said)


def printed(heading: str, beginning: str, *, document: str = "docs/setup.md") -> list[str]:
    """The lines of the code block below a heading that has a line beginning so, joined where they go on."""
    text = (CLONE / document).read_text()
    below = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    for block in re.findall(r"^```\n(.*?)^```", below, re.MULTILINE | re.DOTALL):
        lines = str(block).replace("\\\n", " ").splitlines()
        if any(line.startswith(beginning) for line in lines):
            return [" ".join(line.partition("   #")[0].split()) for line in lines if line]
    raise LookupError(f"{document} prints nothing below {heading!r} that begins with {beginning!r}")
