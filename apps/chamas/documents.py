"""Papers of a group: the statement of a period and the minutes of a meeting, as PDF."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.accounts.statements import check_address, qr_of
from apps.chamas.models import GroupRole, GroupStatement, Minutes
from apps.chamas.statement_files import name_of
from apps.chamas.statements import Statement


def statement_of(row: GroupStatement, view: Statement) -> HttpResponse:
    """A statement on paper, with a QR code that leads to its check."""
    address = check_address(row)
    facts = {"view": view, "statement": row, "address": address, "qr": qr_of(address), "at": row.made_at}
    return _file("statement", facts, name_of(view, "pdf"))


def minutes_of(minutes: Minutes, *, at: datetime) -> HttpResponse:
    """Minutes with agenda, who came, and the names under this very version."""
    meeting = minutes.meeting
    signed = list(minutes.signatures.select_related("member__user").order_by("at", "pk"))
    facts = {
        "minutes": minutes,
        "meeting": meeting,
        "attendance": list(meeting.attendance.select_related("member__user").order_by("member__number")),
        "signatures": signed,
        "disputes": list(minutes.disputes.select_related("raised_by__user").order_by("pk")),
        "are_signed": {GroupRole.CHAIR, GroupRole.SECRETARY} <= {row.role for row in signed},
        "at": at,
    }
    return _file("minutes", facts, f"{meeting.group.slug}-minutes-{meeting.number}-{minutes.version}.pdf")


def _file(what: str, facts: dict[str, Any], name: str) -> HttpResponse:
    from weasyprint import HTML

    page = render_to_string(f"messages/chamas/{what}.html", facts | {"language": get_language()})
    made = bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=disposition)
