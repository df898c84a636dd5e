"""From which amount on a sale is a large one, of which shops hear."""

from django.utils.translation import gettext_lazy as _

from apps.accounts.operations.floor import Floor
from apps.kernel.clock import day_start
from apps.payments import queries
from apps.payments.errors import BadLargeSale
from apps.payments.models import SaleAlertFloor
from apps.payments.operations.shop import CURRENCY

LARGE_SALE = Floor(
    kind="payments.change_large_sale",
    label=_("From which amount on a sale is large"),
    subject="payments/large-sales",
    action="payments.large_sale.changed",
    lacks_right=_("You do not hold the right to change from which amount on a sale is large."),
    refused=BadLargeSale,
    currency=CURRENCY,
    held=lambda on: queries.large_sale(CURRENCY, day_start(on)),
    row=lambda minor, valid_from: SaleAlertFloor(currency=CURRENCY, amount_minor=minor, valid_from=valid_from),
)
