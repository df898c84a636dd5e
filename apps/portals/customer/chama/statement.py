"""Statements of a group and of its members, to look at, keep and share; and the minutes of a meeting on paper."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from apps.chamas import documents, operations, statement_files, statements
from apps.chamas.models import GroupRole, Membership, Minutes
from apps.chamas.policies import require_may_read
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.chama.room import Room, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.statements import TOO_MANY

LINES = 30  # of the latest movements on the page; a file has them all
_DAY = {"type": "date"}


class Period(Sheet):
    """From when to when, whose, and in which form."""

    where = {"invalid": "to_date"}
    from_date = forms.DateField(
        label=pgettext_lazy("day", "From"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY)
    )
    to_date = forms.DateField(label=pgettext_lazy("day", "To"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))
    of = forms.ChoiceField(label=_("Whose"))
    kind = forms.ChoiceField(
        label=_("As"),
        required=False,
        choices=[
            ("", _("On this page")),
            ("pdf", _("PDF, to print or send")),
            ("xlsx", _("Excel, for a spreadsheet")),
        ],
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of: Any = self.fields["of"]
        of.choices = [("", _("The whole group")), (str(room.me.number), _("My own"))]
        if room.is_officer or room.me.role == GroupRole.AUDITOR:
            others = Membership.objects.filter(group=room.group).exclude(pk=room.me.pk).select_related("user")
            of.choices += [
                (str(one.number), f"{one.number}. {one.user.full_name}") for one in others.order_by("number")
            ]
        of.required = False


@require_GET
@customer_page
def statement(request: HttpRequest, slug: str) -> HttpResponse:
    """What each fund held and holds, and every movement between; as a page, a file, or a text to share."""
    room, today = room_of(request, slug), local_date(now())
    begin = {"from_date": month_bounds(today)[0].isoformat(), "to_date": today.isoformat(), "of": "", "kind": ""}
    asked = {name: request.GET.get(name, value) for name, value in begin.items()}
    form = Period(asked, room=room)
    if not form.is_valid():
        return shown(request, room, "statement", form, view=None)
    try:
        period = _period(room, form.cleaned_data)
        if kind := form.cleaned_data["kind"]:
            require("money", caller_of(request), TOO_MANY)
            made = operations.make_statement(group=room.group, **period, by=room.user, at=now())
            return documents.statement_of(*made) if kind == "pdf" else statement_files.workbook_of(*made)
        view = statements.statement(room.group, **period)
    except DomainError as no:
        form.refuse(no)
        return shown(request, room, "statement", form, view=None)
    text = statement_files.text_of(view)
    return shown(
        request,
        room,
        "statement",
        form,
        view=view,
        lines=view.lines[-LINES:][::-1],
        hidden=max(len(view.lines) - LINES, 0),
        text=text,
        share=f"https://wa.me/?{urlencode({'text': text})}",
    )


def _period(room: Room, asked: dict[str, Any]) -> dict[str, Any]:
    """Which days, and whose."""
    member = None
    if asked["of"]:
        number = int(asked["of"])
        require_may_read(room.me, number)
        member = Membership.objects.select_related("user", "group").get(group=room.group, number=number)
    return {"first": asked["from_date"], "last": asked["to_date"], "member": member}


@require_GET
@customer_page
def minutes(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """The newest minutes of a meeting, as a PDF."""
    room = room_of(request, slug)
    rows = Minutes.objects.filter(meeting__group=room.group, meeting__public_id=public_id)
    newest = get_object_or_404(rows.order_by("-version").select_related("meeting__group")[:1])
    require("money", caller_of(request), TOO_MANY)
    return documents.minutes_of(newest, at=now())
