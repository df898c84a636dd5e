"""The businesses one banks for: registering one, its members, invitations sent and received."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import PhoneField, Sheet
from apps.portals.customer.join import TOO_OFTEN
from apps.portals.customer.pages import done, show
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.models import BusinessInvitation, BusinessKind, BusinessMember, BusinessProfile, BusinessRole, User


class Register(Sheet):
    """A business to bank for."""

    where = {"business_registered": "registration_number"}
    name = forms.CharField(label=_("Name"), max_length=100, error_messages={"required": _("Write the name.")})
    kind = forms.ChoiceField(label=_("Kind"), choices=BusinessKind.choices)
    registration_number = forms.CharField(
        label=_("Registration number"),
        max_length=40,
        error_messages={"required": _("Write the registration number.")},
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )


class Invite(Sheet):
    """Somebody to belong to it."""

    where = {"invalid": "phone"}
    phone = PhoneField(label=_("Their phone number"), autocomplete="off")
    role = forms.ChoiceField(label=_("Role"), choices=BusinessRole.choices, initial=BusinessRole.SIGNATORY)


@require_http_methods(["GET", "POST"])
@customer_page
def businesses(request: HttpRequest) -> HttpResponse:
    """One's own businesses, invitations that wait for an answer, and registering another."""
    user = signed_in(request)
    form = Register(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = operations.register_business(by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Registered. You are its first owner."))
            return done(request, "business", made.pk)
    asked = BusinessInvitation.objects.open(now()).to_person(user).select_related("business", "invited_by")
    mine = BusinessMember.objects.filter(user=user, left_at=None, business__closed_at=None).select_related("business")
    return show(request, "settings/businesses", form, mine=mine.order_by("-business"), asked=asked.order_by("-pk"))


@require_POST
@customer_page
def answer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Yes or no to an invitation."""
    user = signed_in(request)
    mine = BusinessInvitation.objects.to_person(user).select_related("business")
    invitation = get_object_or_404(mine, public_id=public_id)
    if request.POST.get("answer") == "yes":
        operations.accept_invitation(invitation=invitation, by=user, at=now())
        messages.success(request, gettext("You belong to it now."))
        return done(request, "business", invitation.business_id)
    if request.POST.get("answer") == "no":
        operations.decline_invitation(invitation=invitation, by=user, at=now())
        messages.success(request, gettext("Declined. Nobody is told why."))
    return done(request, "businesses")


@require_http_methods(["GET", "POST"])
@customer_page
def business(request: HttpRequest, pk: int) -> HttpResponse:
    """One business: what it is, who belongs to it, and for its owners whom they asked."""
    user = signed_in(request)
    row = get_object_or_404(BusinessProfile.objects.visible_to(user).select_related("party").with_members(), pk=pk)
    form = Invite(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("otp", caller_of(request), TOO_OFTEN)  # each one sends an SMS to a number of the sender's choice
            operations.invite_member(business=row, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Asked by SMS. They answer in their own KitBank, under Settings."))
            return done(request, "business", row.pk)
    return show(request, "settings/business", form, row=row, **_around(row, user))


def _around(row: BusinessProfile, user: User) -> dict[str, Any]:
    members: list[BusinessMember] = row.present  # type: ignore[attr-defined]  # by `with_members`
    me = next(member for member in members if member.user_id == user.pk)
    owns = me.role == BusinessRole.OWNER
    sent = BusinessInvitation.objects.open(now()).filter(business=row) if owns else BusinessInvitation.objects.none()
    return {"me": me, "owns": owns, "members": members, "sent": sent.order_by("-pk"), "roles": BusinessRole.choices}


@require_POST
@customer_page
def change_member(request: HttpRequest, pk: int, member_id: int) -> HttpResponse:
    """Another role, or off the list; one may take oneself off."""
    user = signed_in(request)
    row = get_object_or_404(BusinessProfile.objects.visible_to(user), pk=pk)
    present = BusinessMember.objects.select_related("business").filter(business=row, left_at=None)
    member = get_object_or_404(present, pk=member_id)
    if "remove" in request.POST:
        operations.remove_member(member=member, by=user, at=now())
        if member.user_id == user.pk:
            messages.success(request, gettext("You left. What you did in its name stays on record."))
            return done(request, "businesses")
        messages.success(request, gettext("Taken off. They can do nothing in its name any more."))
    else:
        operations.change_member(member=member, role=request.POST.get("role", ""), by=user, at=now())
        messages.success(request, gettext("The role was changed."))
    return done(request, "business", row.pk)


@require_POST
@customer_page
def withdraw(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """Take an invitation back before it is answered."""
    user = signed_in(request)
    row = get_object_or_404(BusinessProfile.objects.visible_to(user), pk=pk)
    sent = BusinessInvitation.objects.select_related("business").filter(business=row)
    operations.withdraw_invitation(invitation=get_object_or_404(sent, public_id=public_id), by=user, at=now())
    messages.success(request, gettext("Taken back."))
    return done(request, "business", row.pk)


@require_POST
@customer_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close its profile."""
    user = signed_in(request)
    row = get_object_or_404(BusinessProfile.objects.visible_to(user), pk=pk)
    operations.close_business(business=row, by=user, at=now())
    messages.success(request, gettext("Closed. What was done in its name stays on record."))
    return done(request, "businesses")
