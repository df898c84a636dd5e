"""The slip of a payment: what it says, that its number pays once, and how it is booked anew after it was taken back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.compliance.tax_books import PURPOSE, Booking, bookings_of, reference_of
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.locks import in_turn
from apps.kernel.money import Money
from apps.ledger import operations as ledger


@dataclass(frozen=True, slots=True)
class Payment:
    """How it was paid: KRA's payment registration number, the reference of the bank's RTGS, and its value day."""

    prn: str
    bank_reference: str
    paid_on: date

    @property
    def facts(self) -> dict[str, str]:
        """As a request keeps it."""
        return {"prn": self.prn, "bank_reference": self.bank_reference, "paid_on": self.paid_on.isoformat()}


def slip_of(payload: dict[str, Any]) -> Payment:
    """What a request kept."""
    return Payment(payload["prn"], payload["bank_reference"], date.fromisoformat(payload["paid_on"]))


def wrong_slip(slip: Payment, *, since: date, today: date) -> dict[str, list[Any]]:
    """What of a slip is missing or cannot be, by its member: it was paid on a day or later, and not in time to come.

    One that was booked before and taken back may say the day of then, whose month may have its return by now.
    """
    wrong: dict[str, list[Any]] = {
        name: [_("Write it as it stands on the slip or the bank's advice.")]
        for name in ("prn", "bank_reference")
        if not getattr(slip, name).strip()
    }
    before = bookings_of(slip.prn)
    if not min([since, *(one.booked_on for one in before[:1])]) <= slip.paid_on <= today:
        wrong["paid_on"] = [_("A day of the month or later, and not one that is still to come.")]
    return wrong


def taken_back(slip: Payment) -> Booking | None:
    """The last booking by this slip's number, which was taken back; None when none was made. Raises Conflict for one
    that stands.
    """
    found = bookings_of(slip.prn)
    if not found:
        return None
    if found[-1].back_on is None:
        raise Conflict(
            _(
                "This payment registration number was used before, and that booking stands. No money moved. A wrong "
                "payment on account is reversed in the books first; then its number is booked anew."
            ),
            transfer=found[-1].transfer_id,
        )
    return found[-1]


def said_before(slip: Payment) -> dict[str, str]:
    """What who decides reads of a booking that was taken back. Raises Conflict for one that stands."""
    last = taken_back(slip)
    if last is None or last.back_on is None:
        return {}
    return {"booked": f"{last.booked_on}, transfer {last.transfer_id}", "taken back": last.back_on.isoformat()}


def book(*, slip: Payment, kind: str, tax: str, amount: Money, narrative: str, at: datetime) -> int:
    """The tax leaves the settlement account, once by this slip's number among the bookings that stand; the transfer.

    It is booked on the slip's day. After one was taken back it is booked on the day of the new booking, so that the
    books of no day say it twice; the slip's day stands beside it. Raises Conflict, and what posting raises.
    """
    in_turn(f"taxes/prn/{slip.prn}")  # the reference would refuse the second as well, in other words
    last = taken_back(slip)
    posted = ledger.post(
        reference=reference_of(slip.prn, last.nth + 1 if last else 1),
        kind=kind,
        narrative=f"{narrative} to the revenue authority, PRN {slip.prn}",
        legs=[
            ledger.debit(ledger.gl(PURPOSE[tax], amount.currency), amount),
            ledger.credit(ledger.gl("bank:settlement", amount.currency), amount),
        ],
        details=slip.facts | ({"instead_of": last.transfer_id} if last else {}),
        booked_on=local_date(at) if last else slip.paid_on,
        at=at,
    )
    return posted.transfer_id
