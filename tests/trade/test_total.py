"""Any input that the models accept maps to a body valid by the vendor's structure, or is held; nothing else ever happens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from exactsend.domain.ids import DeliveryId, IncomingRef, Reference
from exactsend.domain.policy import Policy
from exactsend.domain.preflight import OptionTerms, Preflight
from exactsend.domain.problems import Held
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.actions import BuyLabel, Subject
from exactsend.engine.plan.preflight import OBJECTIONS, check_purchase
from exactsend.exact.models import (
    Account,
    Address,
    Contact,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    SalesOrder,
    SalesOrderLine,
)
from exactsend.sandbox.sendcloud.structure import problems
from exactsend.trade.consignment import Consignment, Directory, Goods
from exactsend.trade.fingerprint import content_fingerprint, request_fingerprint
from exactsend.trade.goods import covers_in_full, delivery_goods, order_goods
from exactsend.trade.incoming_order import incoming_order_request
from exactsend.trade.sender import Area
from exactsend.trade.shipment_request import LabelRequest, shipment_request
from tests.builders import NOW, a_snapshot
from tests.trade.builders import KEY


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual nine times of ten: were every field odd at once, hardly anything would ever be sent."""
    # Not the number at an end, which is drawn far more often than the others.
    return st.integers(0, 9).flatmap(lambda number: odd if number == 7 else usual)


IDS = st.sampled_from(["a", "b", "c"])
MAYBE_ID = mostly(st.sampled_from(["a", "b"]), st.sampled_from([None, "c"]))
TEXT = st.text(max_size=20) | st.sampled_from(
    ["Kerkstraat 12", "06 12345678", "a@b.example", "x" * 300, " \t", "\x00", "620520"]
)
FILLED = mostly(
    st.sampled_from(["Kerkstraat 12", "Q 7, 24", "1017 GC", "Zürich", "9"]),
    st.sampled_from(["x" * 300, "e\u0301\ud83c\u200b", "a\tb", "\x00", ""]),
)
COUNTRY = mostly(
    st.sampled_from(["NL", "nl ", "UK", "CH", "CH", "US", "ES", "GB", "FR", "IT", "BE", "DE", "AT"]),
    st.just("Nederland"),
)
AMOUNT = mostly(
    st.decimals("0.001", 500, places=3),
    st.none()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["1E+300", "1E-300", "-1E+300", "0"]),
)
QUANTITY = mostly(
    st.integers(1, 9),
    st.decimals(-(10**11), 10**11) | st.integers(-2, 0) | st.sampled_from(["0.3333333333", "1E-300"]),
)
MOMENT = st.none() | st.datetimes(min_value=datetime(1, 1, 1))  # noqa: DTZ001 - Exact's dates have no zone


