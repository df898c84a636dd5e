"""What members say is wrong with a row or with minutes, and the officers' answers: the part both pages share."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.chamas import operations
from apps.chamas.models import GroupDispute, GroupDisputeStatus
from apps.kernel.clock import now
from apps.portals.customer.chama.room import Room, chosen, on, room_of
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet


class Wrong(Sheet):
    """What is wrong."""

    text = forms.CharField(
        label=_("What is wrong with it"),
        max_length=300,
        error_messages={"required": _("Say what is wrong.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def said_of(room: Room, disputes: QuerySet[GroupDispute]) -> dict[str, Any]:
    """The disputes, the newest first, each with whether it is this member's to answer; whether they may add one."""
    rows = disputes.select_related("raised_by__user", "answered_by", "entry", "minutes").order_by("-pk")
    found = [(one, one.status == GroupDisputeStatus.OPEN) for one in rows]
    return {
        "disputes": [
            (one, is_open and room.is_officer and one.raised_by_id != room.me.pk and not one.is_about(room.me))
            for one, is_open in found
        ],
        "is_disputed": any(is_open for _one, is_open in found),
        "may_dispute": not any(is_open and one.raised_by_id == room.me.pk for one, is_open in found),
    }


@require_POST
@customer_page
def answer(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """An officer whom it does not concern answers; who raised it may take it back."""
    room = room_of(request, slug)
    rows = GroupDispute.objects.filter(group=room.group).select_related("group", "entry", "minutes__meeting")
    one = get_object_or_404(rows, public_id=public_id)
    said = chosen(request, "answer", "right", "wrong", "back")
    if said == "back":
        operations.withdraw_dispute(dispute=one, by=room.user, at=now())
        messages.success(request, gettext("Taken back."))
    else:
        text = request.POST.get("text", "")
        operations.answer_dispute(dispute=one, is_right=said == "right", answer=text, by=room.user, at=now())
        messages.success(request, _answered(one))
    if one.minutes is not None:
        return on(request, room, "meeting", one.minutes.meeting.public_id)
    return on(request, room, "row", one.entry_id)


def _answered(one: GroupDispute) -> str:
    if one.minutes is not None:
        return gettext("Answered. What was wrong is put right by another version.")
    return gettext("Answered. What was wrong is put right by another row.")
