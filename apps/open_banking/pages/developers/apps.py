"""`/developers/apps`: a person's apps, their secrets told once, and what is missing before they go live."""

import json
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking import operations, policies
from apps.open_banking.errors import BadApp
from apps.open_banking.models import AppSecret, Consent, DeveloperAccount, ThirdPartyApp
from apps.open_banking.operations import AppTerms, WithSecret
from apps.open_banking.pages.developers.door import own_apps, show
from apps.users.doors import signed_in
from apps.users.pages import SeeOther, person_page

_INPUT = {"class": "input"}


class BecomeDeveloper(forms.Form):
    """Who builds."""

    organisation = forms.CharField(label=_("Your firm, or your own name"), max_length=100,
                                   widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "organization"}))  # fmt: skip


class AppForm(forms.Form):
    """What a developer says of an app."""

    name = forms.CharField(label=_("Name, as customers will read it"), max_length=100, widget=forms.TextInput(_INPUT))
    description = forms.CharField(
        label=_("What it does"), max_length=300, required=False, widget=forms.TextInput(_INPUT)
    )
    website_url = forms.CharField(label=_("Web site"), max_length=500, required=False, widget=forms.TextInput(_INPUT))
    redirect_uris = forms.CharField(
        label=_("Where customers return to, one address a line"), max_length=6000,
        widget=forms.Textarea(_INPUT | {"rows": 3, "spellcheck": "false"}),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What it asks for"), choices=ThirdPartyApp.Scope.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    logo_url = forms.CharField(
        label=_("Logo: PNG, JPEG or WebP"), max_length=500, required=False, widget=forms.TextInput(_INPUT)
    )
    post_logout_redirect_uris = forms.CharField(
        label=_("Where people may go after signing out, one address a line"), max_length=6000, required=False,
        widget=forms.Textarea(_INPUT | {"rows": 2, "spellcheck": "false"}),
    )  # fmt: skip
    is_public = forms.BooleanField(label=_("People install it, so it can keep no secret"), required=False)
    uses_devices = forms.BooleanField(label=_("It runs on a screen without a keyboard"), required=False)

    public_keys = forms.CharField(
        label=_("Public keys (JWKS)"), max_length=12_000, required=False,
        widget=forms.Textarea(_INPUT | {"rows": 3, "spellcheck": "false"}),
    )  # fmt: skip
    certificate = forms.CharField(
        label=_("Certificate of its TLS client (PEM)"), max_length=12_000, required=False,
        widget=forms.Textarea(_INPUT | {"rows": 3, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def terms(self) -> AppTerms:
        """As the operation takes it."""
        said = dict(self.cleaned_data)
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            said[name] = str(said[name]).split()
        return AppTerms(**said)

    def refuse(self, no: BadApp) -> None:
        """Say beside each field what the operation found."""
        for name, words in (no.facts.get("errors") or {"": [str(no)]}).items():
            for one in words:
                self.add_error(name if name in self.fields else None, one)


def _own(request: HttpRequest, public_id: uuid.UUID) -> ThirdPartyApp:
    return policies.own_app(signed_in(request), public_id)


@require_http_methods(["GET", "POST"])
@person_page
def apps(request: HttpRequest) -> HttpResponse:
    """One's apps; before that, the one form that makes a customer a developer."""
    user = signed_in(request)
    developer = DeveloperAccount.objects.filter(user=user).first()
    if developer is not None:
        return show(request, "apps", "apps", developer=developer, apps=own_apps(request))
    form = BecomeDeveloper(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_bound and form.is_valid():
        operations.register_developer(user=user, organisation=form.cleaned_data["organisation"], at=now())
        return SeeOther(reverse("open_banking:new-app"))
    return show(request, "apps", "apps", status=422 if form.is_bound else 200, form=form)


@require_http_methods(["GET", "POST"])
@person_page
def new(request: HttpRequest) -> HttpResponse:
    """Register an app; its secret is on the page that answers, and nowhere else."""
    policies.require_developer(signed_in(request))
    form = AppForm(request.POST if request.method == "POST" else None, initial={"scopes": ["accounts"]})
    if form.is_bound and form.is_valid():
        try:
            made = operations.register_app(by=signed_in(request), terms=form.terms(), at=now())
        except BadApp as no:
            form.refuse(no)
        else:
            return _told(request, made)
    return show(request, "app_form", "apps", status=422 if form.is_bound else 200, form=form)


@require_GET
@person_page
def app(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Its credentials but for the secret, who let it in, and what is missing before it goes live."""
    row, at = _own(request, public_id), now()
    facts: dict[str, Any] = {
        "app": row,
        "secrets": AppSecret.objects.filter(app=row).live(at).order_by("-created_at"),
        "live": Consent.objects.of_app(row).live(at).count(),
        "checks": _checks(row),
        "scopes": [str(ThirdPartyApp.Scope(one).label) for one in row.allowed_scopes],
    }
    return show(request, "app", "apps", **facts)


@require_http_methods(["GET", "POST"])
@person_page
def change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Change it. Another name, site or address to return to, or more to ask for, has a live app looked at again."""
    row = _own(request, public_id)
    before = {name: getattr(row, name) for name in ("name", "description", "website_url", "logo_url", "uses_devices")}
    before |= {"scopes": row.allowed_scopes, "is_public": row.client_type == "public"}
    before |= {
        "public_keys": json.dumps(row.public_keys) if row.public_keys else "",
        "certificate": row.certificate_pem,
    }
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        before[name] = "\n".join(str(getattr(row, name)).split())
    form = AppForm(request.POST if request.method == "POST" else None, initial=before)
    del form.fields["is_public"]  # said once, because a secret hangs on it
    if form.is_bound and form.is_valid():
        try:
            operations.change_app(app=row, terms=form.terms(), by=signed_in(request), at=now())
        except BadApp as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Changed."))
            return SeeOther(reverse("open_banking:one-app", args=[row.public_id]))
    return show(request, "app_form", "apps", status=422 if form.is_bound else 200, form=form, app=row)


@require_POST
@person_page
def rotate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Another secret, shown once."""
    row = _own(request, public_id)
    try:
        made = operations.rotate_secret(app=row, by=signed_in(request), at=now())
    except DomainError as no:
        messages.error(request, str(no))
        return SeeOther(reverse("open_banking:one-app", args=[row.public_id]))
    return _told(request, made)


def _told(request: HttpRequest, made: WithSecret) -> HttpResponse:
    return show(request, "secret", "apps", app=made.app, secret=made.secret)


def _checks(row: ThirdPartyApp) -> list[tuple[bool, str]]:
    """What staff look for before they let an app ask customers."""
    uris = str(row.redirect_uris).split()
    return [
        (bool(row.description), gettext("A sentence says what it does")),
        (bool(row.website_url), gettext("It has a web site, with a way to reach you and a privacy notice")),
        (all(uri.startswith("https://") for uri in uris), gettext("Every address to return to is https")),
        (bool(row.allowed_scopes), gettext("It says what it asks for")),
        (row.is_live, gettext("Two of our staff have looked at it")),
    ]
