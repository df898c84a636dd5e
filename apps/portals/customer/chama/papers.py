"""Showing the bank what the group is: what it may do until then, the papers, and handing them in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.chamas import operations
from apps.chamas.models import GroupCheck, GroupCheckStatus, GroupPaper, GroupPaperKind
from apps.chamas.operations.verify import NEEDED
from apps.chamas.operations.within import allowances
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.kyc.rules.images import MOST_BYTES
from apps.portals.customer.chama.investments import BringFile
from apps.portals.customer.chama.room import Room, on, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.inbox import TOO_MANY


class BringPaper(BringFile):
    """What it is, and the file."""

    kind = forms.ChoiceField(label=_("What it is"), choices=[(kind.value, kind.label) for kind in NEEDED])
    field_order = ("kind", "file")


@require_http_methods(["GET", "POST"])
@customer_page
def papers(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the group stands with the bank. POST adds a paper, for officers."""
    room = room_of(request, slug)
    form = BringPaper(request.POST, request.FILES) if request.method == "POST" else BringPaper()
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            file = form.cleaned_data["file"]
            operations.bring_paper(
                group=room.group, kind=form.cleaned_data["kind"], raw=file.read(MOST_BYTES + 1), name=file.name,
                by=room.user, at=now(),
            )  # fmt: skip
        except DomainError as no:
            form.refuse(no, "file")
        else:
            messages.success(request, gettext("The paper is kept. Members of the group and the bank can open it."))
            return on(request, room, "papers")
    return _page(request, room, form)


@require_POST
@customer_page
def hand_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand the newest of each in."""
    room = room_of(request, slug)
    try:
        operations.hand_in(group=room.group, is_registered="unregistered" not in request.POST, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, BringPaper(), no)
    messages.success(request, gettext("Handed in. You hear from us within 48 hours."))
    return on(request, room, "papers")


def _page(request: HttpRequest, room: Room, form: BringPaper, no: DomainError | None = None) -> HttpResponse:
    newest = GroupPaper.objects.filter(group=room.group, kind__in=NEEDED).order_by("kind", "-pk").distinct("kind")
    there = {one.kind: one for one in newest}
    last = GroupCheck.objects.filter(group=room.group).order_by("-pk").first()
    facts: dict[str, Any] = {
        "rows": [(GroupPaperKind(kind).label, there.get(kind)) for kind in NEEDED],
        "limits": allowances(room.group, on=local_date(now())),
        "last": last,
        "names_refused": [GroupPaperKind(kind).label for kind in last.refused] if last else [],
        "is_waiting": last is not None and last.status == GroupCheckStatus.IN_REVIEW,
        "may_bring": room.is_officer and not room.group.is_verified and room.group.status != "CLOSED",
        "refused": str(no) if no else "",
    }
    if no:
        return shown(request, room, "papers", **facts | {"upload": form, "status": no.status})
    return shown(request, room, "papers", form, **facts | {"upload": form})
