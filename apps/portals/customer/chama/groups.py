"""One's groups: what one has in each, joining by a code, and invitations."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.chamas import operations, queries
from apps.chamas.models import ChamaGroup, GroupInvitation
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.chama import waits
from apps.portals.customer.chama.room import chosen, posted
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in

TOO_MANY = _("Too many codes at once. Nothing was done; wait a minute and try again.")


class Join(Sheet):
    """The code of a group."""

    where = {"not_found": "code", "already_member": "code", "too_many": "code"}
    code = forms.CharField(
        label=_("Code of the group"),
        max_length=20,
        error_messages={"required": _("Write the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


@require_GET
@customer_page
def groups(request: HttpRequest) -> HttpResponse:
    """All of them, what waits in them, and the ways into another."""
    user, at = signed_in(request), now()
    found = queries.waiting_for(user, at=at)
    return show(
        request,
        "chama/groups",
        mine=queries.my_groups(user, found),
        todo=waits.lines([one for one in found if one.what != "INVITE"][:8]),
        invitations=queries.invitations_to(user, at),
        join=Join(),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def join(request: HttpRequest) -> HttpResponse:
    """Ask by its code; an officer says yes or no."""
    user = signed_in(request)
    form = Join(posted(request), initial={"code": request.GET.get("code", "")[:20]})
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)  # so that nobody tries codes one after the other
            member = operations.ask_to_join(join_code=form.cleaned_data["code"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            said = gettext("You asked to join %(group)s. An officer answers; it then stands here.")
            messages.success(request, said % {"group": ChamaGroup.objects.get(pk=member.group_id).name})
            return done(request, "chama")
    return show(request, "chama/join", form)


@require_POST
@customer_page
def invitation(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Yes or no to an invitation."""
    user = signed_in(request)
    row = get_object_or_404(GroupInvitation.objects.select_related("group"), public_id=public_id)
    accept = chosen(request, "answer", "yes", "no") == "yes"
    member = operations.answer_invitation(invitation=row, accept=accept, by=user, at=now())
    if member is None:
        messages.success(request, gettext("Declined."))
        return done(request, "chama")
    messages.success(request, gettext("You belong to the group now. Read its rules and accept them."))
    return done(request, "chama-rules", row.group.slug)
