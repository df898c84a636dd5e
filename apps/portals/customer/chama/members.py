"""Who belongs to a group: taken in, invited, given roles while it forms; and leaving, with the settlement shown."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.chamas import operations
from apps.chamas.models import (
    CHOOSES_WHEN_TO_HEAR,
    BalanceConfirmation,
    GroupInvitation,
    GroupInvitationStatus,
    GroupRole,
    GroupStatus,
    Hears,
    LeaveNotice,
    Membership,
    MembershipStatus,
)
from apps.chamas.operations.leave import hindrances
from apps.chamas.policies import INVITES_TOO_OFTEN
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.chama.room import Room, chosen, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import PhoneField, Sheet
from apps.portals.customer.pages import done

HINDERS: dict[str, Promise] = {
    "notice": _("The days of notice are not over, or you have not given notice."),
    "officer": _("You are an officer: let the members elect another one first."),
    "guarantor": _("You stand for a loan that is not paid back."),
    "merry_go_round": _("You are in a merry-go-round that is not over: others have paid for you, or you for them."),
    "appeal": _("The group still decides on a fine of yours."),
    "owes_more_than_saved": _("You owe the group more than you have in it."),
}


class Invite(Sheet):
    """Whom."""

    where = {"already_member": "phone", "too_many": "phone"}
    phone = PhoneField(
        label=_("Their phone"), autocomplete="off", error_messages={"required": _("Write the phone to ask.")}
    )


@require_http_methods(["GET", "POST"])
@customer_page
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody, by number; for officers who asks to come in and who was invited."""
    room = room_of(request, slug)
    form = Invite(posted(request))
    if form.is_bound and form.is_valid():
        try:
            # Each one sends an SMS to a number of the sender's choice.
            require("otp", caller_of(request), INVITES_TOO_OFTEN)
            operations.invite(group=room.group, phone=form.cleaned_data["phone"], by=room.user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Asked by SMS. They answer in their own KitBank, under Chama."))
            return on(request, room, "members")
    return shown(request, room, "members", form, **_people(room))


def _people(room: Room) -> dict[str, Any]:
    rows = Membership.objects.filter(group=room.group).select_related("user").order_by("number")
    there = list(rows.filter(status__in=[MembershipStatus.ACTIVE, MembershipStatus.ASKED]))
    sent = GroupInvitation.objects.filter(
        group=room.group, status=GroupInvitationStatus.OPEN, expires_at__gt=now()
    ).order_by("-pk")
    looks = room.is_officer or room.me.role == GroupRole.AUDITOR
    confirmed = _confirmed(room) if looks else {}
    may_give = room.me.role == GroupRole.CHAIR and room.group.status == GroupStatus.FORMING
    return {
        "members": [(one, confirmed.get(one.pk)) for one in there if one.status == MembershipStatus.ACTIVE],
        "askers": [one for one in there if one.status == MembershipStatus.ASKED] if room.is_officer else [],
        "sent": sent if room.is_officer else [],
        "hears": operations.hears(room.me),
        "hear_choices": Hears.choices if room.me.role in CHOOSES_WHEN_TO_HEAR else [],
        "roles": GroupRole.choices if may_give else [],
        "leaving": set(
            LeaveNotice.objects.filter(member__group=room.group, withdrawn_at=None, settled_at=None).values_list(
                "member_id", flat=True
            )
        ),
    }


def _confirmed(room: Room) -> dict[int, datetime]:
    """By member, when they last found their balance right."""
    rows = BalanceConfirmation.objects.filter(member__group=room.group)
    return dict(rows.values_list("member").annotate(Max("at")).order_by())


@require_POST
@customer_page
def member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody in who asked, or not; give a role while the group comes together."""
    room = room_of(request, slug)
    one = get_object_or_404(Membership.objects.filter(group=room.group).select_related("group", "user"), pk=pk)
    answer = request.POST.get("answer", "")
    if answer in ("yes", "no"):
        operations.decide_on_asker(member=one, take_in=answer == "yes", by=room.user, at=now())
        messages.success(request, gettext("They belong to the group now.") if answer == "yes" else gettext("Declined."))
    else:
        operations.give_role(member=one, role=request.POST.get("role", ""), by=room.user, at=now())
        messages.success(request, gettext("The role was given."))
    return on(request, room, "members")


@require_POST
@customer_page
def hear(request: HttpRequest, slug: str) -> HttpResponse:
    """When an officer hears of what members pay in."""
    room = room_of(request, slug)
    hears = chosen(request, "hears", *Hears.values)
    operations.choose_when_to_hear(group=room.group, hears=hears, by=room.user, at=now())
    messages.success(request, gettext("So you will hear of it."))
    return on(request, room, "members")


@require_POST
@customer_page
def uninvite(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Take an invitation back before it is answered."""
    room = room_of(request, slug)
    row = get_object_or_404(GroupInvitation.objects.select_related("group"), group=room.group, public_id=public_id)
    operations.withdraw_invitation(invitation=row, by=room.user, at=now())
    messages.success(request, gettext("Taken back."))
    return on(request, room, "members")


@require_http_methods(["GET", "POST"])
@customer_page
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """What one would take along today and what stands in the way; giving notice, or taking it back."""
    room = room_of(request, slug)
    at = now()
    if room.group.status == GroupStatus.FORMING:
        return _leave_forming(request, room)
    if not room.is_active:  # there is nothing to settle once it is closed
        return on(request, room, "members")
    if request.method == "POST":
        if chosen(request, "answer", "stay", "leave") == "stay":
            operations.withdraw_notice(group=room.group, by=room.user, at=at)
            messages.success(request, gettext("You stay."))
        else:
            operations.give_notice(group=room.group, by=room.user, at=at)
            messages.success(request, gettext("Noted. The group settles with you after the days of notice."))
        return on(request, room, "leave")
    done = operations.settlement_of(room.me, at=at)
    currency = room.group.currency
    parts = [
        (_("Savings"), done.savings),
        (_("Share capital"), done.shares),
        (_("Paid ahead"), done.ahead),
        (_("What is left of your loan"), -done.principal),
        (_("Interest"), -done.interest),
        (_("Fines"), -done.fines),
        (_("Fee for leaving"), -done.fee),
    ]
    return shown(
        request,
        room,
        "leave",
        parts=[(name, Money(minor, currency)) for name, minor in parts if minor],
        net=Money(done.net, currency),
        hinders=[HINDERS[code] for code in hindrances(room.me, at=at)],
        notice=LeaveNotice.objects.filter(member=room.me, withdrawn_at=None, settled_at=None).first(),
    )


def _leave_forming(request: HttpRequest, room: Room) -> HttpResponse:
    """Before it begins one leaves at once: nothing was paid in."""
    if request.method == "POST":
        operations.leave_forming(group=room.group, by=room.user, at=now())
        messages.success(request, gettext("You have left the group."))
        return done(request, "chama")
    return shown(request, room, "leave_forming")


@require_POST
@customer_page
def renew_join_code(request: HttpRequest, slug: str) -> HttpResponse:
    """Another code instead of the one that went to somebody it was not meant for."""
    room = room_of(request, slug)
    operations.renew_join_code(group=room.group, by=room.user, at=now())
    messages.success(request, gettext("The group has a new code. Nobody can ask to join with the old one."))
    return on(request, room, "members")
