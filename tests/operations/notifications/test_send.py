"""Messages to people: what they tell, when, to a real mail server and a real web hook; and that they change nothing."""

import json
import logging
import socket
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from exactsend.operations.notifications.message import Message
from exactsend.operations.notifications.send import NotSent, send
from exactsend.sandbox.starting_worlds import NO_HOUSE_NUMBER
from tests.cli.test_refused_questions import a_refusal, remember
from tests.shop import AUTOMATIC, Shop
from tests.wire_server import Answer, Drip, Keeper, WireServer

EVERYTHING = ("errors", "cures", "labels", "stops", "sign_in", "status")
PERSONAL = (
    "Jansen",
    "Sanne",
    "de Boer",
    "Dorpsstraat",
    "Bergen",
    "deboer.example",
    "0687654321",
    "sandbox-secret",
)


class Hook(Keeper):
    """A web hook that remembers what it was sent."""

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/hook/s3cr3t-path"

    @property
    def messages(self) -> list[dict[str, str]]:
        return [json.loads(asked.body) for asked in self.taken]

    @property
    def bodies(self) -> list[str]:
        return [message["message"] for message in self.messages]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as service:
        yield service


@pytest.fixture
def shop(tmp_path: Path, hook: Hook) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.env["EXACTSEND_NOTIFY_URL"] = hook.url
        tell_of(shop, *EVERYTHING)
        yield shop


def tell_of(shop: Shop, *topics: str, every_minutes: int = 0, divisions: str = AUTOMATIC) -> None:
    """Configure what is told, and how often."""
    on = ", ".join(f'"{topic}"' for topic in topics)
    shop.configure(f"[notify]\non = [{on}]\nevery_minutes = {every_minutes}\n{divisions}")


def with_a_failed_label(shop: Shop) -> None:
    """Seven deliveries, of which one gets no label: its address has no house number."""
    shop.run("sync")
    shop.deliver_all()
    assert shop.run("sync").status == 1


def test_new_errors_and_labels_are_told_in_one_message(shop: Shop, hook: Hook) -> None:
    with_a_failed_label(shop)

    (message,) = hook.messages
    assert message["title"] == "exactsend: 1 new error, 6 labels bought"
    assert message["message"] == (
        "Needs a person:\n"
        "  sandbox: delivery 20005: the delivery address of delivery 20005 has no house number that the carrier can read\n"
        "    → Correct AddressLine1 of the delivery address, or of the account or contact it comes from, in Exact; the next run tries again. "
        "Or correct it in Sendcloud's panel in incoming order 4715 and make the label there.\n"
        "\n"
        "Labels:\n"
        "  sandbox: 6 labels bought\n"
        "\n"
        "To see what needs a person: exactsend errors. For an overview: exactsend status."
    )


def test_nothing_is_told_twice(shop: Shop, hook: Hook) -> None:
    with_a_failed_label(shop)
    for _ in range(3):
        shop.pass_time(minutes=5)
        shop.run("sync")

    assert len(hook.messages) == 1


def test_a_cure_is_told(shop: Shop, hook: Hook) -> None:
    with_a_failed_label(shop)
    address = shop.office.order(NO_HOUSE_NUMBER).text("DeliveryAddress")
    shop.office.correct_address(address, AddressLine1="Dorpsstraat 12")
    shop.pass_time(minutes=16)

    assert shop.run("sync").status == 0

    assert hook.messages[-1]["title"] == "exactsend: 1 error cured, 1 label bought"
    assert "No longer an error:\n  sandbox: delivery 20005: house_number_missing\n" in hook.bodies[-1]


def test_a_limit_that_stops_purchases_is_told_once(shop: Shop, hook: Hook) -> None:
    tell_of(
        shop,
        *EVERYTHING,
        divisions=AUTOMATIC.replace("shipping_option =", "max_per_run = 3\nshipping_option =", 1),
    )
    shop.run("sync")
    shop.deliver_all()
    assert shop.run("sync").status == 5
    shop.run("sync")

    (body,) = [body for body in hook.bodies if "Purchases stopped" in body]
    assert "sandbox: 7 labels were to be bought in one run" in body


def test_runs_that_end_badly_and_well_again_are_told(shop: Shop, hook: Hook) -> None:
    shop.run("sync")
    shop.sandbox.world.exact.behaviour.maintenance = True
    assert shop.run("sync").status == 7
    assert shop.run("sync").status == 7
    shop.sandbox.world.exact.behaviour.maintenance = False
    assert shop.run("sync").status == 0

    bad, good = hook.bodies
    assert "sandbox: the run ended with 7: a service can't be reached" in bad
    assert "sandbox: runs succeed again" in good


