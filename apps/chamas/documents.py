"""Papers of a group: the statement of a period and the minutes of a meeting, as PDF."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from apps.chamas.models import GroupRole, Minutes
from apps.chamas.statement_files import name_of
from apps.chamas.statements import Statement


def statement_of(view: Statement, *, at: datetime) -> HttpResponse:
    """A statement on paper."""
    return _file("statement", {"view": view, "at": at}, name_of(view, "pdf"))


def minutes_of(minutes: Minutes, *, at: datetime) -> HttpResponse:
    """Minutes with agenda, who came, and the names under this very version."""
    meeting = minutes.meeting
    signed = list(minutes.signatures.select_related("member__user").order_by("at", "pk"))
    facts = {
        "minutes": minutes,
        "meeting": meeting,
        "attendance": list(meeting.attendance.select_related("member__user").order_by("member__number")),
        "signatures": signed,
        "are_signed": {GroupRole.CHAIR, GroupRole.SECRETARY} <= {row.member.role for row in signed},
        "at": at,
    }
    return _file("minutes", facts, f"{meeting.group.slug}-minutes-{meeting.number}-{minutes.version}.pdf")


def _file(what: str, facts: dict[str, Any], name: str) -> HttpResponse:
    from weasyprint import HTML

    page = render_to_string(f"messages/chamas/{what}.html", facts | {"language": get_language()})
    made = bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=disposition)
