"""What must hold once everything is quiet, whatever happened before: the promise, checked on both sides and in the ledger.

Looks at the two services from inside, not through the program. Changes nothing.
"""

from collections.abc import Iterator

from exactsend.domain.ids import DeliveryId
from exactsend.domain.records import DeliveryRecord
from exactsend.ledger.verify import verify
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.sendcloud.records import Shipment
from tests.prove.shop import Shop

DOUBLE = "double_label"


def check(shop: Shop, *, only_money: bool = False) -> None:
    """Note in the shop what is not as promised, and count labels bought twice and deliveries lost.

    ``only_money`` where a service said wrong things in a sound form: then only what was bought can be judged.
    """
    expected = shop.expected
    for delivery in (*expected.labels, *expected.held):
        paid = paid_for(shop, delivery)
        allowed = 1 if delivery in expected.labels else 0
        if len(paid) > allowed and expected.reported.get(delivery) != DOUBLE:
            shop.counts["labels bought twice"] += len(paid) - allowed
            shop.findings.append(f"delivery {delivery} has {len(paid)} paid labels")
        if len(paid) < allowed and not (only_money and is_told(shop, delivery)):
            shop.counts["deliveries lost"] += 1
            shop.findings.append(f"delivery {delivery} has no label")
    shop.findings += _money(shop)
    if not only_money:
        shop.findings += [*_exact(shop), *_entries(shop), *_ledger(shop)]
    shop.findings += sound(shop)


def is_told(shop: Shop, delivery: int) -> bool:
    """Whether a person can read why a delivery has no label."""
    known = remembered(shop, delivery)
    return known is not None and "label" in known.problems


def paid_for(shop: Shop, delivery: int) -> list[Shipment]:
    """The live shipments that were charged and are this delivery's, by its reference or by its number."""
    reference = f"-{shop.services.office.delivery_id(delivery).lower()}-"
    number = shop.expected.labels.get(delivery)
    charged = {charge.shipment_id for charge in shop.world.sendcloud.paid()}
    return [
        label
        for label in shop.services.panel.labels()
        if label.shipment_id in charged
        and (reference in (label.external_reference_id or "") or label.order_number == number)
    ]


def _money(shop: Shop) -> Iterator[str]:
    """Nothing was charged beside the labels of the deliveries."""
    ours = {label.shipment_id for delivery in shop.expected.labels for label in paid_for(shop, delivery)}
    charges = [charge.shipment_id for charge in shop.world.sendcloud.paid()]
    for shipment in charges:
        if shipment not in ours | shop.expected.foreign:
            yield f"shipment {shipment} was charged and is no delivery's"
    if len(charges) != len(set(charges)):
        yield "a shipment was charged twice"


def _exact(shop: Shop) -> Iterator[str]:
    """Every label has arrived in Exact, once."""
    office = shop.services.office
    for delivery in shop.expected.labels:
        if delivery not in shop.expected.reported and (paid := paid_for(shop, delivery)):
            yield from _written_back(shop, delivery, paid[0])
    for delivery in shop.expected.held:
        if office.tracking(delivery):
            yield f"delivery {delivery} has tracking without a label"
    linked = {str(office.delivery(number)["Document"]) for number in office.delivery_numbers()}
    for document in office.documents():
        if document.key not in linked:
            yield "a document was made and is linked to no delivery"


def _written_back(shop: Shop, delivery: int, label: Shipment) -> Iterator[str]:
    office, number = shop.services.office, label.tracking_number or "?"
    if office.tracking(delivery) != number:
        yield f"delivery {delivery} carries {office.tracking(delivery)!r} and its label {number}"
    before, remarks = shop.expected.remarks.get(delivery, ""), office.remarks(delivery)
    if not remarks.startswith(before) or remarks.count("Track & trace") != 1 or remarks.count(number) != 1:
        yield f"the remarks of delivery {delivery} are {remarks!r}"
    files = office.attachments(delivery)
    if len(files) != 1 or not files[0].content.startswith(b"%PDF"):
        yield f"delivery {delivery} has {len(files)} attached labels"


def _entries(shop: Shop) -> Iterator[str]:
    found = sorted(order.order_number for order in shop.services.panel.incoming())
    if found != sorted(shop.expected.incoming):
        yield f"incoming orders are {found} instead of {sorted(shop.expected.incoming)}"


def sound(shop: Shop) -> Iterator[str]:
    """The ledger can be read and has nothing left undecided, and the services did not fail."""
    for finding in verify(shop.state / str(starting_worlds.DIVISION)):
        yield f"the ledger: {finding.message}"
    if waiting := shop.records().todo():
        yield f"undecided: {[todo.key for todo in waiting]}"
    for crash in shop.services.crashes:
        yield f"the sandbox failed: {crash[-300:]}"


def remembered(shop: Shop, delivery: int) -> DeliveryRecord | None:
    """What the ledger knows of a delivery."""
    return shop.records().delivery(DeliveryId(shop.services.office.delivery_id(delivery).lower()))


def _ledger(shop: Shop) -> Iterator[str]:
    """It knows every delivery."""
    for delivery in (*shop.expected.labels, *shop.expected.held):
        known = remembered(shop, delivery)
        if known is None:
            yield f"delivery {delivery} is forgotten"
        else:
            yield from _remembered(shop, delivery, known)


def _remembered(shop: Shop, delivery: int, known: DeliveryRecord) -> Iterator[str]:
    problem = known.problems.get("label")
    told = str(problem.code) if problem else ""
    wanted = shop.expected.held.get(delivery) or shop.expected.reported.get(delivery, "")
    if told != wanted:
        yield f"delivery {delivery} tells {told!r} instead of {wanted!r}"
    if known.open_attempt is not None:
        yield f"delivery {delivery} has an open attempt"
    lives = {label.shipment_id for label in paid_for(shop, delivery)}
    if delivery in shop.expected.labels and known.excluded != "has_tracking_number":
        if known.label is None or known.label.shipment not in lives:
            yield f"delivery {delivery} remembers {known.label and known.label.shipment} and its labels are {lives}"
        if not known.writeback.done and not wanted:
            yield f"delivery {delivery} does not know that it was written back"
