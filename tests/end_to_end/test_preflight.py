"""Checks before a purchase: asked seldom, never in the way of a purchase that would be right, never instead of the look (S2)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.engine.gather.preflight import RESERVED_WRITES
from exactsend.engine.plan.actions import OutcomeKind
from exactsend.errors import ExitStatus
from exactsend.http.messages import Call
from tests.end_to_end.shop import AUTOMATIC, Shop, open_shop, outcomes

SOON = timedelta(minutes=5)
OPTIONS, ADDRESSES = "/shipping-options", "/addresses/validate"


def asked(shop: Shop) -> Counter[str]:
    """How often each check was asked in the last run."""
    paths = [call.path.removeprefix("/api/v3") for call in shop.sandbox.calls_since(shop.mark)]
    return Counter(path for path in paths if path in (OPTIONS, ADDRESSES))


def change_options(shop: Shop, **changes: object) -> None:
    """Have every option of the account differ from what it was."""
    options = shop.sandbox.world.sendcloud.accounts[0].options
    options[:] = [replace(option, **changes) for option in options]  # type: ignore[arg-type]  # any of its fields


def test_what_an_option_demands_is_asked_once_a_day_and_an_address_once(shop: Shop) -> None:
    for line in ("Kanaalstraat 12", "Kanaalstraat 14", "Kanaalstraat 14"):
        shop.office.deliver(shop.place(line))
    shop.run(after=SOON)
    assert asked(shop) == {OPTIONS: 1, ADDRESSES: 2}
    shop.office.deliver(shop.place("Kanaalstraat 16"))
    shop.run(after=SOON)
    assert asked(shop) == {ADDRESSES: 1}
    shop.office.deliver(shop.place("Kanaalstraat 16"))
    shop.run(after=timedelta(days=1))
    assert asked(shop) == {OPTIONS: 1}
    assert shop.paid() == 5


def test_an_address_is_asked_about_anew_in_another_month(shop: Shop) -> None:
    for _ in range(2):
        shop.office.deliver(shop.place())
        shop.run(after=timedelta(days=20))
        assert asked(shop)[ADDRESSES] == 1


def test_what_speaks_against_an_address_holds_for_the_day(tmp_path: Path) -> None:
    with open_shop(tmp_path, more="[divisions.sandbox.checks]\naddress_exists = true") as shop:
        shop.behaviour.unknown_postal_codes = frozenset({"3531 GV"})
        for _ in range(2):
            delivery = shop.office.deliver(shop.place())
            shop.run(after=SOON)
            assert shop.problem(delivery) == "address_refused"
        assert asked(shop) == {}
        shop.behaviour.unknown_postal_codes = frozenset()
        shop.run(after=timedelta(days=1))
        assert (shop.paid(), asked(shop)[ADDRESSES]) == (2, 1)


def write_beside(shop: Shop, calls: int) -> None:
    """Have another division of the account write so often at this moment."""
    (allowance,) = shop.wiring._accounts.values()
    for _ in range(calls):
        allowance.before(Call("POST", "/shipments/announce"), shop.clock())


@pytest.mark.parametrize(("beside", "questions"), [(91, {ADDRESSES: 3}), (92, {ADDRESSES: 2}), (94, {})])
def test_what_can_be_left_out_is_asked_only_where_the_minute_suffices_for_all_that_is_to_be_written(
    shop: Shop, beside: int, questions: dict[str, int]
) -> None:
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    for number in range(3):
        shop.office.deliver(shop.place(f"Gracht {number}"))
    shop.clock.advance(SOON)
    write_beside(shop, beside - RESERVED_WRITES)
    assert shop.run().exit_status is ExitStatus.DONE
    assert (shop.paid(), asked(shop)) == (4, questions)


def test_what_an_option_demanded_of_late_counts_where_it_can_not_be_asked_anew(shop: Shop) -> None:
    change_options(shop, required_fields=("to_email",))
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    order = shop.place()
    shop.office.correct_account(shop.office.order(order).text("DeliverTo"), Email=None)
    delivery = shop.office.deliver(order)
    shop.clock.advance(timedelta(days=2))
    write_beside(shop, 99)
    shop.run()
    assert (shop.problem(delivery), asked(shop)) == ("email_missing", {})
    assert len(shop.purchases) == 1  # it was not tried


def test_another_country_is_another_question(shop: Shop) -> None:
    belgian = shop.place()
    shop.office.correct_address(shop.address_of(belgian), Country="BE", Postcode="2000", City="Antwerpen")
    for order in (shop.place(), belgian):
        shop.office.deliver(order)
    shop.run(after=SOON)
    assert asked(shop)[OPTIONS] == 2


def test_nothing_is_asked_where_nothing_is_bought(shop: Shop, manual_shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    manual_shop.office.deliver(manual_shop.place())
    manual_shop.run(after=SOON)
    assert (asked(shop), asked(manual_shop)) == ({}, {})


def test_no_more_is_asked_about_than_a_run_may_buy(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_run": "2"}) as shop:
        shop.run()
        for number in range(5):
            shop.office.deliver(shop.place(f"Kanaalstraat {number}"))
        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert asked(shop)[ADDRESSES] == 2


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_check_that_is_not_answered_holds_up_nothing_and_is_not_asked_twice(
    shop: Shop, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for path in (OPTIONS, ADDRESSES):
        shop.sandbox.faults.answer_instead("POST", path, status=status, times=None)
    for _ in range(3):
        shop.office.deliver(shop.place())
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert (shop.paid(), asked(shop)) == (3, {OPTIONS: 1, ADDRESSES: 1})
    assert "check_not_answered" in caplog.text
    assert "about=shipping-options postnl:standard" in caplog.text


@pytest.mark.parametrize(("status", "again"), [(404, 0), (400, 1), (503, 1)])
def test_what_sendcloud_does_not_know_is_not_asked_again_that_day(
    shop: Shop, status: int, again: int
) -> None:
    for path in (OPTIONS, ADDRESSES):
        shop.sandbox.faults.answer_instead("POST", path, status=status, times=None)
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert asked(shop) == ({OPTIONS: again, ADDRESSES: again} if again else {})
    shop.office.deliver(shop.place())
    shop.run(after=timedelta(days=1))
    assert asked(shop) == {OPTIONS: 1, ADDRESSES: 1}


@pytest.mark.parametrize("text", ["", "<html>busy</html>", "[]", '{"data": null}', '{"data": [{"code": 5}]}'])
def test_an_odd_answer_holds_up_nothing(shop: Shop, text: str) -> None:
    for path in (OPTIONS, ADDRESSES):
        shop.sandbox.faults.answer_instead("POST", path, status=200, text=text, times=None)
    shop.office.deliver(shop.place())
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1


def test_the_checks_come_before_the_look_and_not_between_look_and_purchase(shop: Shop) -> None:
    for _ in range(2):
        shop.office.deliver(shop.place())
    shop.run(after=SOON)
    paths = [call.path.removeprefix("/api/v3") for call in shop.sandbox.calls_since(shop.mark)]
    purchases = [place for place, path in enumerate(paths) if "/announce" in path]
    assert max(place for place, path in enumerate(paths) if path in (OPTIONS, ADDRESSES)) < purchases[0]
    assert all(paths[place - 1] == "/shipments" for place in purchases)


def test_what_is_held_is_looked_at_again_the_next_day(shop: Shop) -> None:
    change_options(shop, required_fields=("to_email",))
    order = shop.place()
    shop.office.correct_account(shop.office.order(order).text("DeliverTo"), Email=None)
    delivery = shop.office.deliver(order)
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert (shop.problem(delivery), shop.incoming()) == ("email_missing", [str(order)])
    change_options(shop, required_fields=())
    shop.run(after=timedelta(hours=1))
    assert shop.paid() == 0
    assert shop.run(after=timedelta(days=1)).exit_status is ExitStatus.DONE
    assert (shop.paid(), shop.incoming()) == (1, [])


def test_a_person_who_asks_gets_a_label_without_the_checks(shop: Shop) -> None:
    change_options(shop, min_weight_grams=900)
    delivery = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert shop.problem(delivery) == "weight_out_of_range"
    change_options(shop, min_weight_grams=1)
    shop.mark = len(shop.sandbox.calls)
    shop.ask(delivery)
    assert (shop.paid(), asked(shop)) == (1, {})


def test_a_dry_run_asks_and_shows_what_would_be_held(shop: Shop) -> None:
    change_options(shop, required_fields=("to_telephone",))
    order = shop.place()
    shop.office.correct_account(shop.office.order(order).text("DeliverTo"), Phone=None)
    shop.office.deliver(order)
    run = shop.run(after=SOON, dry_run=True)
    assert [outcome.reason for outcome in outcomes(run) if outcome.outcome is OutcomeKind.HELD] == [
        "phone_missing"
    ]
    assert shop.written == []


def test_nothing_personal_is_kept_of_the_checks(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    kept = shop.records.cached("preflight")
    assert kept is not None
    assert set(kept) == {"day", "terms", "asked"}
    taken = shop.records.cached("addresses_taken")
    assert taken is not None
    assert {len(name) for name in taken} == {len("month"), 16}
    assert "Kanaalstraat" not in str((kept, taken))
