"""The receipt of a payment on paper: A4, our own font, both references, no balance."""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.kernel.clock import now
from apps.payments.models import Payment


def file_of(payment: Payment) -> HttpResponse:
    """The receipt as a PDF to download."""
    name = f"kitbank-{payment.reference}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf_of(payment), content_type="application/pdf", headers=headers)


def pdf_of(payment: Payment) -> bytes:
    """The receipt in the reader's language."""
    from weasyprint import HTML

    facts = {"payment": payment, "at": now(), "language": get_language()}
    page = render_to_string("portals/customer/pay/paper.html", facts)
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
