"""Whether a consent to pay covers one more payment: its payee, reference and amount, and what the months so far left.

Asked under the lock of the consent, by the bank's own payments and by the sandbox's alike.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import day_start, local_date, month_bounds
from apps.kernel.money import Money
from apps.open_banking.errors import BeyondConsent
from apps.open_banking.models import Consent, Limits

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
    if limits.monthly is not None:
        _require_room(limits, amount, made, at)


def _require_room(limits: Limits, amount: Money, made: Made, at: datetime) -> None:
    """Whether the month has room for one more. Months are the bank's calendar's."""
    first, last = month_bounds(local_date(at))
    count, spent = made(day_start(first), day_start(last + timedelta(days=1)))
    if count >= (limits.monthly_count or 0):
        words = _("The customer allowed %(n)s payments a month, and they were made. No money moved.")
        raise BeyondConsent(words % {"n": limits.monthly_count}, limit="max_number_of_monthly_transactions")
    if spent + amount.minor > (limits.monthly_minor or 0):
        left = Money((limits.monthly_minor or 0) - spent, amount.currency)
        words = _("The customer allowed %(most)s a month; %(left)s is left. No money moved.")
        raise BeyondConsent(words % {"most": limits.monthly, "left": left}, limit="max_monthly_amount")
