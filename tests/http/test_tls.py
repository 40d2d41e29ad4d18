"""Certificates are always checked, against the system's authorities or those that the environment names."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.errors import Unanswered, Unreachable
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.messages import Call, Reply
from exactsend.http.retries import RetryPolicy
from exactsend.http.transport import Transport
from tests.moving_clock import MovingClock
from tests.wire_server import Answer, Drip, WireServer, as_json

HOST = "exact.example.com"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for HOST that nobody has signed, and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    path = folder / "certificate.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    command = ["openssl", "req", *options, *named, "-keyout", str(folder / "key.pem"), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (folder / "key.pem").read_text())
    return path


@pytest.fixture
def server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    """A TLS server that every name leads to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with WireServer([as_json({})] * 9, tls=context) as started:
        here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", started.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_options: [here])
        yield started


def ask(server: WireServer, host: str, seconds: float = 60) -> Reply:
    clock = MovingClock()
    with Transport(
        "Exact",
        f"https://{host}:{server.port}",
        None,
        allowance=SendcloudAllowance(),
        clock=clock,
        sleep=clock.sleep,
        retry=RetryPolicy(attempts=1),
    ) as transport:
        return transport.send(Call("POST", "/things", timeout_seconds=seconds))


def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_leaves(server: WireServer) -> None:
    with pytest.raises(Unreachable, match=HOST):
        ask(server, HOST)

    assert server.asked == []


def test_authorities_named_by_the_environment_are_trusted(
    server: WireServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    assert ask(server, HOST).status == 200


def test_a_certificate_for_another_name_is_refused(
    server: WireServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    with pytest.raises(Unreachable):
        ask(server, "other.example.com")

    assert server.asked == []


@pytest.mark.parametrize("drip", [Drip.HEADERS, Drip.LAST_BODY])
def test_a_call_ends_although_its_answer_drips_through_tls(
    server: WireServer, certificate: Path, monkeypatch: pytest.MonkeyPatch, drip: Drip
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server.first(Answer(drip=drip))

    with pytest.raises(Unanswered, match="took too long"):
        ask(server, HOST, seconds=0.2)

    assert server.was_cut.wait(1)