def whole(model: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:  # noqa: ANN401 - any of the models
    return st.fixed_dictionaries(fields).map(model.model_validate)


def records(model: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:  # noqa: ANN401 - likewise
    return st.fixed_dictionaries(
        {candidate: whole(model, id=st.just(candidate), **fields) for candidate in ("a", "b")}
    )


ADDRESS = {f"address_line{number}": TEXT for number in (2, 3)} | {
    "address_line1": FILLED,
    "postcode": FILLED,
    "city": FILLED,
    "state": TEXT,
    "country": COUNTRY,
    "phone": TEXT,
}
DIRECTORIES = st.builds(
    Directory,
    accounts=records(Account, name=FILLED, email=TEXT, vat_number=TEXT, eori_number=TEXT, **ADDRESS),
    contacts=records(
        Contact,
        account=MAYBE_ID,
        full_name=TEXT,
        email=TEXT,
        mobile=TEXT,
        address_street=FILLED,
        postcode=FILLED,
        city=FILLED,
        country=COUNTRY,
    ),
    addresses=records(
        Address,
        account=MAYBE_ID,
        type=mostly(st.just(4), st.sampled_from([1, 2])),
        main=st.booleans(),
        **ADDRESS,
    ),
    items=records(
        Item,
        code=TEXT,
        gross_weight=AMOUNT,
        unit=TEXT,
        is_stock_item=st.sampled_from([None, 0, 1]),
        statistical_code=mostly(st.sampled_from(["", "6205.20", "620520"]), st.just("shirt")),
    ),
    shipping_method_codes=st.just({"a": "PNL", "b": "AFH", "c": "DIR"}),
    division_currency=st.sampled_from(["EUR", "SEK", "", "€"]),
)
ORDER_LINE = whole(
    SalesOrderLine,
    id=IDS,
    order_id=IDS,
    item=MAYBE_ID,
    description=TEXT,
    quantity=QUANTITY,
    quantity_delivered=st.none() | QUANTITY,
    unit_code=TEXT,
    amount_dc=AMOUNT,
    amount_fc=AMOUNT,
    use_drop_shipment=st.sampled_from([None, 0, 1]),
)
ORDER = whole(
    SalesOrder,
    division=st.just(1234567),
    order_id=IDS,
    order_number=st.integers(0, 10**9),
    status=st.just(12),
    approval_status=st.just(2),
    order_date=MOMENT,
    created=MOMENT,
    ordered_by=MAYBE_ID,
    ordered_by_contact_person=MAYBE_ID,
    deliver_to=MAYBE_ID,
    deliver_to_contact_person=MAYBE_ID,
    delivery_address=MAYBE_ID,
    shipping_method=MAYBE_ID,
    warehouse_code=st.sampled_from(["", "1"]),
    your_ref=st.sampled_from(["", "1", "620520"]) | TEXT,
    currency=st.sampled_from(["EUR", "EUR", "USD", "CHF", "x"]),
    sales_order_lines=st.none() | st.lists(ORDER_LINE, max_size=3),
)
DELIVERY = whole(
    GoodsDelivery,
    division=st.just(1234567),
    tracking_number=st.none() | TEXT,
    remarks=st.none() | TEXT,
    document=st.none(),
    entry_id=IDS,
    delivery_number=st.integers(0, 10**9),
    delivery_account=MAYBE_ID,
    delivery_contact=MAYBE_ID,
    delivery_address=MAYBE_ID,
    shipping_method=MAYBE_ID,
    goods_delivery_lines=st.lists(
        whole(
            GoodsDeliveryLine,
            id=IDS,
            entry_id=IDS,
            item=MAYBE_ID,
            description=TEXT,
            quantity_delivered=QUANTITY,
            sales_order_line_id=MAYBE_ID,
        ),
        max_size=3,
    ),
)
GOODS = st.builds(
    Goods,
    line_id=st.just("line"),
    quantity=mostly(QUANTITY, st.just("1E+300")).map(Decimal),
    description=TEXT,
    unit_code=TEXT,
    item=st.none()
    | whole(Item, id=IDS, gross_weight=AMOUNT, statistical_code=st.sampled_from(["", "6205.20"])),
    order_line=st.none() | ORDER_LINE,
)
POLICY = whole(
    Policy,
    labels=st.fixed_dictionaries(
        {
            "shipping_option": st.sampled_from([None, *["postnl:standard"] * 3]),
            "unmapped_method": mostly(st.just("default"), st.just("hold")),
            "shipping_methods": st.sampled_from(
                [{}, {"PNL": "dpd:home", "AFH": "sendcloud:letter", "DIR": "none"}]
            ),
        }
    ),
    warehouses=st.sampled_from([{}, {"1": 17}]),
    service_points=st.fixed_dictionaries(
        {"enabled": st.booleans(), "pattern": st.sampled_from([None, "(1)?", "6.*"])}
    ),
    customs=st.sampled_from(
        [
            {},
            {"shipment_type": "documents", "country_of_origin": "NL"},
            {"hs_code": "620520", "country_of_origin": "NL", "export_type": "private"},
            *[{"hs_code": "620520", "country_of_origin": "DE"}] * 3,
        ]
    ),
    customer=st.sampled_from(
        [
            {},
            {"fill_gaps": False},
            {
                "mode": "manual",
                "address": ["contact", "account"],
                "email": "shop@x.example",
                "phone": ["delivery_address"],
            },
        ]
    ),
    weight=st.sampled_from(
        [{}, {"default_item": Decimal("0.0001")}, {"unit": "oz", "default_parcel": Decimal("1E+30")}]
    ),
)


@st.composite
def consignments(draw: st.DrawFn) -> Consignment:
    directory, orders = draw(DIRECTORIES), draw(st.lists(ORDER, min_size=1, max_size=2))
    delivery = draw(st.none() | DELIVERY)
    goods: tuple[Goods, ...] = (
        delivery_goods(delivery, orders, directory) if delivery else order_goods(orders[0], directory)
    )
    if not goods:
        goods = tuple(draw(st.lists(GOODS, min_size=1, max_size=3)))
    if delivery:
        covers_in_full(delivery, orders[0], directory)
    return Consignment(
        draw(st.sampled_from(["4711", "4711/20001", ""])), tuple(orders), goods, directory, delivery
    )


DELIVERY_ID = DeliveryId("d")
COUNTRIES = ["NL", "CH", "GB", "US", "ES", "FR", "IT", "BE", "DE", "AT"]
TERMS = st.builds(
    OptionTerms,
    contract_id=st.sampled_from([None, 517]),
    fields=st.sampled_from(
        [(), ("to_email",), ("to_email",), ("to_telephone", "to_fax"), ("length", "width", "height")]
    ),
    needs_service_point=st.sampled_from([False, False, True]),
    min_grams=st.sampled_from([None, Decimal(0), Decimal(500)]),
    max_grams=st.sampled_from([None, Decimal(500)]),
)
PREFLIGHTS = st.builds(
    Preflight,
    terms=mostly(TERMS.map(lambda terms: [terms]), st.lists(TERMS, max_size=2)).map(
        lambda terms: {
            f"{option} {sender} {country}": tuple(terms)
            for option in ("postnl:standard", "dpd:home", "sendcloud:letter")
            for sender in ("-", "NL")
            for country in COUNTRIES
        }
    ),
    # Every other one: it is asked last, and most are held for something else before.
    addresses=st.just({})
    | st.lists(st.sampled_from([*OBJECTIONS, "NEW_ONE"]), min_size=1, max_size=2).map(
        lambda found: {DELIVERY_ID: tuple(found)}
    ),
)


def checked(consignment: Consignment, policy: Policy, request: LabelRequest, preflight: Preflight) -> None:
    """Let the request pass the checks before a purchase, or not."""
    purchase = BuyLabel(
        subject=Subject(delivery_number=20001),
        delivery_id=DELIVERY_ID,
        record=DeliveryRecord(delivery_id=DELIVERY_ID, number=20001, seen_at=NOW),
        consignment=consignment,
        request=request,
        fingerprint="",
        content="",
    )
    snapshot = a_snapshot(policy=policy)
    check_purchase(replace(snapshot, preflight=preflight), purchase)


THOROUGHLY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SENDERS = st.sampled_from([Area("NL"), Area("GB", "BT1"), Area("NL", tax_numbers=()), Area("")])


@THOROUGHLY
@given(consignments(), POLICY, SENDERS)
def test_an_incoming_order_is_valid_or_held(consignment: Consignment, policy: Policy, sender: Area) -> None:
    content_fingerprint(KEY, consignment)
    try:
        body = incoming_order_request(consignment, policy, ref=IncomingRef("r"), integration=1, sender=sender)
    except Held:
        return
    request_fingerprint(KEY, body)
    assert not problems("POST /orders", [body], strict=True)


@THOROUGHLY
@given(consignments(), POLICY, SENDERS, PREFLIGHTS)
def test_a_label_request_is_valid_or_held_before_or_after_the_checks(
    consignment: Consignment, policy: Policy, sender: Area, preflight: Preflight
) -> None:
    try:
        request = shipment_request(consignment, policy, reference=Reference("r"), sender=sender)
        checked(consignment, policy, request, preflight)
    except Held:
        return
    call = (
        "POST /shipments/announce-with-shipping-rules" if request.with_rules else "POST /shipments/announce"
    )
    assert not problems(call, request.body, strict=True)


EVERYWHERE = {
    "customs_information", "parcel_items", "to_service_point", "phone_number", "house_number", "company_name", "ship_with",
    "from_address", "email_missing", "phone_missing", "weight_out_of_range", "service_point_missing", "address_refused",
    "weight_missing", "hs_code_missing", "service_points_differ", "method_unmapped",
    "shipping_methods_differ",
}  # fmt: skip
"""Fields that are sent and codes that are held with: what the properties above are worth something for."""


def test_the_inputs_get_everywhere() -> None:
    reached: set[str] = set()

    # What is drawn depends on which modules happen to be loaded, so it goes on until all was reached, and gives up late.
    for number in range(32):
        explore = seed(number)(exploring(reached))
        explore()
        if reached >= EVERYWHERE:
            break
    assert EVERYWHERE - reached == set()


def exploring(reached: set[str]) -> Callable[[], None]:
    """Maps and checks what is drawn, and notes where that leads."""

    @settings(THOROUGHLY, max_examples=100, phases=[Phase.generate], database=None)
    @given(consignments(), POLICY, SENDERS, PREFLIGHTS)
    def explore(consignment: Consignment, policy: Policy, sender: Area, preflight: Preflight) -> None:
        try:
            request = shipment_request(consignment, policy, reference=Reference("r"), sender=sender)
            reached.update(fields_of(request.body))
            checked(consignment, policy, request, preflight)
        except Held as held:
            reached.add(held.problem.code)

    return explore


def fields_of(body: Any) -> Iterator[str]:  # noqa: ANN401 - a body in JSON
    """The names of all fields, however deep."""
    for name, value in body.items() if isinstance(body, dict) else ():
        yield name
        yield from fields_of(value)
    for value in body if isinstance(body, list) else ():
        yield from fields_of(value)
