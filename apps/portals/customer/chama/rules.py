"""A group's rules in plain words: read, accepted, put anew, and what a new version changes."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from apps.chamas import operations, policies, words
from apps.chamas.models import ConstitutionVersion
from apps.chamas.models.constitution import VersionStatus
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer.chama.room import Room, on, posted, room_of, shown
from apps.portals.customer.chama.rule_form import Rules
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import read_id
from apps.portals.customer.pay import fresh_key


class Anew(Rules):
    """Another version."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@customer_page
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of today and those that are proposed, and one's own acceptance of each."""
    room = room_of(request, slug)
    if request.method == "POST":
        number = request.POST.get("version", "")
        rows = ConstitutionVersion.objects.filter(group=room.group).select_related("group")
        version = get_object_or_404(rows, version=read_id(number))
        operations.accept_constitution(version=version, by=room.user, at=now())
        messages.success(request, gettext("You accepted the rules."))
        return on(request, room, "rules" if room.is_active else "group")
    open_ones = ConstitutionVersion.objects.filter(
        group=room.group, status__in=[VersionStatus.IN_FORCE, VersionStatus.PROPOSED]
    )
    versions = list(open_ones.select_related("proposed_by").order_by("version"))
    accepted = set(room.me.acceptances.values_list("version_id", flat=True))
    cards = [(one, one.pk in accepted, words.topics(one.terms, room.group.currency)) for one in versions]
    changed = words.differences(versions[0].terms, versions[1].terms, room.group.currency) if len(versions) > 1 else []
    return shown(request, room, "rules", cards=cards, changed=changed)


@require_http_methods(["GET", "POST"])
@customer_page
def anew(request: HttpRequest, slug: str) -> HttpResponse:
    """Other rules: before the group begins they replace the first ones, afterwards members vote on them."""
    room = room_of(request, slug)
    policies.require_officer(room.user, room.group)
    begin = {"idempotency_key": fresh_key()}
    form = Anew(posted(request), terms=room.terms, currency=room.group.currency, initial=begin)
    if form.is_bound and form.is_valid():
        try:
            return _proposed(request, room, form)
        except DomainError as no:
            form.refuse(no)
    return shown(request, room, "rules_new", form)


def _proposed(request: HttpRequest, room: Room, form: Anew) -> HttpResponse:
    if not room.is_active:
        operations.propose_constitution(group=room.group, rules=form.rules(), by=room.user, at=now())
        messages.success(request, gettext("The new rules are there. Everybody must accept them again."))
        return on(request, room, "group")
    key = f"page/{form.cleaned_data['idempotency_key']}"
    asked = operations.amend(group=room.group, rules=form.rules(), by=room.user, at=now(), key=key)
    messages.success(request, gettext("Members vote on the new rules now. The old ones hold until they agree."))
    return on(request, room, "proposal", asked.public_id)
