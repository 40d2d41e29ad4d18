"""Until when cancelling is free, in the day of the sender or the carrier, and what is said of the money afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from exactsend.domain.shown_problem import phrase_text
from exactsend.engine.plan.cancellation_terms import free_until, refund_terms
from exactsend.views.text.cancellation import cancelling_text

MORNING = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "carrier", "country", "until"),
    [
        (MORNING, "postnl", "NL", utc(23, 22, 59)),
        (MORNING, "royal_mail", "GB", utc(23, 23, 59)),
        (MORNING, "posti", "FI", utc(23, 21, 59)),
        (utc(23, 23, 30), "postnl", "NL", utc(24, 22, 59)),  # it is the next day there
        (MORNING, "postnl", "", utc(23, 23, 59)),
        (MORNING, "dhl_de", "NL", utc(23, 16, 55)),
        (MORNING, "chronopost", "FR", utc(23, 17, 0)),
        (utc(23, 16, 0), "dhl_de", "DE", None),  # made at 17:00 there: told nowhere
        (utc(23, 18, 0), "dhl_de", "DE", utc(23, 20, 0)),
        (utc(23, 18, 0), "chronopost", "FR", None),
        (None, "postnl", "NL", None),
    ],
)
def test_the_day_ends_where_the_parcel_leaves(
    made: datetime | None, carrier: str, country: str, until: datetime | None
) -> None:
    assert free_until(made, carrier=carrier, country=country) == until


def test_a_label_of_today_is_free_to_cancel() -> None:
    assert cancelling_text(MORNING, MORNING, carrier="postnl", country="NL") == (
        "Cancelling is free until 2026-11-23 23:59 (Europe/Amsterdam), mostly the carrier's deadline. After the deadline it is refunded on the next "
        "invoice, which may take two weeks, where the parcel was not shipped and it is cancelled by 2027-01-04."
    )


def test_a_label_of_yesterday_is_refunded_and_not_said_to_stay_paid() -> None:
    told = cancelling_text(MORNING, MORNING + timedelta(days=1), carrier="postnl", country="NL")

    assert told.startswith(
        "What is mostly the carrier's deadline, 2026-11-23 23:59 (Europe/Amsterdam), is over. After"
    )
    assert "it is refunded on the next invoice" in told


@pytest.mark.parametrize(
    ("carrier", "afterwards"),
    [
        (
            "dhl_de",
            "The deadline of DHL Germany, 2026-11-23 17:55 (Europe/Berlin), is over. After the deadline it can't be cancelled.",
        ),
        (
            "chronopost",
            "The deadline of Chronopost, 2026-11-23 18:00 (Europe/Paris), is over. After the deadline Sendcloud's support cancels it, until 2027-01-04.",
        ),
    ],
)
def test_two_carriers_have_rules_of_their_own(carrier: str, afterwards: str) -> None:
    assert cancelling_text(MORNING, MORNING + timedelta(days=1), carrier=carrier) == afterwards


def test_late_in_utc_it_may_be_over_in_the_senders_day() -> None:
    late = utc(23, 23, 30)

    assert " is over." in cancelling_text(MORNING, late, carrier="postnl", country="NL")
    assert " is over." not in cancelling_text(MORNING, late, carrier="royal_mail", country="GB")


def test_what_no_page_says_is_said_to_be_not_known() -> None:
    told = cancelling_text(utc(23, 18, 0), utc(23, 18, 5), carrier="chronopost", country="FR")

    assert told.startswith("Until when Chronopost cancels a label of that hour is not known.")


def test_after_42_days_nothing_is_promised() -> None:
    told = cancelling_text(MORNING, MORNING + timedelta(days=42, seconds=1))

    assert told == "The label is older than 42 days: Sendcloud cancels it no more."


def test_where_a_carrier_cancels_nothing_that_is_said() -> None:
    assert "paperless customs papers" in cancelling_text(MORNING, MORNING, carrier="ups", country="NL")
    assert "paperless customs papers" not in cancelling_text(MORNING, MORNING, carrier="dpd", country="NL")


@pytest.mark.parametrize(
    ("carrier", "hour"), [("dhl_de", "17:55"), ("chronopost", "18:00"), ("dpd", "23:59"), ("", "23:59")]
)
def test_an_error_names_the_carriers_own_hour(carrier: str, hour: str) -> None:
    told = phrase_text(refund_terms(carrier))

    assert hour in told
    assert ("within 42 days" in told) is (carrier != "dhl_de")
    assert cancelling_text(None, MORNING, carrier=carrier) == f"Cancelling: {told}"
