"""Starting a group: a way of saving people know, a name, and every rule open to change in plain words."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.chamas import operations, presets
from apps.chamas.models import ChamaGroup
from apps.chamas.policies import NOT_THERE
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.chama.room import posted
from apps.portals.customer.chama.rule_form import Rules
from apps.portals.customer.door import customer_page
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in

TOO_MANY = _("Too many groups at once. Nothing was done; wait a minute and try again.")


class Found(Rules):
    """Its name, and its rules."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of the group"),
        max_length=60,
        error_messages={"required": _("Give the group a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_GET
@customer_page
def start(request: HttpRequest) -> HttpResponse:
    """Which way of saving together."""
    signed_in(request)
    return show(request, "chama/start", presets=presets.PRESETS)


@require_http_methods(["GET", "POST"])
@customer_page
def found(request: HttpRequest, preset: str) -> HttpResponse:
    """Name it and look through its rules; who starts it is its chair."""
    user = signed_in(request)
    try:
        chosen = presets.preset(preset)
    except LookupError:
        raise NotFound(NOT_THERE) from None
    form = Found(posted(request), terms=chosen.terms, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        key = form.cleaned_data["idempotency_key"]
        try:
            require("money", caller_of(request), TOO_MANY)
            group: ChamaGroup = operations.found_group(
                name=form.cleaned_data["name"], kind=chosen.kind, rules=form.rules(), by=user, at=now(), key=key
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("The group is there. Now bring its people together."))
            return done(request, "chama-group", group.slug)
    return show(request, "chama/found", form, preset=chosen)