def test_refused_keys_are_told(shop: Shop, hook: Hook) -> None:
    shop.sandbox.faults.answer_instead("GET", "/auth/metadata", status=401, times=None)

    assert shop.run("sync").status == 4

    assert "sandbox: the run ended with 4: somebody must sign in: exactsend connect" in hook.bodies[0]


def test_what_a_service_refuses_is_told_once(shop: Shop, hook: Hook) -> None:
    remember(shop, a_refusal("salesorder/GoodsDeliveries", method="PUT"))
    shop.run("sync")
    shop.run("sync")

    (body,) = [body for body in hook.bodies if "Refused by a service" in body]
    assert "sandbox: Exact refuses PUT salesorder/GoodsDeliveries (403). No tracking is written back" in body


def test_a_sign_in_that_dies_soon_is_told_once_a_day(shop: Shop, hook: Hook) -> None:
    shop.run("sync")
    shop.sandbox.faults.answer_instead("*", "/oauth2/token", status=503, times=None)
    for days in (21, 1):
        shop.pass_time(minutes=days * 24 * 60)
        shop.run("sync")
        shop.run("sync")

    told = [body for body in hook.bodies if "Sign-in:" in body]
    assert ["expires in 9 days" in told[0], "expires in 8 days" in told[1]] == [True, True]
    assert len(told) == 2


def test_only_what_was_asked_for_is_told(shop: Shop, hook: Hook) -> None:
    tell_of(shop, "errors")
    with_a_failed_label(shop)

    assert hook.messages[0]["title"] == "exactsend: 1 new error"


def test_what_is_new_waits_for_its_time(shop: Shop, hook: Hook) -> None:
    tell_of(shop, *EVERYTHING, every_minutes=60)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.run("sync")
    shop.office.deliver(4712)
    shop.pass_time(minutes=10)
    shop.run("sync")
    assert [message["title"] for message in hook.messages] == ["exactsend: 1 label bought"]
    shop.office.deliver(4713)
    shop.pass_time(minutes=51)
    shop.run("sync")

    assert [message["title"] for message in hook.messages] == [
        "exactsend: 1 label bought",
        "exactsend: 2 labels bought",
    ]


def test_nothing_is_lost_when_sending_fails(shop: Shop, hook: Hook) -> None:
    hook.status = 500
    with_a_failed_label(shop)
    finished = shop.run("sync")
    assert "WARNING notify_failed: the mail server or the service did not accept the message" in finished.err
    hook.status = 200

    shop.run("sync")
    shop.run("sync")

    assert [message["title"] for message in hook.messages] == ["exactsend: 1 new error, 6 labels bought"]


def test_of_two_addresses_only_the_one_that_failed_is_tried_again(shop: Shop, hook: Hook) -> None:
    with Hook() as other:
        shop.env["EXACTSEND_NOTIFY_URL"] = f"{hook.url} {other.url}"
        other.status = 500
        with_a_failed_label(shop)
        finished = shop.run("sync")
        assert "(of the 2 addresses of EXACTSEND_NOTIFY_URL: number 2)" in finished.err
        other.status = 200
        shop.run("sync")
        shop.run("sync")

    titles = ["exactsend: 1 new error, 6 labels bought"]
    assert [message["title"] for message in hook.messages] == titles
    assert [message["title"] for message in other.messages] == titles


def test_what_is_owed_comes_together_with_what_is_new(shop: Shop, hook: Hook) -> None:
    shop.run("sync")
    with Hook() as other:
        shop.env["EXACTSEND_NOTIFY_URL"] = f"{hook.url} {other.url}"
        other.status = 500
        for order in (4711, 4712):
            shop.office.deliver(order)
            shop.run("sync")
        other.status = 200
        shop.run("sync")

    assert [message["title"] for message in hook.messages] == ["exactsend: 1 label bought"] * 2
    assert [message["title"] for message in other.messages] == ["exactsend: 2 labels bought"]


def test_what_is_owed_to_an_address_that_is_gone_is_forgotten(shop: Shop, hook: Hook) -> None:
    with Hook() as other:
        shop.env["EXACTSEND_NOTIFY_URL"] = f"{hook.url} {other.url}"
        other.status = 500
        with_a_failed_label(shop)
        shop.env["EXACTSEND_NOTIFY_URL"] = hook.url
        assert "notify_failed" not in shop.run("sync").err

    assert json.loads((shop.state / "notify.json").read_text())["owed"] == {}
    assert len(hook.messages) == 1


