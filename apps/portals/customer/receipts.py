"""The receipt of a payment on paper: A4, our own font, both references, no balance."""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.kernel.clock import now
from apps.payments.models import Payment
from apps.payments.queries import gone_back


def file_of(payment: Payment) -> HttpResponse:
    """The receipt as a PDF to download."""
    name = f"kitbank-{payment.reference}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf_of(payment), content_type="application/pdf", headers=headers)


def pdf_of(payment: Payment) -> bytes:
    """The receipt in the reader's language."""
    from weasyprint import HTML

    return bytes(HTML(string=page_of(payment), base_url=str(settings.ROOT)).write_pdf())


def page_of(payment: Payment) -> str:
    """What is printed: with what of it went back, for a receipt is shown to others."""
    facts = {"payment": payment, "back": gone_back(payment), "at": now(), "language": get_language()}
    return render_to_string("portals/customer/pay/paper.html", facts)
