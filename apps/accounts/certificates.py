"""The certificate of a deposit, as PDF."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.accounts import interest
from apps.accounts.models import FixedDeposit
from apps.accounts.rules.interest import simple, to_the_nearest
from apps.kernel.clock import local_date
from apps.kernel.money import Money


def file_of(deposit: FixedDeposit, *, at: datetime) -> HttpResponse:
    """What was agreed, and what it comes to when it runs to its end, as an attachment."""
    from weasyprint import HTML

    days = (deposit.matures_on - deposit.starts_on).days
    gross = Money(to_the_nearest(simple(deposit.principal_minor, deposit.rate, days)), deposit.currency)
    tax = gross.times(interest.withholding_rate(local_date(at)))
    context = {
        "deposit": deposit,
        "at": at,
        "days": days,
        "gross": gross,
        "tax": tax,
        "total": deposit.principal + gross - tax,
        "language": get_language(),
    }
    page = render_to_string("messages/accounts/certificate.html", context)
    name = f"kitbank-deposit-{deposit.account.number[-4:]}.pdf"
    made = bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=disposition)
