"""Scenes of good runs: by hand, by the timer, and what is left of them.

The first line of each is its headline.
"""

import re
import time
from pathlib import Path

from tests.deploy.machine.shell import CONFIG, SECRETS, SERVICE, STATE, Machine, printed


def the_first_run_by_systemd(machine: Machine) -> None:
    """One run by hand: systemctl start"""
    machine.action("deliver?order=4711")
    started = time.monotonic()
    machine.type(f"systemctl start {SERVICE}")
    machine.see(
        "the unit ended well",
        holds=machine.ended() == ("inactive", "success", "0"),
        found=(*machine.ended(), f"{time.monotonic() - started:.0f} s, emulated"),
    )
    machine.see("the label of order 4711 arrived", holds=machine.labels_of(4711) == 1, found=machine.page())
    machine.see("its tracking number stands in Exact", holds=machine.is_tracked(4711))
    machine.type(f"journalctl -u {SERVICE}")


def what_a_run_left_behind(machine: Machine) -> None:
    """State: where, whose, with which modes"""
    found = machine.run(f"find {STATE} -printf '%M %u:%g %P\\n'").said
    odd = [
        line
        for line in found.splitlines()
        if not re.match(r"(drwx------|-rw-------) exactsend:exactsend", line)
    ]
    machine.see(
        "all of the state is the user's, 0700 and 0600", holds=not odd and "ledger.json" in found, found=odd
    )
    elsewhere = machine.run(
        f"find / -xdev -user exactsend -not -path '{STATE}*' -not -path '/proc/*'; find /opt /etc /srv -newer {CONFIG} -name '*.pyc'"
    ).said
    machine.see("nothing of it stands elsewhere", holds=not elsewhere, found=elsewhere)
    machine.see(
        "/run/credentials is empty afterwards", holds=not list(Path("/run/credentials").glob("exactsend@*"))
    )
    (prefix, _) = printed("A user and its folders", "sudo -u")[0].rsplit(" ", 1)
    done = machine.run(f"{prefix} status")
    machine.see(
        "a command by hand as the user sees it",
        holds=done.status == 0 and "acme" in done.said,
        found=done.said,
    )
    done = machine.run(
        "EXACTSEND_CONFIG=/etc/exactsend/config.toml EXACTSEND_STATE_DIR=/var/lib/exactsend exactsend sync"
    )
    found = machine.run(f"find {STATE} -not -user exactsend").said
    machine.see(
        "a sync by hand as root spoils nothing",
        holds=not found and done.status != 70,
        found=f"{done.status} {done.said} {found}",
    )


def the_timer_fires_by_itself(machine: Machine) -> None:
    """The timer"""
    machine.action("deliver?order=4712")
    (line,) = [name for name in printed("systemd", "cp /opt") if "enable" in name]
    machine.type(line)
    machine.go_to_just_before(5)
    came = machine.wait(lambda: machine.labels_of(4712) == 1 and machine.is_tracked(4712), within=420)
    machine.at_rest()
    machine.see(
        "it fired, and the label of order 4712 arrived",
        holds=came,
        found=machine.run("systemctl list-timers 'exactsend*'").said,
    )
    machine.see("exactly one label each", holds=machine.labels_of(4711) == machine.labels_of(4712) == 1)
    machine.see(
        "that run ended well", holds=machine.ended() == ("inactive", "success", "0"), found=machine.ended()
    )
    machine.run("systemctl stop exactsend@acme.timer exactsend-watch@acme.timer")


def what_the_journal_says(machine: Machine) -> None:
    """The journal"""
    entries = machine.journal(f"-u {SERVICE}")
    said = [entry for entry in entries if entry.get("_SYSTEMD_UNIT") == SERVICE]
    machine.see(
        "the program's lines carry unit and name",
        holds=bool(said) and all(row.get("SYSLOG_IDENTIFIER") == "exactsend" for row in said),
        found=[row.get("MESSAGE") for row in said][-5:],
    )
    raw = [entry["MESSAGE"] for entry in entries if str(entry.get("MESSAGE", "")).startswith("<")]
    machine.see("no line shows a bare priority", holds=not raw, found=raw)
    grave = machine.journal(f"-u {SERVICE} -p warning")
    machine.see(
        "runs without trouble leave no warning", holds=not grave, found=[row["MESSAGE"] for row in grave]
    )


