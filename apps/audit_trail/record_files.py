"""Records as a file: CSV, Excel or PDF; bounded, and itself written down."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations, policies, queries
from apps.audit_trail.errors import TooManyRecords
from apps.audit_trail.models import AuditLog
from apps.kernel.cells import safe_cell
from apps.kernel.clock import local_date

MOST = {"csv": 50_000, "xlsx": 20_000, "pdf": 500}
_HEAD = ["id", "at", "actor", "action", "target", "customer", "reason", "before", "after", "ip_address", "request_id"]
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def file_of(question: queries.Question, *, kind: str, by: Any, at: datetime) -> HttpResponseBase:
    """What answers the question, newest first, as an attachment; that it was taken out is recorded first.

    Personal data was struck out when the records were written. Raises NotAllowed, TooManyRecords above `MOST` of the
    kind, and what `queries.ask` raises.
    """
    policies.require_may_view(by)
    found = queries.ask(question, at=at).seen_by(by).select_related("actor").order_by("-pk")
    count = found[: MOST[kind] + 1].count()
    if count > MOST[kind]:
        most = f"{MOST[kind]:,}"
        raise TooManyRecords(_("That is more than %(most)s records. Narrow it down first.") % {"most": most})
    asked = question.asked()
    operations.record(
        "audit_trail.records.exported", on="audit_trail", by=by, at=at, after={"kind": kind, "records": count, **asked}
    )
    named = {"Content-Disposition": f'attachment; filename="audit-{local_date(at)}.{kind}"'}
    if kind == "csv":
        return StreamingHttpResponse(_csv_of(found), content_type=KINDS[kind], headers=named)
    made = _workbook_of(found) if kind == "xlsx" else _pdf_of(found, asked, at)
    return HttpResponse(made, content_type=KINDS[kind], headers=named)


def _cells(row: AuditLog) -> list[Any]:
    facts = [json.dumps(held, ensure_ascii=False) if held else "" for held in (row.before, row.after)]
    words = [str(row.actor or ""), row.action, row.target, str(row.customer_id or ""), row.reason, *facts]
    return [row.pk, row.at.isoformat(), *map(safe_cell, words), row.ip_address or "", row.request_id]


def _csv_of(found: Any) -> Iterator[str]:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(_HEAD)
    for row in found.iterator(chunk_size=1000):
        sheet.writerow(_cells(row))
        if out.tell() > 32_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _workbook_of(found: Any) -> bytes:
    from openpyxl import Workbook  # half a second to load, which only this needs

    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Records")
    sheet.append(_HEAD)
    for row in found.iterator(chunk_size=1000):
        sheet.append(_cells(row))
    book.save(out)
    return out.getvalue()


def _pdf_of(found: Any, asked: dict[str, Any], at: datetime) -> bytes:
    from weasyprint import HTML

    facts = {"rows": found, "asked": asked, "at": at, "language": get_language()}
    page = render_to_string("messages/audit_trail/records.html", facts)
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
