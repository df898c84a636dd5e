"""Whether a consent to pay covers one more payment: its payee, reference and amount, and what months and years so far
left. Asked under the lock of the consent, by the bank's own payments and by the sandbox's alike.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import day_start, local_date, month_bounds
from apps.kernel.money import Money
from apps.open_banking.errors import BeyondConsent
from apps.open_banking.models import Consent, Limits
from apps.open_banking.rules import Cap

Made = Callable[[datetime, datetime], tuple[int, int]]  # how many payments between two instants, and how much


def require_covered(
    consent: Consent, limits: Limits, *, payee_key: str, amount: Money, note: str, made: Made, at: datetime
) -> None:
    """Raises BeyondConsent, with the `limit` that stands in the way."""
    if limits.payee_key != payee_key:
        raise BeyondConsent(_("The customer allowed another payee. No money moved."))
    if note and limits.note and note != limits.note:
        raise BeyondConsent(_("The customer allowed another reference. No money moved."))
    fits = amount <= consent.amount if consent.is_recurring else amount == consent.amount
    if amount.currency != consent.currency or not fits:
        words = _("The customer allowed %(amount)s for one payment. No money moved.")
        raise BeyondConsent(words % {"amount": consent.amount}, limit="max_single_amount")
    require_room(limits.caps, amount, made, at)


_NAMES = {
    "MONTH": ("max_number_of_monthly_transactions", "max_monthly_amount"),
    "YEAR": ("max_number_of_yearly_transactions", "max_yearly_amount"),
    "EVER": ("max_number_of_transactions", "max_total_amount"),
}
_MANY = {
    "MONTH": _("The customer allowed %(n)s payments a month, and they were made. No money moved."),
    "YEAR": _("The customer allowed %(n)s payments a year, and they were made. No money moved."),
    "EVER": _("The customer allowed %(n)s payments in all, and they were made. No money moved."),
}
_MUCH = {
    "MONTH": _("The customer allowed %(most)s a month; %(left)s is left. No money moved."),
    "YEAR": _("The customer allowed %(most)s a year; %(left)s is left. No money moved."),
    "EVER": _("The customer allowed %(most)s in all; %(left)s is left. No money moved."),
}


def require_room(caps: Iterable[Cap], amount: Money, made: Made, at: datetime) -> None:
    """Whether each time has room for one more. Raises BeyondConsent, with the `limit` that stands in the way."""
    for cap in caps:
        if cap.count is None and cap.minor is None:
            continue
        count, spent = made(*_bounds(cap.period, at))
        many, much = _NAMES[cap.period]
        if cap.count is not None and count >= cap.count:
            raise BeyondConsent(_MANY[cap.period] % {"n": cap.count}, limit=many)
        if cap.minor is not None and spent + amount.minor > cap.minor:
            most, left = Money(cap.minor, amount.currency), Money(max(cap.minor - spent, 0), amount.currency)
            raise BeyondConsent(_MUCH[cap.period] % {"most": most, "left": left}, limit=much)


def _bounds(period: str, at: datetime) -> tuple[datetime, datetime]:
    """Months and years are the bank's calendar's."""
    today = local_date(at)
    first, last = month_bounds(today)
    if period == "YEAR":
        first, last = date(today.year, 1, 1), date(today.year, 12, 31)
    elif period == "EVER":
        first = date(2000, 1, 1)
    return day_start(first), day_start(last + timedelta(days=1))
