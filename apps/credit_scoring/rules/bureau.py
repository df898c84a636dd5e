"""When a borrower may be listed negatively at a credit bureau."""

from dataclasses import dataclass
from datetime import date, timedelta

from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Listing:
    """Dated figures: days of notice, and the amount (of the home currency) up to which nobody is listed."""

    notice_days: int
    floor: Money


def why_not(owed: Money, *, noticed_on: date | None, on: date, figures: Listing) -> str | None:
    """The code of what stands against listing `owed` on `on`; None when it may be listed.

    Digital lenders give 30 days' notice and list nobody at or under KES 1,000 (reference/lending-and-kenya: 2021 draft
    as reported by the press, medium-high confidence).
    """
    if owed <= figures.floor:
        return "TOO_SMALL_TO_LIST"
    if noticed_on is None:
        return "NOT_NOTICED"
    return None if on >= list_from(noticed_on, figures) else "NOTICE_RUNS"


def list_from(noticed_on: date, figures: Listing) -> date:
    """The first day on which a listing may be sent."""
    return noticed_on + timedelta(days=figures.notice_days)
