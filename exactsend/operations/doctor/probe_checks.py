"""Checks the recorded answers of probes, and what an interrupted probe left behind.

The answers never relax a rule: each rule is safe either way. doctor reports an answer that shows that a rule protects less than it
should.
"""

from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue

_ALARMING = {
    ("reference_used_again", "second_shipment"): Issue(
        "Sendcloud creates another label under a reference that was used before, contrary to its documentation",
        "Keep labels.create_automatically = false, and ask Sendcloud about external_reference_id.",
        "After a lost answer the same purchase is requested again; only the reference prevents a second label.",
    ),
    ("panel_label", "not_shown"): Issue(
        "labels made in Sendcloud's panel are not visible with the keys of this integration",
        "Make labels with exactsend labels create, or automatically, and not in the panel.",
        "Such a label is never written back to Exact: its delivery is held as labelled_elsewhere.",
    ),
    ("shorter_list", "kept"): Issue(
        "Sendcloud keeps lines of an incoming order that were removed from the order in Exact",
        "Check an order's lines before you make a label from it in the panel.",
        "An incoming order may show more goods than must be sent.",
    ),
    ("customs_price", "per_line"): Issue(
        "Sendcloud takes the price of a customs item as the price of the whole line",
        "Do not ship through customs with this version, and report this to its maintainers.",
        "exactsend states the price of one piece (T6): the declared value would be too low.",
    ),
}
_MAX_TRACKING_NUMBER = 30
"""The longest tracking number of a parcel seen from carriers, in characters."""


def probes(context: CheckContext) -> CheckResults:
    """What a probe left behind, and answers that are a risk."""
    probe = context.records.probe
    if not probe.is_clean:
        leftovers = {
            "letters": probe.labels,
            "incoming orders": probe.entries,
            "texts of deliveries": probe.writings,
        }
        left = ", ".join(name for name, ids in leftovers.items() if ids)
        yield Issue(
            f"a probe was interrupted before it had restored everything ({left})",
            "Run exactsend doctor --probe again: it restores this first.",
            "People and runs can mistake what it left for real orders and shipments.",
        )
    for question, answer in probe.answers.items():
        if issue := _ALARMING.get((question, answer.answer)):
            yield issue
    length = probe.answers.get("tracking_length")
    if length and length.answer.isdecimal() and int(length.answer) < _MAX_TRACKING_NUMBER:
        yield Issue(
            f"Exact keeps only {length.answer} characters of a tracking number",
            "Use the remarks for longer numbers: put {tracking_url} into writeback.remarks.",
            "Numbers of several parcels are cut off (tracking_truncated).",
        )
