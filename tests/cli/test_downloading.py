"""``exactsend labels download``: labels and customs papers as files, for their owner's eyes, and never over another file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.shop import Shop


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose deliveries have their labels, but for 4715."""
    with Shop(tmp_path_factory.mktemp("labelled")) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        yield shop
        assert shop.sandbox.crashes == []


def text_of(file: Path) -> list[str]:
    """What is printed on each page."""
    return [page.extract_text() for page in PdfReader(file).pages]


def test_one_label_is_one_private_file(labelled: Shop, tmp_path: Path) -> None:
    finished = labelled.run("labels", "download", "4711", "--to", str(tmp_path / "new"))

    assert finished.status == 0
    (file,) = (tmp_path / "new").iterdir()
    assert finished.out == f"{file}\n"
    assert file.name.startswith("label-20001-")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Order: 4711" in text_of(file)[0]


def test_an_order_with_several_labels_is_one_file_of_all(labelled: Shop, tmp_path: Path) -> None:
    finished = labelled.run("labels", "download", "4716", "--to", str(tmp_path))

    assert finished.out == f"{tmp_path / 'labels-20006-20007.pdf'}\n"
    first, second = text_of(tmp_path / "labels-20006-20007.pdf")
    assert "Order: 4716/20006" in first
    assert "Order: 4716/20007" in second


def test_several_numbers_are_one_file_in_their_order_each_once(labelled: Shop, tmp_path: Path) -> None:
    labelled.run("labels", "download", "4712", "20001", "4711", "--to", str(tmp_path))

    first, second = text_of(tmp_path / "labels-20002-20001.pdf")
    assert "Order: 4712" in first
    assert "Order: 4711" in second


def test_customs_papers_come_with_the_label_in_a_file_of_their_own(labelled: Shop, tmp_path: Path) -> None:
    finished = labelled.run("labels", "download", "4711", "4714", "--to", str(tmp_path))

    labels, papers = map(Path, finished.out.split())
    assert labels.name == "labels-20001-20004.pdf"
    assert papers.name.startswith("customs-20004-")
    assert "CUSTOMS-DECLARATION" in text_of(papers)[0]


def test_each_parcel_has_a_file_of_its_own_on_request(labelled: Shop, tmp_path: Path) -> None:
    labelled.run("labels", "download", "4711", "4712", "--separate", "--to", str(tmp_path))

    assert sorted(file.name[:11] for file in tmp_path.iterdir()) == ["label-20001", "label-20002"]


def test_a_file_that_is_there_stays_unless_it_may_go(labelled: Shop, tmp_path: Path) -> None:
    (file,) = labelled.run("labels", "download", "4711", "--to", str(tmp_path)).out.split()
    Path(file).write_text("mine")

    finished = labelled.run("labels", "download", "4711", "--to", str(tmp_path))
    assert finished.status == 2
    assert f"{file} already exists" in finished.err
    assert Path(file).read_text() == "mine"

    assert labelled.run("labels", "download", "4711", "--to", str(tmp_path), "--overwrite").status == 0
    assert "Order: 4711" in text_of(Path(file))[0]


def test_a_link_is_not_followed(labelled: Shop, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (file,) = labelled.run("labels", "download", "4711", "--to", str(tmp_path / "to")).out.split()
    Path(file).unlink()
    Path(file).symlink_to(tmp_path / "mine")

    assert labelled.run("labels", "download", "4711", "--to", str(tmp_path / "to")).status == 2
    assert labelled.run("labels", "download", "4711", "--to", str(tmp_path / "to"), "--overwrite").status == 0
    assert (tmp_path / "mine").read_text() == "mine"


def test_where_one_has_no_label_the_others_are_fetched_and_that_is_said(
    labelled: Shop, tmp_path: Path
) -> None:
    finished = labelled.run("labels", "download", "4711", "4715", "--to", str(tmp_path))

    assert finished.status == 1
    assert "delivery 20005 (order 4715) has no label" in finished.err
    assert len(list(tmp_path.iterdir())) == 1


def test_the_document_tells_each_file_with_its_deliveries_and_pages(labelled: Shop, tmp_path: Path) -> None:
    printed = json.loads(
        labelled.run("labels", "download", "4716", "4714", "--to", str(tmp_path), "--json").out
    )

    assert [(path["kind"], path["delivery_numbers"], path["pages"]) for path in printed["files"]] == [
        ("label", ["20006", "20007", "20004"], 3),
        ("customs-declaration", ["20004"], 1),
    ]
    assert all(Path(path["path"]).exists() for path in printed["files"])


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "name the deliveries"),
        (("99",), "no goods delivery is known under number 99"),
        (("4711", "--to", "/dev/null"), "can't be written"),
    ],
    ids=["nothing", "unknown", "no folder"],
)
def test_what_cannot_be_is_told(labelled: Shop, argv: tuple[str, ...], said: str) -> None:
    finished = labelled.run("labels", "download", *argv)

    assert finished.status == 2
    assert said in finished.err


