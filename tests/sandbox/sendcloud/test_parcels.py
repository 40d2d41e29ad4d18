"""Labels, other documents, tracking."""

import pytest

from tests.sandbox.sendcloud.shop import OTHER_KEYS, Shop, answered, assert_as_documented, customs, pdf_text


def parcel_of(shop: Shop, option: str = "postnl:standard", **changes: object) -> int:
    """The id of a freshly announced shipment's parcel."""
    parcel_id: int = shop.announced(option, **changes)["parcels"][0]["id"]
    return parcel_id


def test_a_label_is_a_pdf_of_one_page_that_can_be_read(shop: Shop) -> None:
    told = shop.announced(order_number="4711 (é)")
    (parcel,) = told["parcels"]

    response = shop.call("GET", f"/parcels/{parcel['id']}/documents/label", Accept="application/pdf")

    assert response.content_type == "application/pdf"
    (page,) = pdf_text(response)
    assert "PostNL Standard" in page
    assert "4711 (é)" in page
    assert parcel["tracking_number"] in page


def test_the_link_of_a_document_leads_to_it(shop: Shop) -> None:
    link = shop.announced()["parcels"][0]["documents"][0]["link"]

    assert shop.get(link.split("/api/v3")[1]).status_code == 200


def test_other_formats_and_sizes_can_be_asked_for(shop: Shop) -> None:
    path = f"/parcels/{parcel_of(shop)}/documents/label"

    assert shop.call("GET", path, Accept="application/zpl").data.startswith(b"^XA")
    assert shop.call("GET", f"{path}?dpi=300", Accept="image/png").data.startswith(b"\x89PNG")
    assert b"/MediaBox [0 0 595 842]" in shop.get(f"{path}?paper_size=A4").data


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("documents/poster", 400),
        ("documents/label?paper_size=A3", 400),
        ("documents/label?dpi=300", 400),
        ("documents/customs-declaration", 404),
    ],
)
def test_what_cannot_be_had_is_refused(shop: Shop, path: str, status: int) -> None:
    assert shop.get(f"/parcels/{parcel_of(shop)}/{path}").status_code == status


def test_a_label_made_as_zpl_stays_zpl(shop: Shop) -> None:
    parcel_id = parcel_of(shop, label_details={"mime_type": "application/zpl", "dpi": 203})

    response = shop.call("GET", f"/parcels/{parcel_id}/documents/label", Accept="application/pdf")

    assert response.content_type == "application/zpl"


def test_several_labels_come_in_one_file(shop: Shop) -> None:
    first, second = parcel_of(shop, order_number="1"), parcel_of(shop, order_number="2")

    response = shop.get(f"/parcel-documents/label?parcels={first},{second}")

    assert ["Order: 1" in page for page in pdf_text(response)] == [True, False]
    assert shop.get(f"/parcel-documents/label?parcels={','.join(['1'] * 21)}").status_code == 400
    assert shop.get("/parcel-documents/label").status_code == 400


def test_the_label_of_a_cancelled_shipment_can_still_be_had(shop: Shop) -> None:
    told = shop.announced()
    shop.post(f"/shipments/{told['id']}/cancel")

    assert shop.get(f"/parcels/{told['parcels'][0]['id']}/documents/label").status_code == 200


def test_another_account_gets_no_label(shop: Shop) -> None:
    response = shop.call("GET", f"/parcels/{parcel_of(shop)}/documents/label", keys=OTHER_KEYS)

    assert response.status_code == 404


def test_an_export_has_a_customs_declaration(shop: Shop) -> None:
    parcel_id = parcel_of(shop, "dhl_express:worldwide", **customs())

    (page,) = pdf_text(shop.get(f"/parcels/{parcel_id}/documents/customs-declaration"))

    assert "CUSTOMS-DECLARATION" in page


def test_tracking_is_a_bare_object(shop: Shop) -> None:
    number = shop.announced()["parcels"][0]["tracking_number"]

    response = shop.get(f"/parcels/tracking/{number}")

    assert answered(response)["tracking_numbers"][0]["tracking_number"] == number
    assert shop.get("/parcels/tracking/none").json == {"detail": "Parcel does not exist"}
    assert_as_documented("GET /parcels/tracking/{tracking_number}", response)
