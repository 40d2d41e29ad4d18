"""Checks of what probes have found out, and of what an interrupted one has left.

The answers never make the program bolder: each of its rules is safe either way. Where one shows that a rule protects less than
it should, a person is told.
"""

from exactsend.operations.doctor.checks import CheckContext, Found, Trouble

_ALARMING = {
    ("reference_used_again", "second_shipment"): Trouble(
        "Sendcloud makes another label under a reference that was used before, against its documents",
        "Keep labels.create_automatically = false, and ask Sendcloud about external_reference_id.",
        "After a lost answer the same purchase is asked for again; the reference is what keeps it from being made twice.",
    ),
    ("panel_label", "not_shown"): Trouble(
        "labels made in Sendcloud's panel do not show under the keys of this integration",
        "Make labels with exactsend labels create, or automatically, and not in the panel.",
        "Such a label is never written back into Exact: its delivery is held as labelled_elsewhere.",
    ),
    ("shorter_list", "kept"): Trouble(
        "Sendcloud keeps the lines of an incoming order that were taken out of the order in Exact",
        "Look at an order's lines before a label is made from it in the panel.",
        "An incoming order may show more than is to be sent.",
    ),
    ("customs_price", "per_line"): Trouble(
        "Sendcloud takes the price of a customs item for that of the whole line",
        "Do not ship through customs with this version; tell its maintainers.",
        "exactsend states the price of one piece (T6): the declared value would be too low.",
    ),
}
_LONG_ENOUGH = 30
"""Characters that one parcel's tracking number takes at most, as carriers' numbers are seen."""


def probes(case: CheckContext) -> Found:
    """What a probe left, and which of its answers a person should know of."""
    probe = case.memory.probe
    if not probe.is_clean:
        what = {
            "letters": probe.labels,
            "incoming orders": probe.entries,
            "texts of deliveries": probe.writings,
        }
        left = ", ".join(name for name, those in what.items() if those)
        yield Trouble(
            f"a probe was interrupted before it had put everything back ({left})",
            "Run exactsend doctor --probe again: it begins with that.",
            "What it left can be taken for real by people, and by runs.",
        )
    for question, kept in probe.answers.items():
        if alarming := _ALARMING.get((question, kept.answer)):
            yield alarming
    length = probe.answers.get("tracking_length")
    if length and length.answer.isdecimal() and int(length.answer) < _LONG_ENOUGH:
        yield Trouble(
            f"Exact keeps only {length.answer} characters of a tracking number",
            "Have longer numbers read from the remarks: writeback.remarks keeps {tracking_url}.",
            "Numbers of several parcels are cut off (tracking_truncated).",
        )
