from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.system.lock import Lock
from tests.cli.person import addresses, connects, consent_to, renew_keys
from tests.installation import SECRETS
from tests.shop import AUTOMATIC, Shop

TWO_DIVISIONS = """
[divisions.first]
code = 1234567
[divisions.second]
code = 7654321
"""
KEYS = ("sandbox-public", "sandbox-secret")
SECOND_KEYS = ("sandbox2-public", "sandbox2-secret")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        yield shop


@pytest.fixture
def bare_shop(shop: Shop) -> Shop:
    """One whose environment has no secrets."""
    for name in SECRETS:
        del shop.env[name]
    return shop


def test_the_address_to_open_stands_on_a_line_of_its_own_on_stdout(shop: Shop) -> None:
    done = connects(shop)

    assert done.status == 0
    assert done.out.splitlines()[0] == addresses(done.out)[0]
    assert addresses(done.out)[0].startswith(f"{shop.sandbox.exact_url}/api/oauth2/auth?response_type=code&")


def test_it_ends_with_the_commands_to_run_next(shop: Shop) -> None:
    said = connects(shop).out

    assert said.index("exactsend sync --dry-run") < said.index("exactsend labels create")
    assert said.rstrip().splitlines()[-1].lstrip().startswith("exactsend sync --quiet")


def test_it_writes_nothing_on_either_side(shop: Shop) -> None:
    connects(shop)

    assert shop.sandbox.writes() == []


def test_after_it_a_sync_works(shop: Shop) -> None:
    connects(shop)

    assert shop.run("sync").status == 0
    assert len(shop.panel.incoming()) == 6


def test_what_the_environment_lacks_is_read_line_by_line_and_kept(bare_shop: Shop) -> None:
    done = connects(bare_shop, answers=["sandbox-client-secret", *KEYS])

    assert done.status == 0
    assert bare_shop.run("sync").status == 0


def test_what_is_kept_is_not_asked_again(bare_shop: Shop) -> None:
    connects(bare_shop, answers=["sandbox-client-secret", *KEYS])
    bare_shop.pass_time(minutes=15)

    assert connects(bare_shop).status == 0


def test_secrets_of_the_environment_are_not_copied_into_the_store(shop: Shop) -> None:
    connects(shop)

    kept = "".join(path.read_text() for path in (shop.state / "sign-in").iterdir())
    assert not [secret for secret in SECRETS.values() if secret in kept]


def test_the_end_of_input_at_the_address_is_wrong_usage(shop: Shop) -> None:
    done = shop.run("connect")

    assert done.status == 2
    assert "the input ended before the redirected address" in done.err


def test_the_end_of_input_leaves_the_former_sign_in_as_it_was(shop: Shop) -> None:
    connects(shop)
    before = {path: path.read_bytes() for path in (shop.state / "sign-in").glob("*.json")}

    shop.run("connect")

    assert {path: path.read_bytes() for path in (shop.state / "sign-in").glob("*.json")} == before
    assert shop.run("sync").status == 0


@pytest.mark.parametrize(
    "answers", [[], ["sandbox-client-secret"], ["sandbox-client-secret", "sandbox-public"]]
)
def test_the_end_of_input_at_a_secret_is_wrong_usage(bare_shop: Shop, answers: list[str]) -> None:
    assert connects(bare_shop, answers=answers).status == 2


def test_an_empty_line_is_no_secret(bare_shop: Shop) -> None:
    done = connects(bare_shop, answers=["", *KEYS])

    assert done.status == 2
    assert "the line with the Exact client secret is empty" in done.err


def test_an_address_with_another_state_is_refused(shop: Shop) -> None:
    done = connects(shop, copy=lambda address: shop.office.consent(address).replace("state=", "state=x"))

    assert done.status == 4
    assert "its state differs" in done.err
    assert not list((shop.state / "sign-in").glob("*sandbox-client.json"))


def test_the_answer_to_an_earlier_address_is_refused(shop: Shop) -> None:
    earlier = addresses(shop.run("connect").out)[0]

    assert connects(shop, copy=lambda _address: shop.office.consent(earlier)).status == 4


def test_a_code_that_is_too_old_is_refused(shop: Shop) -> None:
    def slowly(address: str) -> str:
        copied = shop.office.consent(address)
        shop.pass_time(minutes=4)
        return copied

    done = connects(shop, copy=slowly)

    assert done.status == 4
    assert "was used or has expired" in done.err


def test_keys_that_sendcloud_refuses_need_another_sign_in(shop: Shop) -> None:
    shop.env["EXACTSEND_SENDCLOUD_SECRET_KEY"] = "wrong-secret"

    done = connects(shop)

    assert done.status == 4
    assert "exactsend: sandbox: Sendcloud refuses these keys" in done.err
    assert "wrong-secret" not in done.out + done.err


def test_keys_of_the_store_that_are_refused_are_asked_for_anew(bare_shop: Shop) -> None:
    connects(bare_shop, answers=["sandbox-client-secret", *KEYS])
    renew_keys(bare_shop, "renewed-public", "renewed-secret")
    bare_shop.pass_time(minutes=15)

    done = connects(bare_shop, answers=["renewed-public", "renewed-secret"])

    assert done.status == 0
    assert bare_shop.run("sync").status == 0


