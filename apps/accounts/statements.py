"""Statements as files: PDF with a QR code that leads to its check, CSV that no spreadsheet will run, JSON."""

import csv
import io

import segno
from django.conf import settings
from django.db.models import Model
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.accounts.models import Statement
from apps.accounts.queries import StatementView
from apps.accounts.wording import read_now
from apps.kernel.cells import safe_cell
from apps.kernel.money import Money


def check_address(row: Model) -> str:
    """Where anyone who holds a statement of that number can have it checked."""
    return f"{settings.PUBLIC_ADDRESS}/verify/{row.pk}"


def qr_of(address: str) -> str:
    """A QR code of an address, as the data of an image."""
    return str(segno.make(address, error="m").svg_data_uri(scale=3, border=0))


def file_of(row: Statement, view: StatementView, kind: str) -> HttpResponse:
    """The statement as `csv` or `pdf`, as an attachment."""
    made = {"csv": (csv_of, "text/csv; charset=utf-8"), "pdf": (pdf_of, "application/pdf")}
    make, content_type = made[kind]
    name = f"kitbank-{view.account.number[-4:]}-{view.from_date}-{view.to_date}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(make(row, view), content_type=content_type, headers=disposition)


def csv_of(row: Statement, view: StatementView) -> bytes:
    """One row a line, amounts in major units, opening and closing as rows of their own."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["date", "description", "reference", "amount", "balance", "currency"])
    currency = view.account.currency
    sheet.writerow([view.from_date, "Opening balance", "", "", view.opening.amount, currency])
    for line in view.rows:
        amount, balance = Money(line.amount_minor, currency).amount, Money(line.balance_minor, currency).amount
        sheet.writerow(
            [line.booked_on, safe_cell(line.description), safe_cell(line.reference), amount, balance, currency]
        )
    sheet.writerow([view.to_date, "Closing balance", str(row.pk), "", view.closing.amount, currency])
    return out.getvalue().encode()


def pdf_of(row: Statement, view: StatementView) -> bytes:
    """A4, with the bank's own font, and a QR code to the page that checks it."""
    from weasyprint import HTML

    address = check_address(row)
    rows = [(line, read_now(line.description)) for line in view.rows]
    context = {"statement": row, "view": view, "rows": rows, "language": get_language()}
    context |= {"address": address, "qr": qr_of(address)}
    page = render_to_string("messages/accounts/statement.html", context)
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
