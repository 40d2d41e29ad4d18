"""What only shows over real sockets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.server import Sandbox
from tests.sandbox.sendcloud.shop import KEYS, START, announcement, order


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(starting_worlds.small_shop(SettableClock(START))) as served:
        yield served
        assert served.crashes == []


def test_one_reference_sent_at_the_same_time_is_bought_once(sandbox: Sandbox) -> None:
    def announce(_: int) -> int:
        body = announcement(external_reference_id="R1")
        with requests.post(
            f"{sandbox.sendcloud_url}/shipments/announce", json=body, auth=KEYS, timeout=10
        ) as answer:
            return answer.status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(announce, range(8)))

    assert sorted(statuses) == [201] + [409] * 7
    assert len(sandbox.world.sendcloud.paid(order_number="4711")) == 1


def test_links_lead_back_to_the_server_that_gave_them(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        session.auth = KEYS
        session.post(f"{sandbox.sendcloud_url}/orders", json=[order(str(n)) for n in range(3)])

        first = session.get(f"{sandbox.sendcloud_url}/orders", params={"page_size": 2})
        second = session.get(first.links["next"]["url"])

    assert [row["order_id"] for row in second.json()["data"]] == ["0"]
    assert "next" not in second.links
