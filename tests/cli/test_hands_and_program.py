"""A person plays the staff over HTTP, and the program sees what they did."""

from http.client import HTTPConnection
from pathlib import Path

from tests.shop import Shop


def do(shop: Shop, action: str) -> str:
    connection = HTTPConnection(shop.sandbox.url.removeprefix("http://"))
    connection.request("POST", f"/_sandbox/{action}")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_a_label_made_and_cancelled_over_http_is_one_of_the_panel(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")

        assert do(shop, "label?number=4712&option=dpd:home").startswith("A label was made")
        (label,) = shop.panel.labels("4712")
        assert do(shop, "cancel-label?number=4712") == f"Label {label.tracking_number} is cancelled.\n"

    assert label.made_by == "panel"


def test_a_label_that_can_not_be_announced_is_told(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")

        assert do(shop, "label?number=4715").startswith("Sendcloud could not announce it")