def test_a_service_that_drips_is_given_up_and_the_rest_of_the_process_is_silent_about_it() -> None:
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests")]
    try:
        with WireServer([Answer(drip=Drip.HEADERS)]) as server, pytest.raises(NotSent, match="in time"):
            send(Message("title", "body"), f"json://127.0.0.1:{server.port}/", seconds=0.2)
        assert not any(logger.propagate for logger in loggers)
    finally:
        for logger in loggers:
            logger.propagate = True


def test_messages_never_change_how_a_run_ends(shop: Shop, hook: Hook) -> None:
    hook.status = 500
    shop.run("sync")
    shop.office.deliver(4711)

    assert shop.run("sync").status == 0


def test_a_dry_run_tells_nothing(shop: Shop, hook: Hook) -> None:
    shop.sandbox.stop()

    shop.run("sync", "--dry-run")

    assert hook.messages == []


def test_no_address_is_ever_shown(shop: Shop, hook: Hook) -> None:
    hook.status = 500
    with_a_failed_label(shop)

    finished = shop.run("sync", "-vv")

    assert "notify_failed" in finished.err
    assert "s3cr3t-path" not in finished.out + finished.err


def test_messages_and_what_waits_have_no_personal_data(shop: Shop, hook: Hook) -> None:
    with_a_failed_label(shop)

    kept = (shop.state / "notify.json").read_text()
    for secret in (*PERSONAL, "s3cr3t-path"):
        assert secret not in "".join(hook.bodies) + kept
    assert (shop.state / "notify.json").stat().st_mode & 0o077 == 0


def test_a_file_that_was_damaged_makes_everything_news(shop: Shop, hook: Hook) -> None:
    with_a_failed_label(shop)
    (shop.state / "notify.json").write_text("{")

    shop.run("sync")

    assert [message["title"] for message in hook.messages][-1] == "exactsend: 1 new error"


# ── set up wrongly ───────────────────────────────────────────────────────────────────────────────


def test_without_apprise_a_clear_word_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    shop.run("sync")
    shop.office.deliver(4711)

    finished = shop.run("sync")

    assert finished.status == 0
    assert (
        "notify is configured, but apprise is not installed. Install it beside exactsend: pip install 'exactsend[notify]'"
        in (finished.err)
    )
    assert "sandbox, notify: notify is configured, but apprise is not installed" in shop.run("doctor").out


def test_without_an_address_a_clear_word_is_said(shop: Shop) -> None:
    del shop.env["EXACTSEND_NOTIFY_URL"]
    shop.run("sync")
    shop.office.deliver(4711)

    assert "notify.on is set, but no address to notify is" in shop.run("sync").err
    assert "sandbox, notify: notify.on is set, but no address" in shop.run("doctor").out


def test_an_address_that_is_none_is_not_quoted(shop: Shop) -> None:
    shop.env["EXACTSEND_NOTIFY_URL"] = "mailtos://ok:pw@example.com nonsense-s3cr3t"

    finished = shop.run("doctor")

    assert "apprise does not support address number 2 of EXACTSEND_NOTIFY_URL" in finished.out
    assert "s3cr3t" not in finished.out + finished.err


def test_an_address_alone_is_a_finding_of_doctor(shop: Shop) -> None:
    shop.configure(AUTOMATIC)

    assert "EXACTSEND_NOTIFY_URL is set, but notify.on is empty" in shop.run("doctor").out


def test_an_address_in_the_configuration_is_refused(shop: Shop) -> None:
    shop.configure(f'[notify]\nurl = "mailto://u:p@example.com"\n{AUTOMATIC}')

    finished = shop.run("status")

    assert finished.status == 3
    assert "notify.url does not belong in the configuration: put it in EXACTSEND_NOTIFY_URL" in finished.err
    assert "u:p" not in finished.err


def test_the_address_may_stand_in_a_file(shop: Shop, hook: Hook) -> None:
    path = shop.folder / "notify-url"
    path.write_text(f"{shop.env.pop('EXACTSEND_NOTIFY_URL')}\n")
    shop.env["EXACTSEND_NOTIFY_URL_FILE"] = str(path)
    with_a_failed_label(shop)

    assert len(hook.messages) == 1


# ── by mail ──────────────────────────────────────────────────────────────────────────────────────


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Letterbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def test_a_message_goes_by_mail(shop: Shop) -> None:
    letterbox = Letterbox()
    server = Controller(letterbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        shop.env["EXACTSEND_NOTIFY_URL"] = (
            f"mailto://127.0.0.1:{server.port}?from=exactsend@shop.example&to=warehouse@shop.example"
        )
        with_a_failed_label(shop)
    finally:
        server.stop()

    (mail,) = letterbox.mails
    body = mail.get_body(("plain",))
    assert mail["Subject"] == "exactsend: 1 new error, 6 labels bought"
    assert body is not None
    assert "delivery 20005" in body.get_content()
