"""The words of every problem, in English: the one place that a translation would replace. Texts only; nothing is decided here.

A text is found by a problem's code, and by its variant where the code has several. Placeholders such as ``{name}`` take the problem's values.
A test compares what each text names with what its problems are made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exactsend.domain.problems import AS_STORED, Code
from exactsend.domain.templates import placeholders


@dataclass(frozen=True)
class Text:
    """What is shown of a problem. Without personal data, in the words of Exact's own screens."""

    message: str
    remedy: str = ""
    """Where to correct what, and how to get on."""
    field: str = ""
    """The field to correct."""

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the values that it demands."""
        return placeholders(self.message) | placeholders(self.remedy) | placeholders(self.field)


_CHOOSE_ADDRESS = (
    "Choose the delivery address at the order in Exact, or give the account a main delivery address."
)
_CHOOSE_POINT = "Choose another service point with the customer and enter its id in the order's field in Exact, or empty the field for home delivery."
_ASKED_AGAIN = "Nothing to do: the next run asks again."
_CORRECT_IT_THERE = "Correct it there; the next run goes on with it. To try it as it is: {create}."
_CURE_OR_TRY = "{cure}; the next run goes on with it. To try it as it is: {create}."
_MAP_METHOD = "Add it under labels.shipping_methods in the configuration, or choose another one in Exact."
_CHOOSE_TYPE = (
    "Choose another customs.shipment_type in the configuration, or ship this one from Sendcloud's panel."
)
_OPEN_AND_SAVE = (
    "Open {it} in Exact, see whether it is complete and whether the signed-in user may see it, and save it once more; "
    "it is read again by itself, after ever longer pauses."
)
_IN_THE_PANEL = "{cure}; the next run tries again. Or correct it in Sendcloud's panel in {entry} and make the label there."
_RETRY = "{cure}; it is tried again by itself, and at once with: {retry}."
_GIVEN_UP = "When that is over: {retry}. Or choose another shipping method."
_CHANGED_BY_HAND = (
    "Compare the label with Exact. If it must be replaced, cancel it in Sendcloud's panel, and make another. {terms} If it will do, "
    "close this with: {accept}."
)
_CHANGED = (
    "Compare the label with Exact. If it must be replaced, cancel it with: {cancel}, and make another. {terms} If it will do, close "
    "this with: {accept}."
)
_CORRECT_RECORDS = "Correct what Sendcloud names in the records of {name} in Exact; the next run tries again. Or correct it in Sendcloud's panel in {entry} and make the label there."
_ALL_IN_REMARKS = "All of them are in the remarks. Close this with: {accept}."

TEXTS: Mapping[tuple[Code, str], Text] = {
    # the address and the recipient
    (Code.ADDRESS_MISSING, ""): Text(
        "{name} has no address to deliver to.", _CHOOSE_ADDRESS, "DeliveryAddress"
    ),
    (Code.ADDRESS_MISSING, "not_by_rule"): Text(
        "{name} has no address where the configuration looks for one.", _CHOOSE_ADDRESS, "DeliveryAddress"
    ),
    (Code.ADDRESS_MISSING, "orders_differ"): Text(
        "The orders of {name} have different delivery addresses, and it has none itself.",
        _CHOOSE_ADDRESS,
        "DeliveryAddress",
    ),
    (Code.ADDRESS_MISSING, "unreadable"): Text(
        "The delivery address of {name} cannot be read.", _CHOOSE_ADDRESS, "DeliveryAddress"
    ),
    (Code.ADDRESS_MISSING, "not_to_deliver_to"): Text(
        "The delivery address of {name} is a postal or invoice address.", _CHOOSE_ADDRESS, "DeliveryAddress"
    ),
    (Code.ADDRESS_INCOMPLETE, "AddressLine1"): Text(
        "In Exact, {record} has no street.",
        "Enter the street there; the next run goes on with it.",
        "AddressLine1",
    ),
    (Code.ADDRESS_INCOMPLETE, "Postcode"): Text(
        "In Exact, {record} has no postcode.",
        "Enter the postcode there; the next run goes on with it.",
        "Postcode",
    ),
    (Code.ADDRESS_INCOMPLETE, "City"): Text(
        "In Exact, {record} has no city.", "Enter the city there; the next run goes on with it.", "City"
    ),
    (Code.COUNTRY_UNKNOWN, ""): Text(
        "In Exact, {record} has no country, or one that is no ISO code of two letters.",
        "Choose the country there; the next run goes on with it.",
        "Country",
    ),
    (Code.NAME_MISSING, ""): Text(
        "In Exact, neither the account nor the contact person of {name} has a name that can be sent.",
        "Enter the account's name in Exact; the next run goes on with it.",
        "Name",
    ),
    (Code.HOUSE_NUMBER_MISSING, "house_number_too_short"): Text(
        "In Exact, {record} has no house number that the carrier can read.", _CORRECT_IT_THERE, "AddressLine1"
    ),
    (Code.ADDRESS_REFUSED, "address_too_long"): Text(
        "In Exact, {record} has a line that is too long for the carrier.", _CORRECT_IT_THERE, "AddressLine1"
    ),
    (Code.ADDRESS_REFUSED, "house_number_too_long"): Text(
        "In Exact, {record} has a house number that is too long for the carrier.",
        _CORRECT_IT_THERE,
        "AddressLine1",
    ),
    (Code.ADDRESS_REFUSED, "country_code_missing"): Text(
        "In Exact, {record} lacks the country.", _CORRECT_IT_THERE, "Country"
    ),
    (Code.ADDRESS_REFUSED, "postal_code_missing"): Text(
        "In Exact, {record} lacks the postcode.", _CORRECT_IT_THERE, "Postcode"
    ),
    (Code.ADDRESS_REFUSED, "state_missing"): Text(
        "In Exact, {record} lacks the state.", _CORRECT_IT_THERE, "State"
    ),
    (Code.ADDRESS_REFUSED, "province_missing"): Text(
        "In Exact, {record} lacks the province.", _CORRECT_IT_THERE, "State"
    ),
    (Code.ADDRESS_REFUSED, "address_not_valid"): Text(
        "In Exact, {record} does not exist as far as Sendcloud can tell.", _CORRECT_IT_THERE, "AddressLine1"
    ),
    (Code.EMAIL_MISSING, "by_option"): Text(
        "The shipping option {option} demands the recipient's e-mail address, and {name} has none that can be sent.",
        "Enter the e-mail address at the contact person or the account in Exact; the next run goes on with it. To try it as it is: {create}.",
        "Email",
    ),
    (Code.PHONE_MISSING, "by_option"): Text(
        "The shipping option {option} demands the recipient's phone number, and {name} has none that can be sent.",
        "Enter the phone number at the contact person or the account in Exact; the next run goes on with it. To try it as it is: {create}.",
        "Phone",
    ),
    # what is sent
    (Code.NO_GOODS, ""): Text(
        "In Exact, {name} has nothing to send: only services, drop shipments, or lines without a quantity.",
        "Nothing to do, unless an item that should be sent is not marked as a stock item in Exact.",
    ),
    (Code.ORDER_DATE_MISSING, ""): Text(
        "In Exact, order {number} has no date.",
        "Enter the order's date in Exact; the next run goes on with it.",
        "OrderDate",
    ),
    (Code.WEIGHT_MISSING, ""): Text(
        "In Exact, an item of {name} has no weight, or its line counts in another unit than the item.",
        "Enter the item's weight in Exact, or set weight.default_item or weight.default_parcel in the configuration.",
        "GrossWeight",
    ),
    (Code.WEIGHT_MISSING, "customs"): Text(
        "In Exact, {item} has no weight, or its line counts in another unit than the item; customs requires one.",
        "Enter the item's weight in Exact, or set weight.default_item in the configuration.",
        "GrossWeight",
    ),
    (Code.WEIGHT_OUT_OF_RANGE, "by_option"): Text(
        "{name} weighs {weight}, and the shipping option {option} takes {limits}.",
        _CURE_OR_TRY,
        "GrossWeight",
    ),
    (Code.DIMENSIONS_MISSING, "by_option"): Text(
        "The shipping option {option} demands the parcel's length, width and height, which Exact does not have.",
        "Choose another shipping method in Exact, or another option for it in labels.shipping_methods. "
        "Or make the label in Sendcloud's panel.",
        "ShippingMethod",
    ),
    (Code.CURRENCY_UNKNOWN, ""): Text(
        "Sendcloud takes incoming orders in EUR, GBP and USD only; {name} and the division have others.",
        "Change the order to one of these currencies in Exact.",
        "Currency",
    ),
    (Code.METHOD_UNMAPPED, ""): Text(
        "The shipping method {code} of {name} is not in the configuration.", _MAP_METHOD, "ShippingMethod"
    ),
    (Code.METHOD_UNMAPPED, "none"): Text(
        "In Exact, {name} has no shipping method.", _MAP_METHOD, "ShippingMethod"
    ),
    (Code.SHIPPING_METHODS_DIFFER, ""): Text(
        "The orders of {name} have different shipping methods, and the delivery has none of its own ({asked}).",
        "Choose the shipping method on the delivery in Exact, or make that of its orders the same;"
        " or make the label in Sendcloud's panel.",
        "ShippingMethod",
    ),
    (Code.NOT_SHIPPED, ""): Text(
        "The shipping method of {name} is collected or own transport by the configuration: it gets no label.",
        "Choose another shipping method in Exact, or map this one in labels.shipping_methods to a shipping option.",
        "ShippingMethod",
    ),
    (Code.ORDER_UNREADABLE, ""): Text(
        "the sales order of {name} was not found in Exact",
        "Check that the delivery still belongs to a sales order that the signed-in user may see.",
    ),
    (Code.RECORD_UNREADABLE, ""): Text("{it} can't be read in Exact", _OPEN_AND_SAVE),
    (Code.RECORD_UNREADABLE, "referred_to"): Text("{it} of {name} can't be read in Exact", _OPEN_AND_SAVE),
    (Code.ENTRY_NOT_WITHDRAWN, ""): Text(
        "Sendcloud does not delete incoming order {number}, which is no longer wanted",
        "Delete it in Sendcloud's panel and make no label from it; it is tried again by itself, after ever longer pauses.",
    ),
    # customs
    (Code.HS_CODE_MISSING, ""): Text(
        "In Exact, {item} has no HS code.",
        "Enter it in its field {field} in Exact or as customs.hs_code in the configuration.",
        "{field}",
    ),
    (Code.HS_CODE_INVALID, ""): Text(
        "In Exact, {item} has an HS code that is not 6 to 12 digits.",
        "Enter it in its field {field} in Exact.",
        "{field}",
    ),
    (Code.ORIGIN_MISSING, ""): Text(
        "In Exact, {item} has no country of origin.",
        "Enter it in its field {field} in Exact or as customs.country_of_origin in the configuration.",
        "{field}",
    ),
    (Code.ORIGIN_MISSING, "no_field"): Text(
        "In Exact, {item} has no country of origin.",
        "Enter it as customs.country_of_origin in the configuration.",
    ),
    (Code.ORIGIN_INVALID, ""): Text(
        "In Exact, {item} has a country of origin that is no code of two letters.",
        "Enter it in its field {field} in Exact.",
        "{field}",
    ),
    (Code.ORIGIN_INVALID, "no_field"): Text(
        "The country of origin of {item} is no code of two letters.",
        "Correct customs.country_of_origin in the configuration.",
    ),
    (Code.PRICE_MISSING, ""): Text(
        "In Exact, the order line with {item} has no price above zero; customs requires one.",
        "Enter a price at the order line in Exact; samples and gifts have a value too.",
        "AmountFC",
    ),
    (Code.TOO_MANY_LINES, ""): Text(
        "In Exact, {name} has more than {most} lines to declare to customs.",
        "Split it into several deliveries in Exact.",
    ),
    (Code.SHIPMENT_TYPE_NOT_FOR_ORDERS, ""): Text(
        "The customs declaration of {name} needs a shipment type, and Sendcloud accepts 'documents' for labels only, not for incoming orders.",
        _CHOOSE_TYPE,
        "customs.shipment_type",
    ),
    (Code.SHIPMENT_TYPE_NOT_FOR_LABELS, ""): Text(
        "The customs declaration of {name} needs a shipment type, and Sendcloud accepts 'returned_goods' for incoming orders only, not for labels.",
        _CHOOSE_TYPE,
        "customs.shipment_type",
    ),
    # service points
    (Code.SERVICE_POINT_MISSING, "by_option"): Text(
        "The shipping option {option} goes to service points alone, and {name} names none.",
        "Enter the id of a service point at the order in Exact, or choose another shipping method; the next run goes on with it. To try it as it is: {create}.",
        "{field}",
    ),
    (Code.SERVICE_POINT_UNKNOWN, ""): Text(
        "The service point {point} does not exist at Sendcloud.", _CHOOSE_POINT, "service point"
    ),
    (Code.SERVICE_POINT_UNAVAILABLE, ""): Text(
        "The service point {point} is closed or takes no parcels now.", _CHOOSE_POINT, "service point"
    ),
    (Code.SERVICE_POINT_ELSEWHERE, ""): Text(
        "The service point {point} lies in another country than the delivery address.",
        _CHOOSE_POINT,
        "service point",
    ),
    (Code.SERVICE_POINT_OTHER_CARRIER, ""): Text(
        "The service point {point} is not one of the carrier {carrier}.", _CHOOSE_POINT, "service point"
    ),
    (Code.SERVICE_POINT_UNCHECKED, ""): Text(
        "The service point {point} could not be checked with Sendcloud.", _ASKED_AGAIN, "service point"
    ),
    (Code.SERVICE_POINT_UNCHECKED, "not_answered"): Text(
        "Sendcloud did not answer whether the service point of {name} takes parcels", _ASKED_AGAIN, "{field}"
    ),
    (Code.SERVICE_POINT_PATTERN_SLOW, ""): Text(
        "The pattern for service points takes too long on the field {field} of order {number}.",
        "Write service_points.pattern without repetitions inside repetitions, or correct the field in Exact.",
        "{field}",
    ),
    (Code.SERVICE_POINTS_DIFFER, ""): Text(
        "The orders of {name} ask for different service points.",
        "Make the field {field} of these orders the same in Exact.",
        "{field}",
    ),
    # purchases
    (Code.ORDER_REFUSED, ""): Text(
        "Sendcloud refused {name} as an incoming order",
        "Correct what Sendcloud names in the records of {name} in Exact; the next run sends it again.",
    ),
    (Code.ORDER_REFUSED, "known"): Text(
        "Sendcloud refused {name} as an incoming order: {cause}",
        "{cure}; the next run sends it again.",
        "{field}",
    ),
    (Code.LABEL_UNKNOWN, ""): Text(
        "Sendcloud's answer to the purchase for {name} was lost, so it is not known whether it has a label",
        "Nothing to do: the next runs look for it, and buy it only once it is certain that it was not made.",
    ),
    (Code.LABEL_REFUSED, "another_is_not_next"): Text(
        "the next label of {name} would be number {number}, which is not the one that was asked for; nothing was bought",
        "To buy it: {create} --another {number}.",
    ),
    (Code.LABEL_AMBIGUOUS, ""): Text(
        "several labels at Sendcloud fit {name}: shipments {ids}",
        "Cancel in Sendcloud's panel those that are not used; the one that is left is taken over by itself. Or take one over with: "
        "{accept} --shipment ID.",
    ),
    (Code.LABEL_AMBIGUOUS, "of_several"): Text(
        "a label at Sendcloud fits {name} and another delivery as well: shipment {id}",
        "Look which of them it is for, and take it over with: {accept} --shipment {id}. The other goes on by itself then.",
    ),
    (Code.LABEL_GIVEN_UP, "failed_passing"): Text(
        "the label of {name} could not be made: {cause}, {tries} times; it is not tried again by itself",
        _GIVEN_UP,
    ),
    (Code.LABEL_GIVEN_UP, "refused_passing"): Text(
        "the label of {name} was refused by Sendcloud: {cause}, {tries} times; it is not tried again by itself",
        _GIVEN_UP,
    ),
    (Code.LABEL_CANCELLED, ""): Text(
        "the label of {name} was cancelled at Sendcloud",
        "If it needs another one: {create} --another {number}, or make it in Sendcloud's panel. If it needs none, close this with: {accept}.",
    ),
    (Code.LABELLED_ELSEWHERE, ""): Text(
        "Sendcloud has a live label that may be that of {name} and was not made here: shipment {ids} to {towns}; Exact says {town}",
        "If it is this delivery's label, take it over with: {accept} --shipment {which}. If the delivery needs one of its own, "
        "cancel the other in Sendcloud's panel, or ask for it with: {create} --another {following}.",
    ),
    (Code.DOUBLE_LABEL, ""): Text(
        "{name} has two live labels at Sendcloud: shipments {ids}",
        "Cancel the one that is not used with: {cancel} --shipment ID. {terms}",
    ),
    (Code.DOUBLE_LABEL, "perhaps"): Text(
        "{name} may have a second live label at Sendcloud: shipment {ids}, which bears its number or that of an order it delivers",
        "Look at it in Sendcloud's panel. If it is one too many, cancel it there. {terms} If it is meant, close this with: {accept}.",
    ),
    (Code.DIFFERS_FROM_DELIVERY, ""): Text(
        "the label of {name} is paid, but differs from what Exact says now in: {fields}",
        "Check the label. If it is right: {accept}. If not, cancel it with: {cancel}. {terms}",
        "{field}",
    ),
    (Code.RECORD_DAMAGED, ""): Text(
        "the record of {name} is damaged and may have named a label; none is bought automatically",
        "Look in Sendcloud's panel whether it has one. If not: {create}. `exactsend ledger verify` names the damaged file.",
    ),
    (Code.TAKEN_IN_PANEL, ""): Text(
        "the incoming order of {name} was removed in Sendcloud's panel; its label is not bought automatically",
        "Make the label in the panel, or ask for it with: {create}. If it needs none, close this with: {accept}.",
    ),
    (Code.ENTRY_VANISHED, ""): Text(
        "the incoming order of {name} has just vanished from Sendcloud, as it does when a label is made from it in the panel; "
        "nothing was bought",
        "Look in the panel whether its label was made: then the next run takes it over. If it was not, ask again in {minutes} minutes with: {create}.",
    ),
    (Code.LOOK_NOT_ANSWERED, ""): Text(
        "Sendcloud did not answer whether {name} has a label already, so none was bought",
        "Nothing to do: later runs ask again, after ever longer pauses.",
    ),
    # after the label
    (Code.CHANGED_AFTER_LABEL, ""): Text(
        "{name} was changed in Exact after its label was made: {fields}; the label was not touched",
        _CHANGED,
        "{field}",
    ),
    (Code.CHANGED_AFTER_LABEL, "field_unknown"): Text(
        "{name} was changed in Exact after its label was made: a field that is no longer known; the label was not touched",
        _CHANGED,
    ),
    (Code.CHANGED_AFTER_LABEL, "by_hand"): Text(
        "{name} was changed in Exact after its label was made in Sendcloud's panel: {fields}; the label was not touched",
        _CHANGED_BY_HAND,
        "{field}",
    ),
    (Code.CHANGED_AFTER_LABEL, "by_hand_field_unknown"): Text(
        "{name} was changed in Exact after its label was made in Sendcloud's panel: a field that is no longer known; the label was not touched",
        _CHANGED_BY_HAND,
    ),
    (Code.CANCELLED_AFTER_LABEL, ""): Text(
        "{name} was cancelled, unapproved or deleted in Exact after its label was made; the label was not touched",
        "Cancel the label with: {cancel}. {terms} If the parcel is to go, close this with: {accept}.",
    ),
    (Code.CANCELLED_AFTER_LABEL, "by_hand"): Text(
        "{name} was cancelled, unapproved or deleted in Exact after its label was made in Sendcloud's panel; the label was not touched",
        "Cancel the label in Sendcloud's panel. {terms} If the parcel is to go, close this with: {accept}.",
    ),
    (Code.CANCELLATION_FAILED, ""): Text(
        "Sendcloud says that cancelling the label of {name} failed; it counts as live",
        "If the parcel is not to go, cancel it again with: {cancel}, or ask Sendcloud's support. If it is to go, close this with: {accept}.",
    ),
    # back into Exact
    (Code.TRACKING_TAKEN, ""): Text(
        "{name} already carries another tracking number in Exact; it was not overwritten",
        "If the label of Sendcloud is the right one, empty the field in Exact; the next run writes it. Otherwise cancel that label.",
        "TrackingNumber",
    ),
    (Code.TRACKING_TRUNCATED, ""): Text(
        "Exact has no room for all tracking numbers of {name}; it now holds those that fit",
        _ALL_IN_REMARKS,
        "TrackingNumber",
    ),
    (Code.TRACKING_TRUNCATED, "in_part"): Text(
        "Exact has no room for all tracking numbers of {name}; it now holds a part",
        _ALL_IN_REMARKS,
        "TrackingNumber",
    ),
    (Code.WRITEBACK_REFUSED, ""): Text(
        "Exact refused the tracking number of {name}",
        "Check in Exact whether the delivery may still be changed; it is tried again by itself.",
    ),
    (Code.WRITEBACK_REFUSED, "not_taken_back"): Text(
        "the label of {name} is cancelled, and Exact refused to take its tracking number out again",
        "Empty the field in Exact, and take the line out of the remarks. It is tried again by itself.",
        "TrackingNumber",
    ),
    (Code.WRITEBACK_FAILED, "delivery_unreadable"): Text(
        "{name} can't be read in Exact, so its tracking was not written",
        "Open it in Exact and see whether the signed-in user may see all of it; it is tried again by itself.",
    ),
    (Code.WRITEBACK_FAILED, "shipment_unreadable"): Text(
        "Sendcloud does not show the label of delivery {number}, so its tracking was not written into Exact",
        "It is tried again by itself. If it stays, look at the shipment in Sendcloud's panel.",
    ),
    (Code.WRITEBACK_FAILED, "not_arrived"): Text(
        "Exact accepted the tracking number of {name}, but did not show it when read back",
        "It is tried again by itself. If it stays, check the rights of the signed-in user on deliveries in Exact.",
        "TrackingNumber",
    ),
    (Code.WRITEBACK_FAILED, "attached_later"): Text(
        "the label of {name} was not attached in Exact yet; the tracking number was written",
        "exactsend status shows which request is refused and what would allow it.",
        "Document",
    ),
    (Code.WRITEBACK_FAILED, "not_attached"): Text(
        "the label of {name} could not be attached in Exact; the tracking number was written",
        "It is tried again by itself. If it stays, check the app's right to manage documents (Organization documents).",
        "Document",
    ),
}
"""By code and variant."""

SHARED: Mapping[str, Text] = {
    AS_STORED: Text("{message}", "{remedy}", "{field}"),
    "failed": Text("the label of {name} could not be made", _CORRECT_RECORDS),
    "failed_known": Text("the label of {name} could not be made: {cause}", _IN_THE_PANEL, "{field}"),
    "failed_passing": Text("the label of {name} could not be made: {cause}", _RETRY, "{field}"),
    "refused": Text("the label of {name} was refused by Sendcloud", _CORRECT_RECORDS),
    "refused_known": Text("the label of {name} was refused by Sendcloud: {cause}", _IN_THE_PANEL, "{field}"),
    "refused_passing": Text("the label of {name} was refused by Sendcloud: {cause}", _RETRY, "{field}"),
    "cause_alone": Text("{cause}", _IN_THE_PANEL, "{field}"),
}
"""By variant alone: what is behind a refusal decides on the code."""

PHRASES: Mapping[str, str] = {
    # what is behind a refusal: follows a colon, and has no full stop
    "cause.rule_adds": "a shipping rule of Sendcloud's panel asks for something that can't be had to {country} with that option ({rules})",
    "cause.point_abroad": "the service point is in another country than {country}, or the shipping option does not go to service points there",
    "cause.rules_country": "what Sendcloud's shipping rules chose does not go to {country} ({rules})",
    "cause.rules_country_or_addition": "what Sendcloud's shipping rules chose does not go to {country}, or a rule adds something, such as insurance, that can't be had there",
    "cause.option_country": "the shipping option {option} does not go to {country}, or not to that postcode",
    "cause.option_weight_or_size": "the shipping option takes no parcel of its weight or size",
    "cause.no_option_chosen": "it was left to Sendcloud's shipping rules and defaults, and none of them chose a shipping option",
    "cause.sender": "the sender address is not usable",
    "cause.house_number": "the delivery address of {name} has no house number that the carrier can read",
    "cause.no_service_point": "the shipping option goes to service points, and none is named",
    "cause.option_no_service_points": "the shipping option does not go to service points",
    "cause.service_point": "the service point takes no such parcel",
    "cause.plan": "the account's plan at Sendcloud allows no more labels, or not what was asked for",
    "cause.payment": "the account at Sendcloud or at the carrier can't pay for it",
    "cause.contract": "the carrier contract at Sendcloud is missing, not active or not allowed to do it",
    "cause.carrier_unavailable": "the carrier is not available at the moment",
    "cause.no_hs_code": "an item has no HS code",
    "cause.hs_code": "the HS code of an item is not accepted",
    "cause.origin": "the country of origin of an item is missing or not accepted",
    "cause.customs_number": "customs requires a number of the sender or the recipient (EORI, VAT) that is missing or not accepted",
    "cause.items_heavier": "its items weigh more than the parcel",
    "cause.customs": "something that customs requires is missing or not accepted",
    "cause.phone_missing": "the carrier demands the recipient's phone number",
    "cause.phone": "the carrier does not accept the recipient's phone number",
    "cause.email_missing": "the carrier demands the recipient's e-mail address",
    "cause.email": "the carrier does not accept the recipient's e-mail address",
    "cause.postcode": "the postcode is not accepted",
    "cause.option_destination": "the shipping option does not go there",
    "cause.option_unknown": "the shipping option is not known or not available to the account",
    "cause.name_too_long": "the name is too long for the carrier",
    "cause.city": "the city is not accepted",
    "cause.state": "the state or province is missing or not accepted",
    "cause.country": "the country is not accepted",
    "cause.address": "the address is not accepted",
    "cause.name": "the name is not accepted",
    "cause.weight": "the carrier does not take its weight",
    "cause.size": "the carrier wants to know the parcel's size, or does not take it",
    "cure.address": "Correct {field} of the delivery address, or of the account or contact it comes from, in Exact",
    "cure.person": "Correct {field} of the contact person or the account in Exact",
    "cure.item": "Correct {field} of the item in Exact",
    "cure.customs": "Check HS code, country of origin, weight and price of the items in Exact, and the customs table of the configuration",
    "cure.point": "Choose another service point with the customer and enter its id at the order in Exact",
    "cure.point_option": "Name a shipping option that goes to service points in the configuration (service_points.shipping_option)",
    "cure.point_or_option": "Choose another service point with the customer and enter its id at the order in Exact, or name a shipping option in the configuration that goes to service points there (service_points.shipping_option)",
    "cure.method": "Choose another shipping method in Exact, or another shipping option in the configuration (labels.shipping_option, labels.shipping_methods)",
    "cure.band": "Correct the weight of the items in Exact, split the delivery, or map its shipping method to an option for that weight (labels.shipping_methods): many options are for a band of weights, such as kg=0-0.5 in their code, and exactsend doctor names the others",
    "cure.rule": "Change that rule in Sendcloud under Settings > Shipping rules, or name a shipping option in the configuration (labels.shipping_option, labels.shipping_methods): then no rule is applied",
    "cure.choice": "Make a shipping rule in Sendcloud, for which its plan must have them, or set a shipping default there; or name a shipping option in the configuration (labels.shipping_option, labels.shipping_methods)",
    "cure.sender": "Correct the sender address at Sendcloud, or map the warehouse to another one in warehouses",
    "cure.plan": "Change the plan at Sendcloud, or wait until it allows labels again",
    "cure.sendcloud": "Mend it at Sendcloud",
    "cure.carrier": "The carrier must be available again",
    # what the panel lists an order as
    "entry": "incoming order {number}",
    "entry_of": "the incoming order of {name}",
    # what an option takes, and what to do about a weight
    "limits.between": "from {least} up to {most}",
    "limits.most": "up to {most}",
    "limits.least": "from {least} on",
    "cure.weight": "Correct the weight of the items in Exact, split the delivery, or choose another shipping method",
    "cure.weight_band": (
        "Correct the weight of the items in Exact, split the delivery, or map its shipping method to the option for that weight, which"
        " exactsend doctor names: {option} is for a band of weights"
    ),
    # where Exact says that it goes
    "town.unreadable": "an address that can't be read",
    # what cancelling a label costs
    "refund.dhl_de": (
        "It is free until the deadline of DHL Germany: 17:55 where the label was made before 16:00, two hours later where it was made after "
        "18:00; after that it can't be cancelled."
    ),
    "refund.chronopost": (
        "It is free until 18:00 of the day it was made, the deadline of Chronopost; later Sendcloud's support cancels it, within 42 days."
    ),
    "refund": (
        "It is free until the carrier's deadline, mostly 23:59 of the day it was made; later it is refunded on the next invoice where the "
        "parcel was not shipped, within 42 days."
    ),
}
"""Parts of the texts, by their key."""