def test_a_number_that_is_an_orders_and_another_deliverys_is_asked_about(shop: Shop, tmp_path: Path) -> None:
    account = shop.office.add_account("Sam Smit", address_line="Dorpsstraat 1")
    while shop.office.place_order(account, [("MUG", 1, 9.0)], method="PNL") < 4722:
        pass
    shop.office.deliver(4722)
    shop.office.division.change(
        "GoodsDeliveries", next(iter(shop.office.division.table("GoodsDeliveries"))), {"DeliveryNumber": 4721}
    )
    shop.office.deliver(4721)
    shop.run("sync")
    shop.run("sync")

    finished = shop.run("labels", "download", "4721", "--to", str(tmp_path))

    assert finished.status == 2
    assert "number 4721 could be: delivery 4721 of order 4722" in finished.err
    assert shop.run("labels", "download", "--order", "4721", "--to", str(tmp_path)).status == 0


def test_a_label_that_was_cancelled_meanwhile_is_not_handed_out(shop: Shop, tmp_path: Path) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")
    shop.panel.cancel_label("4711")

    finished = shop.run("labels", "download", "4711", "--to", str(tmp_path))

    assert finished.status == 1
    assert "is cancelled or gone at Sendcloud" in finished.err
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_label_that_is_still_being_made_holds_up_no_other(shop: Shop, tmp_path: Path) -> None:
    shop.run("sync")
    shop.office.deliver(4711)
    shop.office.deliver(4712)
    shop.pass_time(minutes=5)
    shop.run("sync")
    (other,) = (
        shipment for shipment in shop.sandbox.world.sendcloud.shipments() if shipment.order_number == "4712"
    )
    shop.sandbox.faults.answer_instead(
        "GET",
        f"shipments/{other.shipment_id}",
        status=200,
        text=_without_papers(other.shipment_id),
        content_type="application/json",
    )

    finished = shop.run("labels", "download", "4711", "4712", "--to", str(tmp_path / "to"))

    assert finished.status == 1
    assert "the carrier has not made the label of delivery 20002 (order 4712) yet" in finished.err
    assert [file.name[:11] for file in (tmp_path / "to").iterdir()] == ["label-20001"]


def _without_papers(shipment: str) -> str:
    parcel = {"id": 1, "status": {"code": "ANNOUNCING", "message": ""}, "documents": []}
    shipped = {"id": shipment, "order_number": "4712", "external_reference_id": None, "parcels": [parcel]}
    return json.dumps({"data": shipped})


DAMAGED = ["%PDF-1.7", "%PDF-1.7 nothing more", "%PDF-1.7\nstartxref\n0\n%%EOF", "%PDF-" + "[" * 5_000]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_label_is_told_in_words_and_saved_by_itself_and_the_others_as_one(
    labelled: Shop, tmp_path: Path, content: str
) -> None:
    (other,) = (
        shipment
        for shipment in labelled.sandbox.world.sendcloud.shipments()
        if shipment.order_number == "4712"
    )
    parcel = other.parcels[0].parcel_id
    labelled.sandbox.faults.answer_instead(
        "GET", f"parcels/{parcel}/documents/label", status=200, text=content, content_type="application/pdf"
    )

    done = labelled.run("labels", "download", "4711", "4712", "4713", "--to", str(tmp_path))

    assert done.status == 1
    assert f"the label of delivery 20002, parcel {parcel}, is damaged" in done.err
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"label-20002-{parcel}.pdf",
        "labels-20001-20003.pdf",
    ]
    assert (tmp_path / f"label-20002-{parcel}.pdf").read_text() == content
    assert len(text_of(tmp_path / "labels-20001-20003.pdf")) == 2


def test_a_damaged_label_alone_is_told_too(labelled: Shop, tmp_path: Path) -> None:
    labelled.sandbox.faults.answer_instead(
        "GET", "documents/label", status=200, text=DAMAGED[0], content_type="application/pdf"
    )

    done = labelled.run("labels", "download", "4711", "--to", str(tmp_path), "--json")

    assert done.status == 1
    assert "is damaged" in done.err
    assert json.loads(done.out)["files"][0]["pages"] == 1


def test_explain_tells_of_customs_papers(labelled: Shop) -> None:
    assert "  with customs papers, download with: exactsend labels download --delivery 20004" in (
        labelled.run("explain", "4714").out
    )
    assert "papers" not in labelled.run("explain", "4711").out
