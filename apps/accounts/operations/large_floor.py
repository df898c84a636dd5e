"""From which amount on a payment is a large one."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts import queries
from apps.accounts.errors import BadLargePayment
from apps.accounts.models import LargePaymentFloor
from apps.accounts.operations.floor import Floor

LARGE_PAYMENT = Floor(
    kind="accounts.change_large_payment",
    label=_("From which amount on a payment is large"),
    subject="accounts/large-payments",
    action="accounts.large_payment.changed",
    lacks_right=_("You do not hold the right to change from which amount on a payment is large."),
    refused=BadLargePayment,
    currency=settings.HOME_CURRENCY,
    held=queries.large_payment,
    row=lambda minor, valid_from: LargePaymentFloor(amount_minor=minor, valid_from=valid_from),
)
