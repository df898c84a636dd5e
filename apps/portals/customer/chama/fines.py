"""Fines of a group: given by a rule, appealed by who got them, and paid with what one pays in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.chamas import operations, policies
from apps.chamas.models import Fine, FineStatus, FineWhy, Membership
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.customer.chama.room import Room, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.templatetags.kit import half_name, plain_money

MOST = 100


class Give(Sheet):
    """To whom, by which rule of the group's own."""

    member = forms.TypedChoiceField(label=_("Whom"), coerce=int)
    name = forms.ChoiceField(label=_("By which rule"))

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.active().filter(group=room.group).select_related("user").order_by("number")
        names = room.terms.other_fines.items()
        whom: Any = self.fields["member"]
        rule: Any = self.fields["name"]
        whom.choices = [(one.pk, half_name(one.user.full_name)) for one in people]
        rule.choices = [(name, f"{name}: {plain_money(Money(minor, room.group.currency))}") for name, minor in names]


@require_http_methods(["GET", "POST"])
@customer_page
def fines(request: HttpRequest, slug: str) -> HttpResponse:
    """All of them, one's own first; officers give one by a rule of the group."""
    room = room_of(request, slug)
    form = Give(posted(request), room=room)
    if form.is_bound:
        policies.require_officer(room.user, room.group)
    if form.is_bound and form.is_valid():
        try:
            _give(room, form)
        except DomainError as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, gettext("Fined. They are told, and may ask the group to look at it again."))
            return on(request, room, "fines")
    rows = Fine.objects.filter(group=room.group).select_related("member__user").order_by("-pk")[:MOST]
    found = [(row, row.member_id == room.me.pk) for row in rows]
    return shown(
        request,
        room,
        "fines",
        form,
        mine=[row for row, is_mine in found if is_mine],
        others=[row for row, is_mine in found if not is_mine],
        may_give=room.is_officer and room.is_active and bool(room.terms.other_fines),
        open_status=FineStatus.OPEN,
    )


def _give(room: Room, form: Give) -> None:
    """Once for a rule, a member and a day: a second press fines nobody twice."""
    name = form.cleaned_data["name"]
    member = get_object_or_404(
        Membership.objects.active().filter(group=room.group).select_related("group", "user"),
        pk=form.cleaned_data["member"],
    )
    cause = f"{local_date(now()):%F} {name}"
    operations.give_fine(member=member, why=FineWhy.NAMED, name=name, cause=cause, by=room.user, at=now())


@require_POST
@customer_page
def appeal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask the group to look at one's fine again; an officer or a member proposes what becomes of it."""
    room = room_of(request, slug)
    row = get_object_or_404(Fine.objects.filter(group=room.group).select_related("member"), pk=pk)
    operations.appeal(fine=row, says=request.POST.get("says", ""), by=room.user, at=now())
    messages.success(request, gettext("The group looks at it again. Until then you need not pay it."))
    return on(request, room, "fines")
