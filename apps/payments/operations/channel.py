"""What may leave in a day by a door that asks for less proof than the others: a limit below the tier's."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.payments.errors import ChannelLimit
from apps.payments.models import Door, Payment, PaymentStatus
from apps.users import operations as people
from apps.users.models import User

_COUNTS = [
    PaymentStatus.COMPLETED,
    PaymentStatus.REVERSED,
    PaymentStatus.HELD,
    PaymentStatus.PENDING,
    PaymentStatus.CHECKING,
]


def ussd_limit() -> Money:
    """How much may leave by USSD in a day of the bank, in shillings: a setting."""
    return Money(settings.USSD_DAILY_LIMIT * 100, "KES")


def used_by_ussd(user: User, at: datetime) -> Money:
    """What left by USSD today or is under way; what came back does not count."""
    began = day_start(local_date(at))
    today = Q(confirmed_at__gte=began) | Q(confirmed_at=None, completed_at__gte=began)
    rows = Payment.objects.filter(today, payer=user, channel=Door.USSD, status__in=_COUNTS, currency="KES")
    return Money(rows.aggregate(minor=Sum("amount_minor"))["minor"] or 0, "KES")


def require_room_today(payment: Payment, at: datetime) -> None:
    """Whether this payment still fits into the day, within the transaction that moves it. Raises ChannelLimit.

    Two payments of one person at once wait for each other here, so together they cannot pass the limit.
    """
    people.hold_ussd(user=payment.payer)
    limit = ussd_limit()
    left = limit - used_by_ussd(payment.payer, at)
    if payment.amount > left:
        words = _("By USSD up to %(limit)s a day; %(left)s is left today. No money moved. The app takes more.")
        raise ChannelLimit(words % {"limit": limit, "left": left}, limit=str(limit), left=str(left))
