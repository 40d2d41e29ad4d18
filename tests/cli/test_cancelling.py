"""A label that a person cancels, however the answer goes."""

from datetime import timedelta

import pytest

from exactsend.sandbox import starting_worlds
from tests.shop import Shop


@pytest.fixture
def labelled(shop: Shop) -> Shop:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("sync")
    return shop


def test_a_cancellation_whose_answer_was_lost_is_found_by_the_next_run(labelled: Shop) -> None:
    (label,) = labelled.panel.labels()
    labelled.sandbox.faults.lose_answer("POST", "/cancel")

    lost = labelled.run("labels", "cancel", str(starting_worlds.DOMESTIC), "--yes")

    assert lost.status == 7
    labelled.pass_time(minutes=5)
    assert labelled.run("sync").status == 1
    assert "was cancelled at Sendcloud" in labelled.run("errors").out
    assert labelled.run("labels", "cancel", str(starting_worlds.DOMESTIC), "--yes").status == 1
    assert [shipment.shipment_id for shipment in labelled.panel.labels()] == []
    assert (
        len([call for call in labelled.sandbox.calls if call.path.endswith(f"/{label.shipment_id}/cancel")])
        == 1
    )


def test_a_cancellation_that_never_arrived_cancels_nothing(labelled: Shop) -> None:
    labelled.sandbox.faults.lose_call("POST", "/cancel")

    assert labelled.run("labels", "cancel", str(starting_worlds.DOMESTIC), "--yes").status == 7

    assert len(labelled.panel.labels()) == 1
    assert labelled.run("sync").status == 0
    assert labelled.run("labels", "cancel", str(starting_worlds.DOMESTIC), "--yes").status == 0
    assert labelled.panel.labels() == []


def test_a_cancellation_that_fails_later_is_told_until_a_person_closes_it(labelled: Shop) -> None:
    behaviour = labelled.sandbox.world.sendcloud.behaviour
    behaviour.cancellation_takes, behaviour.queued_cancellation_fails = timedelta(hours=1), True
    labelled.run("labels", "cancel", str(starting_worlds.DOMESTIC), "--yes")
    labelled.pass_time(minutes=30)
    assert labelled.run("sync").status == 0
    labelled.pass_time(minutes=31)

    assert labelled.run("sync").status == 1

    told = labelled.run("errors").out
    assert "Sendcloud says that cancelling the label of delivery 20001 failed; it counts as live" in told
    assert labelled.run("labels", "accept", str(starting_worlds.DOMESTIC), "--yes").status == 0
    labelled.pass_time(minutes=5)
    assert labelled.run("sync").status == 0
    assert len(labelled.panel.labels()) == 1