def a_file_of_metrics(machine: Machine) -> None:
    """monitoring.metrics_file and monitoring.report_file with a drop-in, as printed"""
    was = CONFIG.read_text()
    for line in printed("systemd", "install -d"):
        machine.type(line)
    CONFIG.write_text(
        was + '\n[monitoring]\nmetrics_file = "/var/lib/prometheus/node-exporter/exactsend.prom"\n'
    )
    before = set(machine.run("find /var/lib/prometheus").said.split())
    machine.run(f"systemctl start {SERVICE}")
    said = [str(row["MESSAGE"]) for row in machine.journal(f"-u {SERVICE} -p warning -n 5")]
    machine.see(
        "without ReadWritePaths= the run goes well and the journal warns",
        holds=machine.ended()[1] == "success"
        and any("exactsend.prom" in name or "metrics_failed" in name for name in said),
        found=said,
    )
    drop_in = Path("/etc/systemd/system/exactsend@.service.d/override.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nReadWritePaths=/var/lib/prometheus/node-exporter\n")
    machine.run("systemctl daemon-reload")
    machine.run(f"systemctl start {SERVICE}")
    found = machine.run("find /var/lib/prometheus -name '*.prom' -printf '%M %u %p\\n'").said
    machine.see(
        "with it the file is written, for all to read",
        holds=found.startswith("-rw-r--r--"),
        found=found or before,
    )
    CONFIG.write_text(was)


def how_exposed_the_units_are(machine: Machine) -> None:
    """systemd-analyze security"""
    for unit, printed_level in ((SERVICE, "1.1"), ("exactsend-watch@acme.service", "")):
        said = machine.run(f"systemd-analyze security --no-pager {unit} | tail -1").said
        level = re.search(r": ([\d.]+)", said)
        machine.see(
            f"{unit} is hardly exposed",
            holds=level is not None and (not printed_level or level[1] == printed_level),
            found=said,
        )


def secrets_from_connect_and_none_from_systemd(machine: Machine) -> None:
    """Secrets typed at connect, /etc/exactsend/secrets empty"""
    machine.run("mkdir /srv/kept; mv /etc/exactsend/secrets/* /srv/kept/")
    machine.run(f"systemctl start {SERVICE}")
    said = [str(row["MESSAGE"]) for row in machine.journal(f"-u {SERVICE} -n 6")]
    machine.see(
        "without any secret the run asks for connect",
        holds=machine.ended()[2] == "4",
        found=(machine.ended(), said),
    )
    machine.rearm()
    (line,) = printed("A user and its folders", "sudo -u")
    done = machine.connect(line, list(SECRETS.values()))
    machine.see(f"$ {line}", holds=done.status == 0, found=done.said)
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "then the unit runs with the empty folder",
        holds=machine.ended()[1] == "success",
        found=machine.ended(),
    )


def cron_instead_of_the_timer(machine: Machine) -> None:
    """Cron"""
    for line in printed("cron", "cp "):
        machine.type(line)
    machine.action("deliver?order=4716&item=LAMP&quantity=1")
    before = len(machine.mails())
    labels = machine.labels_of(4716)
    time.sleep(61)  # cron looks at its folder once a minute
    machine.go_to_just_before(5)
    came = machine.wait(lambda: machine.labels_of(4716) == labels + 1, within=420)
    machine.see(
        "cron ran it, and the label arrived", holds=came, found=machine.run("journalctl -u cron -n 10").said
    )
    machine.wait(lambda: len(machine.mails()) > before, within=90)
    machine.see(
        "cron mailed what changed",
        holds=any("exactsend sync" in mail for mail in machine.mails()[before:]),
        found=machine.mails()[before:],
    )
    found = machine.run(f"find {STATE} -not -user exactsend -o -perm /077").said
    machine.see("the state's owner and modes are as before", holds=not found, found=found)
    machine.run("rm /etc/cron.d/exactsend")
