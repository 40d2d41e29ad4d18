"""Scenes of setting up: what docs/setup.md prints, typed on a fresh system.

The first line of each is its headline.
"""

from pathlib import Path

from tests.deploy.machine.shell import CLONE, SECRETS, STATE, Machine, printed

SANDBOX_UNIT = """\
[Service]
ExecStart=/opt/sandbox/bin/exactsend sandbox --port 8123 --write-config /srv/sandbox
[Install]
WantedBy=multi-user.target
"""


def what_this_is(machine: Machine) -> None:
    """The machine"""
    said = machine.run(
        "systemctl --version | head -1; . /etc/os-release; echo $PRETTY_NAME; python3 -V; uname -r"
    ).said
    machine.see("a machine with systemd", holds="systemd 25" in said, found=said)
    machine.wait(lambda: machine.run("systemctl is-active cron").said.strip() == "active", within=60)


def the_program_is_installed(machine: Machine) -> None:
    """Set-up: the program"""
    for line in printed("A user and its folders", "useradd")[:2]:
        machine.type(line.replace("/path/to/the/clone", str(CLONE)))
    shared = Path("/opt/exactsend/share")
    for name in ("exactsend/systemd/exactsend@.service", "exactsend/cron/exactsend", "man/man1/exactsend.1"):
        machine.see(f"share/{name} is there", holds=(shared / name).is_file())
    for line in printed("A user and its folders", "ln -s"):
        machine.type(line)
    machine.see("`exactsend` is found", holds=machine.run("exactsend --version").status == 0)
    found = machine.run("man -w exactsend").said
    machine.see("`man exactsend` is found", holds="exactsend.1" in found, found=found)
    found = machine.run(
        "bash -ic '. /usr/share/bash-completion/bash_completion; _completion_loader exactsend; complete -p exactsend'"
    ).said
    machine.see("completion of bash is found", holds="_exactsend_completion" in found, found=found)


def the_sandbox_runs_as_a_service(machine: Machine) -> None:
    """The simulated services, as a service of their own on 127.0.0.1"""
    machine.see(
        "the program does without the sandbox's extra",
        holds="pip install 'exactsend[sandbox]'" in machine.run("exactsend sandbox").said,
    )
    machine.run(f"{CLONE}/deploy/install /opt/sandbox")
    machine.type("/opt/sandbox/bin/pip install 'exactsend[sandbox]'")
    Path("/etc/systemd/system/sandbox.service").write_text(SANDBOX_UNIT)
    machine.run("systemctl daemon-reload; systemctl enable --now sandbox")
    machine.see(
        "`exactsend sandbox --write-config` wrote a configuration",
        holds=machine.wait(Path("/srv/sandbox/sandbox.env").exists, within=120),
    )
    machine.wait(lambda: "sales orders" in machine.page())


def folders_configuration_and_secrets(machine: Machine) -> None:
    """Set-up: folders, configuration, secrets, units"""
    config = Path("/srv/sandbox/config.toml").read_text().replace("divisions.sandbox", "divisions.acme")
    Path("/srv/config.toml").write_text(config)
    for line in printed("A user and its folders", "useradd")[2:]:
        machine.type(f"cd /srv && {line}" if "config.toml" in line else line)
    for name, secret in SECRETS.items():
        path = Path("/etc/exactsend/secrets") / name.removeprefix("exactsend_")
        path.write_text(secret)
        path.chmod(0o400)
    for line in printed("systemd", "cp /opt")[:2]:
        machine.type(line)
    found = machine.run("systemd-analyze verify /etc/systemd/system/exactsend*@.*").said
    machine.see("systemd-analyze verify is silent", holds="exactsend" not in found, found=found)


def connecting_with_the_units_secrets(machine: Machine) -> None:
    """Connecting with the secrets that systemd shell over, as docs/setup.md prints it"""
    (line,) = [name for name in printed("Secrets", "systemd-run") if name.startswith("systemd-run")]
    line = line.replace("--pty", "--pipe")  # nobody sits at a terminal here
    done = machine.connect(line)
    machine.see(f"$ {line}", holds=done.status == 0, found=done.said)
    kept = machine.run(f"grep -rl sandbox-secret {STATE}").said
    machine.see("the secrets were not copied into the state", holds=not kept, found=kept)
