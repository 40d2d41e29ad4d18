"""Scenes of being stopped: in mid-purchase, by a reboot, for good.

The first line of each is its headline.
"""

import os
import re
import signal
import time
from pathlib import Path

from tests.deploy.machine.shell import CLONE, CONFIG, SERVICE, STATE, Machine, printed


def stopped_in_the_middle_of_a_purchase(machine: Machine) -> None:
    """systemctl stop in the middle of a purchase"""
    machine.action("deliver?order=4716&item=MUG&quantity=4")
    before = len(machine.mails())
    journal = STATE / "1234567/journal.jsonl"
    size = journal.stat().st_size if journal.exists() else 0
    sandbox = int(machine.property("sandbox.service", "MainPID"))
    machine.run(f"systemctl start --no-block {SERVICE}")
    # The purchase is noted before it is made: then the shop's side is held, so that its answer can't come.
    intended = machine.wait(lambda: b"label_intended" in _since(journal, size), within=120, every=0.005)
    os.kill(sandbox, signal.SIGSTOP)
    machine.run(f"systemctl stop --no-block {SERVICE}")
    time.sleep(3)
    state = machine.property(SERVICE, "ActiveState")
    open_still = b"label_bought" not in _since(journal, size)
    machine.see(
        "the purchase is under way, and waited for",
        holds=intended and open_still and state == "deactivating",
        found=(state, intended, open_still),
    )
    machine.run("systemctl kill --signal=CONT sandbox")
    machine.at_rest()
    machine.see(
        "it ends with 143, which is no failure of the unit",
        holds=machine.ended() == ("inactive", "success", "143"),
        found=machine.ended(),
    )
    machine.see("and nobody is mailed", holds=len(machine.mails()) == before, found=machine.mails())
    machine.see("the label was bought once", holds=machine.labels_of(4716) == 1, found=machine.page())
    found = machine.run(
        f"sudo -u exactsend EXACTSEND_CONFIG={CONFIG} EXACTSEND_STATE_DIR={STATE} exactsend ledger verify; sudo -u exactsend EXACTSEND_CONFIG={CONFIG} EXACTSEND_STATE_DIR={STATE} exactsend explain 4716 --offline"
    ).said
    machine.see("the ledger is sound and knows it", holds="3S" in found or "postnl" in found, found=found)
    machine.rearm()
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "the next run goes on: tracked, still one label",
        holds=machine.labels_of(4716) == 1 and machine.is_tracked(4716),
        found=machine.ended(),
    )


def _since(journal: Path, size: int) -> bytes:
    """What came to the ledger's journal since it had this size; it begins anew with each run."""
    if not journal.exists():
        return b""
    now = journal.read_bytes()
    return now[size:] if len(now) >= size else now


def the_timer_is_left_enabled(machine: Machine) -> None:
    """Reboot with the timer enabled"""
    machine.run("mv /srv/kept/* /etc/exactsend/secrets/")
    machine.see("it is enabled", holds=machine.run("systemctl is-enabled exactsend@acme.timer").status == 0)


def the_timer_goes_on_after_the_reboot(machine: Machine) -> None:
    """After the reboot. The sandbox began anew, and so knows nothing of the sign-in: status 4"""
    machine.see(
        "the timer is active without a hand",
        holds=machine.property("exactsend@acme.timer", "ActiveState") == "active",
    )
    machine.wait(lambda: "sales orders" in machine.page())
    before = len(machine.mails())
    machine.go_to_just_before(5)
    fired = machine.wait(lambda: machine.property(SERVICE, "ActiveState") == "failed", within=420)
    machine.see(
        "it fired, and 4 is a failure",
        holds=fired and machine.ended() == ("failed", "exit-code", "4"),
        found=machine.ended(),
    )
    machine.see("it is mailed", holds=machine.wait(lambda: len(machine.mails()) > before, within=60))
    grave = [str(row["MESSAGE"]) for row in machine.journal(f"-b -u {SERVICE} -p err")]
    machine.see(
        "`journalctl -p err` says what to do", holds=any("connect" in name for name in grave), found=grave
    )
    (line,) = printed("A user and its folders", "sudo -u")
    done = machine.connect(line)
    machine.see("connecting again asks for no secret that is kept", holds=done.status == 0, found=done.said)
    failed_at = machine.property(SERVICE, "ExecMainStartTimestampMonotonic")
    machine.go_to_just_before(5)
    # Its numbers begin anew too, and are those that the ledger knows as labelled: a good run is all there is to see.
    came = machine.wait(
        lambda: machine.property(SERVICE, "ExecMainStartTimestampMonotonic") != failed_at, within=420
    )
    machine.at_rest()
    machine.see(
        "the next firing of the timer is a good run",
        holds=came and machine.ended()[1] == "success" and machine.ended()[2] in {"0", "1"},
        found=machine.ended(),
    )
    old = machine.run(f"journalctl -b -1 -u {SERVICE} | wc -l").said
    machine.see(
        "the journal of before is there",
        holds=int(old.split()[-1]) > 10 if old.split()[-1:] else False,
        found=old,
    )


def uninstalling(machine: Machine) -> None:
    """Uninstalling, as docs/upgrade.md tells"""
    text = (CLONE / "docs/upgrade.md").read_text()
    found = re.search(r"`(systemctl disable --now [^`]+)`", text)
    assert found
    machine.type(found[1])
    assert "`monitoring.metrics_file`" in text, (
        "it has the file deleted that this machine's configuration names"
    )
    machine.run(
        "rm -rf /etc/systemd/system/exactsend* /opt/exactsend /etc/exactsend /var/lib/exactsend "
        "/var/lib/prometheus/node-exporter/exactsend.prom"
    )
    machine.type("userdel exactsend")
    for command in ("systemctl daemon-reload", "systemctl reset-failed 'exactsend*'"):
        assert f"`{command}`" in text, f"the document tells to type {command}"
        machine.type(command)
    left = machine.run(
        "systemctl list-units --all --plain --no-legend 'exactsend*'; find / -xdev -nouser -not -path '/proc/*'"
    ).said
    machine.see("nothing is left", holds=not left.strip(), found=left)
