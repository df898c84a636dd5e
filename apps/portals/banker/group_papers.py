"""Papers of groups at the desk: the queue by what was promised, and one group's papers beside its officers."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.chamas import operations
from apps.chamas.models import GroupCheck, GroupPaper, GroupPaperKind, Membership
from apps.chamas.operations.verify import RIGHT
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.api.papers import only_to_look_at
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 100


class Decide(Sheet):
    """What was found."""

    act = forms.ChoiceField(choices=[("verify", "verify"), ("refuse", "refuse")], widget=forms.HiddenInput)
    kinds = forms.MultipleChoiceField(
        label=_("Which will not do (none: all)"),
        choices=GroupPaperKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 2}))


@require_GET
@staff_page(RIGHT)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the soonest promised first, and what was decided last."""
    at = now()
    rows = GroupCheck.objects.select_related("group", "decided_by", "asked_by")
    waiting = [(row, row.is_late(at)) for row in rows.waiting()[:MOST]]
    decided = rows.exclude(decided_at=None).order_by("-decided_at")[:15]
    return page(request, "group_queue", waiting=waiting, decided=decided, at=at, place="group-queue")


@staff_page(RIGHT)
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One: its papers, its officers and their tiers, and the decision; nobody decides on their own group."""
    row, staff = _row(public_id), signed_in(request)
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said, onward = _done(row, staff, form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
            row = _row(public_id)
        else:
            messages.success(request, said)
            return go(request, onward)
    officers = Membership.objects.officers().filter(group=row.group).select_related("user").order_by("number")
    own = Membership.objects.filter(group=row.group, user=staff).exists()
    return page(
        request,
        "group_check",
        status=form.status,
        place="group-queue",
        form=form,
        row=row,
        papers=row.papers.order_by("kind"),
        refused=[GroupPaperKind(kind).label for kind in row.refused],
        officers=officers,
        members=Membership.objects.active().filter(group=row.group).count(),
        may_decide=row.status == "IN_REVIEW" and row.asked_by_id is None and not own,
    )


def _row(public_id: UUID) -> GroupCheck:
    rows = GroupCheck.objects.select_related("group", "handed_in_by", "asked_by", "decided_by")
    found: GroupCheck = get_object_or_404(rows, public_id=public_id)
    return found


def _done(row: GroupCheck, staff: Any, asked: dict[str, Any]) -> tuple[str, str]:
    """What was done, in words, and where to go."""
    if asked["act"] == "verify":
        approval = operations.ask_to_verify(check=row, reason=asked["reason"], by=staff, at=now())
        return _now("Asked. Another member of staff decides."), reverse("admin:approval", args=[approval.pk])
    operations.refuse_papers(check=row, reason=asked["reason"], kinds=asked["kinds"], by=staff, at=now())
    return _now("The officers are told."), reverse("admin:group-queue")


@require_GET
@staff_page(RIGHT)
def paper(request: HttpRequest, public_id: UUID, paper_id: UUID) -> HttpResponse:
    """The file of one paper; the look is written down first."""
    row = _row(public_id)
    one = get_object_or_404(GroupPaper, public_id=paper_id)
    body = operations.look_at_handed_in(check=row, paper=one, by=signed_in(request), at=now())
    return only_to_look_at(body, one.media_type)
