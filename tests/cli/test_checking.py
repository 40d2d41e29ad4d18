"""``exactsend doctor`` and ``exactsend divisions``: what is found, with its cure, and that nothing is written."""

from pathlib import Path

from tests.shop import AUTOMATIC, SECRETS, Shop


def test_a_sound_installation_has_no_findings(shop: Shop) -> None:
    finished = shop.run("doctor")

    assert finished.status == 0
    assert finished.out == "all is well: configuration, state, sign-in, Exact, Sendcloud, mappings\n"
    assert shop.sandbox.writes() == []


def test_mappings_that_exist_on_neither_side_are_found(shop: Shop) -> None:
    shop.configure(AUTOMATIC.replace('"2" = 18', '"9" = 17\n"2" = 99').replace('"DPD" =', '"DPDX" ='))

    finished = shop.run("doctor")

    assert finished.status == 1
    assert finished.out == (
        "sandbox, warehouses: warehouses has '9', and Exact has no such warehouse\n"
        "  → Exact's codes: 1, 2. Correct [divisions.sandbox.warehouses].\n"
        "sandbox, sender addresses: warehouse '2' is mapped to sender address 99, which Sendcloud does not have\n"
        "  → Sendcloud's ids: 17, 18. Correct [divisions.sandbox.warehouses].\n"
        "sandbox, shipping methods: shipping_methods has 'DPDX', and Exact has no such shipping method\n"
        "  → Exact's codes: AFH, DHLX, DPD, PNL, PNLSP. Correct [divisions.sandbox.labels.shipping_methods].\n"
    )


def test_a_missing_sign_in_is_a_finding_and_stops_no_other_check(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        finished = shop.run("doctor")

    assert finished.status == 1
    assert "sandbox, sign-in: this installation is not signed in to Exact" in finished.out


def test_a_folder_that_others_can_read_is_a_finding(shop: Shop) -> None:
    shop.run("sync")
    (shop.state / "1234567" / "ledger.json").chmod(0o644)

    assert "sandbox, state: " in shop.run("doctor").out


def test_services_out_of_reach_are_findings(shop: Shop) -> None:
    shop.sandbox.stop()

    finished = shop.run("doctor")

    assert finished.status == 1
    assert "sandbox, Exact: " in finished.out
    assert "sandbox, Sendcloud: " in finished.out


def test_missing_keys_are_a_finding(shop: Shop) -> None:
    shop.env.pop("EXACTSEND_SENDCLOUD_SECRET_KEY")

    assert "sandbox, credentials: no Sendcloud secret key" in shop.run("doctor").out


def test_the_divisions_of_the_sign_in_are_listed(shop: Shop) -> None:
    finished = shop.run("divisions")

    assert finished.status == 0
    rows = [line.split() for line in finished.out.splitlines()]
    assert [(row[0], row[-1]) for row in rows[1:]] == [("1234567", "sandbox"), ("7654321", "-")]


def test_divisions_need_the_client_secret(shop: Shop) -> None:
    shop.env.pop(next(iter(SECRETS)))

    assert shop.run("divisions").status == 4
