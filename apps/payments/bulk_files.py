"""Batches as files: what became of each row, and the rows to correct, in a form that can be brought again."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.kernel.cells import safe_cell
from apps.kernel.money import Money
from apps.payments.models import BulkPayment, BulkRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE = (("phone or account", "name", "amount", "note"), ("0712 345 908", "Achieng Otieno", "1500.50", ""))


def report(bulk: BulkPayment, kind: str, *, only_bad: bool = False) -> HttpResponse:
    """Every row and what became of it, or only those that are not paid, as `csv` or `xlsx`."""
    rows = bulk.rows.select_related("payment").order_by("number")
    if only_bad:
        rows = rows.filter(status__in=["BAD", "FAILED"])
        table = [[_("phone or account"), _("name"), _("amount"), _("note"), _("problem")], *map(_to_correct, rows)]
    else:
        header = [_("line"), _("to"), _("name"), _("amount"), _("fee"), _("currency"), _("note"), _("known name")]
        table = [[*header, _("state"), _("reason"), _("reference")], *(_told(bulk, row) for row in rows)]
    what = "to-correct" if only_bad else "report"
    return _file([[safe_cell(str(cell)) for cell in row] for row in table], kind, f"{bulk.reference}-{what}")


def template() -> HttpResponse:
    """A file to begin with."""
    return _file([list(row) for row in TEMPLATE], "csv", "kitbank-bulk")


def _to_correct(row: BulkRow) -> list[str]:
    payee = row.typed.removeprefix("+")  # a plus begins a formula; without it the number reads the same
    return [payee, row.name_typed, row.amount_typed, row.note, str(row.get_error_display())]


def _told(bulk: BulkPayment, row: BulkRow) -> list[Any]:
    payment = row.payment.reference if row.payment else f"{bulk.reference}/{row.number}"
    amount = f"{row.amount.amount:f}" if row.amount else row.amount_typed
    fee = Money(row.fee_minor + row.duty_minor, row.currency)
    return [
        row.number,
        row.typed.removeprefix("+"),
        row.name_typed,
        amount,
        f"{fee.amount:f}",
        row.currency,
        row.note,
        row.payee_name,
        row.get_status_display(),
        row.get_error_display() if row.error else "",
        payment if row.status != "BAD" else "",
    ]


def _file(table: list[list[str]], kind: str, name: str) -> HttpResponse:
    content, content_type = (_xlsx(table), XLSX) if kind == "xlsx" else (_csv(table), "text/csv; charset=utf-8")
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)


def _csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")  # so that Excel reads names with accents


def _xlsx(table: list[list[str]]) -> bytes:
    import openpyxl  # half a second to load, which only this needs

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("KitBank")
    for row in _texts(sheet, table):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _texts(sheet: Any, table: list[list[str]]) -> Iterator[list[Any]]:
    """Cells that are text whatever stands in them."""
    from openpyxl.cell import WriteOnlyCell  # as above

    for row in table:
        cells = [WriteOnlyCell(sheet, value=text) for text in row]
        for cell in cells:
            cell.data_type, cell.number_format = "s", "@"
        yield cells
