"""Statements as files: PDF with a QR code that leads to its check, CSV that no spreadsheet will run, JSON."""

import csv
import io

import segno
from django.conf import settings
from django.db.models import Model
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

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


# For programs: these words are the same in every language and stay.
_HEAD = ["date", "description", "reference", "amount", "balance", "currency"]
_ENDS = "Opening balance", "Closing balance"
_HEAD_FOR_PEOPLE = [_("Date"), _("Description"), _("Reference"), _("Amount"), _("Balance"), _("Currency")]
_ENDS_FOR_PEOPLE = _("Opening balance"), _("Closing balance")


def file_of(row: Statement, view: StatementView, kind: str, *, for_people: bool = False) -> HttpResponse:
    """The statement as `csv` or `pdf`, as an attachment; a CSV `for_people` in the language of now, see `csv_of`."""
    is_csv = kind == "csv"
    made = csv_of(row, view, for_people=for_people) if is_csv else pdf_of(row, view)
    content_type = "text/csv; charset=utf-8" if is_csv else "application/pdf"
    name = f"kitbank-{view.account.number[-4:]}-{view.from_date}-{view.to_date}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=content_type, headers=disposition)


def csv_of(row: Statement, view: StatementView, *, for_people: bool = False) -> bytes:
    """One row a line, amounts in major units, opening and closing as rows of their own.

    `for_people` has its words in the language of now; without, those of the API, which are the same in every language.
    """
    head, (first, last) = (_HEAD_FOR_PEOPLE, _ENDS_FOR_PEOPLE) if for_people else (_HEAD, _ENDS)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(head)
    currency = view.account.currency
    sheet.writerow([view.from_date, first, "", "", view.opening.amount, currency])
    for line in view.rows:
        amount, balance = Money(line.amount_minor, currency).amount, Money(line.balance_minor, currency).amount
        words = read_now(line.description) if for_people else line.description
        sheet.writerow([line.booked_on, safe_cell(words), safe_cell(line.reference), amount, balance, currency])
    sheet.writerow([view.to_date, last, str(row.pk), "", view.closing.amount, currency])
    return out.getvalue().encode("utf-8-sig" if for_people else "utf-8")  # so that Excel reads names with accents


def pdf_of(row: Statement, view: StatementView) -> bytes:
    """A4, with the bank's own font, and a QR code to the page that checks it."""
    from weasyprint import HTML

    address = check_address(row)
    rows = [(line, read_now(line.description)) for line in view.rows]
    context = {"statement": row, "view": view, "rows": rows, "language": get_language()}
    context |= {"address": address, "qr": qr_of(address)}
    page = render_to_string("messages/accounts/statement.html", context)
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
