"""Settlements as files: every sale of the day with what was given back, then fee, duty and what was paid out."""

import csv
import io
from typing import Any

import segno
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.kernel.cells import safe_cell
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.models import Merchant, Settlement
from apps.payments.queries import takings_of

KINDS = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


def report(row: Settlement, kind: str) -> HttpResponse:
    """The settlement as `csv` or `pdf`, in the reader's language."""
    made = csv_of(row) if kind == "csv" else _pdf("messages/payments/settlement.html", _facts(row))
    return _file(made, kind, f"kitbank-{row.merchant.till}-{row.day}")


def poster(merchant: Merchant) -> HttpResponse:
    """The shop's open code on an A4 page for its wall."""
    text = operations.code_of_merchant(merchant)
    code = segno.make(text, error="m").svg_data_uri(scale=8, border=0)
    return _file(
        _pdf("messages/payments/poster.html", {"merchant": merchant, "qr": code, "text": text}), "pdf", "kitbank-code"
    )


def csv_of(row: Settlement) -> bytes:
    """One sale a line, amounts in major units; the totals in rows of their own."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow([_("time"), _("reference"), _("from"), _("note"), _("amount"), _("given back"), _("currency")])
    for one in takings_of(row):
        at = f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}"
        words = [safe_cell(text) for text in (one.reference, one.payer, one.note)]
        sheet.writerow([at, *words, one.amount.amount, one.refunded.amount, row.currency])
    totals = [
        (_("Sales"), row.sales),
        (_("Given back"), row.refunds),
        (_("Fee"), row.fee),
        (_("Excise duty"), row.duty),
    ]
    for title, money in (*totals, (_("Paid out"), row.net)):
        sheet.writerow([row.day, row.reference, title, "", money.amount, "", row.currency])
    return out.getvalue().encode("utf-8-sig")  # so that Excel reads names with accents


def _facts(row: Settlement) -> dict[str, Any]:
    return {"row": row, "takings": takings_of(row), "at": now()}


def _pdf(template: str, facts: dict[str, Any]) -> bytes:
    from weasyprint import HTML

    page = render_to_string(template, facts | {"language": get_language()})
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(content, content_type=KINDS[kind], headers=disposition)
