"""Scenes of runs that do not end well: which are failures of the unit, and who is told.

The first line of each is its headline.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.deploy.machine.shell import CONFIG, MAIL, SERVICE, STATE, Machine, printed

TELLS = "exactsend-failed@acme.service"


def a_failure_is_tried_out(machine: Machine) -> None:
    """Does a mail arrive? As docs/setup.md tries it"""
    (line,) = [name for name in printed("systemd", "cp /opt") if "exactsend-failed@" in name]
    machine.type(line)
    came = machine.wait(machine.mails, within=60)
    machine.see(
        "a mail arrived, by a real mail program",
        holds=came,
        found=machine.run("journalctl -n 20 -t dma").said,
    )
    machine.rearm()


def a_label_that_needs_a_person(machine: Machine) -> None:
    """Status 1: something needs a person"""
    before = len(machine.mails())
    machine.action("deliver?order=4715")
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "1 is no failure of the unit",
        holds=machine.ended() == ("inactive", "success", "1"),
        found=machine.ended(),
    )
    machine.see("nobody is mailed", holds=len(machine.mails()) == before, found=machine.mails())
    said = [row["MESSAGE"] for row in machine.journal(f"-u {SERVICE} -n 12")]
    machine.see(
        "the journal names the order", holds=any("4715" in str(candidate) for candidate in said), found=said
    )


def another_run_holds_the_division(machine: Machine) -> None:
    """Status 75: another run holds the division"""
    machine.run("systemctl kill --signal=STOP sandbox")
    machine.run(
        "systemd-run --unit=other --collect -p User=exactsend -p LoadCredential=exactsend:/etc/exactsend/secrets"
        " -p ConfigurationDirectory=exactsend -p ConfigurationDirectoryMode=0750 -p StateDirectory=exactsend -p StateDirectoryMode=0700 /opt/exactsend/bin/exactsend sync --division acme"
    )
    process = machine.property("other.service", "MainPID")
    held = machine.wait(
        lambda: re.search(rf"\b{process}\b", (STATE / "1234567/lock").read_text()), within=180
    )
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "75 is no failure of the unit",
        holds=held and machine.ended() == ("inactive", "success", "75"),
        found=machine.ended(),
    )
    machine.run("systemctl kill --signal=CONT sandbox")
    machine.wait(lambda: machine.property("other.service", "ActiveState") == "inactive", within=180)


def a_limit_stops_the_purchases(machine: Machine) -> None:
    """Status 5: a limit stops the purchases; the failure is told"""
    was = CONFIG.read_text()
    CONFIG.write_text(was.replace("[divisions.acme.labels]\n", "[divisions.acme.labels]\nmax_per_run = 1\n"))
    machine.action("deliver?order=4713")
    machine.action("deliver?order=4714")
    before = len(machine.mails())
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "5 is a failure of the unit",
        holds=machine.ended() == ("failed", "exit-code", "5"),
        found=machine.ended(),
    )
    told = machine.wait(lambda: len(machine.mails()) > before, within=60)
    machine.see(
        "OnFailure= mailed root, by a real mail program",
        holds=told,
        found=machine.mails() or machine.run("journalctl -n 20 -u 'exactsend-failed@*'").said,
    )
    text = MAIL.read_text() if MAIL.exists() else ""
    machine.see("the mail shows what the run said", holds="max_per_run" in text, found=text)
    crit = [str(row["MESSAGE"]) for row in machine.journal(f"-u {TELLS} -p crit")]
    machine.see(
        "`journalctl -p crit` shows it",
        holds=any("division acme failed" in name for name in crit),
        found=crit,
    )
    grave = [str(row["MESSAGE"]) for row in machine.journal(f"-u {SERVICE} -p err")]
    machine.see(
        "`journalctl -p err` shows why", holds=any("max_per_run" in name for name in grave), found=grave
    )
    machine.run(f"systemctl start {SERVICE}")
    machine.wait(lambda: len(machine.mails()) > before + 1, within=15)
    machine.at_rest(TELLS)
    machine.see(
        "a second failure within the hour is not mailed",
        holds=len(machine.mails()) == before + 1,
        found=machine.mails(),
    )
    crit = [str(row["MESSAGE"]) for row in machine.journal(f"-u {TELLS} -p crit")]
    machine.see("the journal tells it all the same", holds="failed again" in crit[-1], found=crit)
    machine.see(
        "what tells is not failed itself then",
        holds=machine.property(TELLS, "ActiveState") == "inactive",
        found=machine.run("systemctl --failed --plain --no-legend").said,
    )
    CONFIG.write_text(was)
    machine.rearm()
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "without the limit both labels come",
        holds=machine.labels_of(4713) == machine.labels_of(4714) == 1,
        found=machine.ended(),
    )


def a_wrong_configuration(machine: Machine) -> None:
    """Status 3: the configuration is wrong"""
    was = CONFIG.read_text()
    CONFIG.write_text(was + "\n[divisions.acme.label]\nmax_per_run = 1\n")
    before = len(machine.mails())
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "3 is a failure of the unit",
        holds=machine.ended() == ("failed", "exit-code", "3"),
        found=machine.ended(),
    )
    machine.see("it is mailed", holds=machine.wait(lambda: len(machine.mails()) > before, within=60))
    grave = [str(row["MESSAGE"]) for row in machine.journal(f"-u {SERVICE} -p err -n 20")]
    machine.see(
        "`journalctl -p err` names the key",
        holds=any("divisions.acme.label" in name for name in grave),
        found=grave,
    )
    CONFIG.write_text(was)
    machine.rearm()


def a_run_that_takes_too_long(machine: Machine) -> None:
    """A run that hangs is ended by systemd, and told"""
    drop_in = Path("/run/systemd/system/exactsend@.service.d/short.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nTimeoutStartSec=20s\n")
    machine.run("systemctl daemon-reload; systemctl kill --signal=STOP sandbox")
    before = len(machine.mails())
    machine.run(f"systemctl start {SERVICE}")
    machine.run("systemctl kill --signal=CONT sandbox")
    machine.at_rest()
    machine.see(
        "it is a failure of the unit",
        holds=machine.ended()[:2] == ("failed", "timeout"),
        found=machine.ended(),
    )
    machine.see("it is mailed", holds=machine.wait(lambda: len(machine.mails()) > before, within=60))
    drop_in.unlink()
    machine.run("systemctl daemon-reload")
    machine.rearm()


def the_watch(machine: Machine) -> None:
    """The watch"""
    watch = "exactsend-watch@acme.service"
    machine.run(f"systemctl start {SERVICE}; systemctl start {watch}")
    machine.see(
        "it is content after a good run",
        holds=machine.ended(watch) == ("inactive", "success", "0"),
        found=machine.ended(watch),
    )
    before = len(machine.mails())
    now = datetime.now(UTC)
    machine.set_clock(now + timedelta(minutes=70))
    machine.run(f"systemctl start {watch}")
    machine.see(
        "70 minutes later it fails",
        holds=machine.ended(watch) == ("failed", "exit-code", "1"),
        found=machine.ended(watch),
    )
    told = machine.wait(lambda: len(machine.mails()) > before, within=60)
    machine.see("and mails", holds=told, found=MAIL.read_text()[-1500:] if MAIL.exists() else "")
    machine.rearm()


def a_service_out_of_reach(machine: Machine) -> None:
    """Status 7: a service is out of reach"""
    machine.run("systemctl stop sandbox")
    before = len(machine.mails())
    machine.run(f"systemctl start {SERVICE}")
    machine.see(
        "7 is no failure of the unit",
        holds=machine.ended() == ("inactive", "success", "7"),
        found=machine.ended(),
    )
    machine.see("nobody is mailed yet: the watch is there for that", holds=len(machine.mails()) == before)