def test_a_client_secret_of_the_store_that_is_refused_is_asked_for_anew(bare_shop: Shop) -> None:
    connects(bare_shop, answers=["sandbox-client-secret", *KEYS])
    bare_shop.sandbox.world.exact.apps["sandbox-client"].client_secret = "renewed-client-secret"
    bare_shop.pass_time(minutes=15)

    assert connects(bare_shop).status == 4
    assert connects(bare_shop, answers=["renewed-client-secret"]).status == 0


def test_a_division_that_the_person_did_not_allow_is_named(shop: Shop) -> None:
    done = connects(shop, copy=consent_to(shop.office, 7654321))

    assert done.status == 4
    assert "does not reach Exact division 1234567; it reaches: 7654321 (Second Shop B.V.)" in done.err


def test_a_client_secret_of_the_environment_is_never_asked_for(shop: Shop) -> None:
    shop.env["EXACTSEND_EXACT_CLIENT_SECRET"] = "wrong-client-secret"

    done = connects(shop, answers=["sandbox-client-secret"])

    assert done.status == 4
    assert "give the new one" not in done.err


def test_keys_that_are_damaged_in_the_store_are_asked_for(bare_shop: Shop) -> None:
    connects(bare_shop, answers=["sandbox-client-secret", *KEYS])
    (bare_shop.state / "sign-in" / "1234567.sendcloud").write_text("{")
    bare_shop.pass_time(minutes=15)

    assert connects(bare_shop, answers=KEYS).status == 0
    assert bare_shop.run("sync").status == 0


def test_a_division_that_exact_blocks_is_for_later(shop: Shop) -> None:
    shop.configure("[divisions.second]\ncode = 7654321\n")
    shop.office.in_division(7654321).block_division()

    done = connects(shop)

    assert done.status == 7
    assert "is blocked at the moment" in done.err


def test_a_service_that_is_not_there_is_for_later(shop: Shop) -> None:
    shop.sandbox.faults.answer_instead("GET", "/user/auth/metadata", status=503, times=None)

    assert connects(shop).status == 7


def test_a_division_that_a_run_holds_is_left_alone(shop: Shop) -> None:
    with Lock(shop.state / "1234567" / "lock").acquire(
        run_id="other", clock=shop.clock, sleep=shop.pass_time
    ):
        assert connects(shop).status == 75


# ── several divisions ────────────────────────────────────────────────────────────────────────────


def test_divisions_share_one_sign_in_and_have_keys_of_their_own(bare_shop: Shop) -> None:
    bare_shop.configure(TWO_DIVISIONS)

    done = connects(bare_shop, answers=["sandbox-client-secret", *KEYS, *SECOND_KEYS])

    assert done.status == 0
    assert len(addresses(done.out)) == 1
    assert "integration 7001" in done.out
    assert "integration 7002" in done.out


def test_wrong_keys_of_one_division_do_not_keep_the_others_from_being_connected(bare_shop: Shop) -> None:
    bare_shop.configure(TWO_DIVISIONS)

    done = connects(bare_shop, answers=["sandbox-client-secret", "wrong", "wrong", *SECOND_KEYS])

    assert done.status == 4
    assert "first: Sendcloud refuses these keys" in done.err
    assert "second: connected" in done.out


def test_two_divisions_can_not_share_an_integration(bare_shop: Shop) -> None:
    bare_shop.configure(TWO_DIVISIONS)

    done = connects(bare_shop, answers=["sandbox-client-secret", *KEYS, *KEYS])

    assert done.status == 3
    assert "share the Sendcloud integration 7001" in done.err


def test_a_division_with_wrong_tables_does_not_keep_the_others_from_being_connected(shop: Shop) -> None:
    shop.configure(AUTOMATIC + '[divisions.wrong]\ncode = "x"\n')
    shop.env["EXACTSEND_SANDBOX_SENDCLOUD_PUBLIC_KEY"], shop.env["EXACTSEND_SANDBOX_SENDCLOUD_SECRET_KEY"] = (
        KEYS
    )

    done = connects(shop)

    assert done.status == 3
    assert "divisions.wrong.code" in done.err
    assert "sandbox: connected" in done.out


def test_one_division_can_be_connected_alone(bare_shop: Shop) -> None:
    bare_shop.configure(TWO_DIVISIONS)

    done = connects(bare_shop, "--division", "second", answers=["sandbox-client-secret", *SECOND_KEYS])

    assert done.status == 0
    assert not (bare_shop.state / "1234567").exists()


def test_an_app_of_its_own_is_a_sign_in_of_its_own(bare_shop: Shop) -> None:
    bare_shop.sandbox.world.exact.add_app(
        "second-client", "second-client-secret", "https://localhost/exactsend"
    )
    bare_shop.configure(TWO_DIVISIONS + '[divisions.second.exact]\nclient_id = "second-client"\n')

    done = connects(bare_shop, answers=["sandbox-client-secret", "second-client-secret", *KEYS, *SECOND_KEYS])

    assert done.status == 0
    assert len(addresses(done.out)) == 2


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def test_the_store_is_recorded(shop: Shop) -> None:
    connects(shop)

    assert (shop.state / "sign-in" / "store.json").read_text() == '{"store": "file"}\n'


def test_a_store_that_contradicts_the_configuration_is_wrong_usage(shop: Shop) -> None:
    shop.config_path.write_text(shop.config_path.read_text() + '[credentials]\nstore = "file"\n')

    done = connects(shop, "--store", "keyring")

    assert done.status == 2
    assert addresses(done.out) == []
