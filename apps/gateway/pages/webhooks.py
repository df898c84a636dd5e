"""`/developers/webhooks`: where one's apps are told of events, what was sent, and whether a signature is ours."""

import json
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.gateway import operations, policies, rules
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.gateway.pages.door import show
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.users.doors import signed_in
from apps.users.pages import SeeOther, person_page

MOST = 50  # deliveries on a page
_INPUT = {"class": "input"}
WRONG = {
    "ADDRESS": _("The name leads to no public address."),
    "TIME_OUT": _("It did not answer in time: answer within five seconds, and work afterwards."),
    "TLS": _("Its certificate is not good for the name."),
    "NOT_REACHED": _("Nobody listened there."),
    "BROKEN_OFF": _("The connection broke off."),
}
FAULTS = {
    "header": _("The header cannot be read: it is `t=<seconds>,v1=<hex>`."),
    "mac": _("It does not fit: the body is not byte for byte what was sent, or the secret is another."),
    "old": _("It fits, but is older than five minutes: somebody may be sending it again."),
    "": _("It is ours, and fresh."),
}


def _offered() -> list[tuple[str, str]]:
    return [(one.name, f"{one.name}: {one.words}") for one in third_parties.choices()]


class EndpointForm(forms.Form):
    """Where to tell what."""

    url = forms.CharField(label=_("Address, with https://"), max_length=500, widget=forms.TextInput(_INPUT))
    events = forms.MultipleChoiceField(label=_("Events"), choices=_offered, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)


class NewEndpoint(EndpointForm):
    """The same, for one of one's apps."""

    app = forms.ChoiceField(label=_("App"), widget=forms.Select(_INPUT))

    def __init__(self, *args: Any, clients: list[third_parties.Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["app"].choices = [(str(one.id), one.name) for one in clients]  # type: ignore[attr-defined]
        self.order_fields(["app", "url", "events"])


class Tester(forms.Form):
    """A signature to look at."""

    header = forms.CharField(
        label="X-KitBank-Signature", max_length=400, widget=forms.TextInput(_INPUT | {"spellcheck": "false"})
    )
    body = forms.CharField(
        label=_("Body, exactly as it came"), max_length=10_000, strip=False,
        widget=forms.Textarea(_INPUT | {"rows": 5, "spellcheck": "false"}),
    )  # fmt: skip


def _own(request: HttpRequest, public_id: uuid.UUID) -> WebhookEndpoint:
    return policies.own_endpoint(signed_in(request), public_id)


@require_http_methods(["GET", "POST"])
@person_page
def webhooks(request: HttpRequest) -> HttpResponse:
    """One's endpoints, and the form for another."""
    user = signed_in(request)
    clients = list(third_parties.of(user.pk))
    form = NewEndpoint(request.POST if request.method == "POST" else None, clients=clients)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            made = operations.register(
                client=uuid.UUID(asked["app"]), url=asked["url"], events=asked["events"], by=user, at=now()
            )
        except DomainError as no:
            form.add_error("url", str(no))
        else:
            return _told(request, made)
    names = {one.id: one.name for one in clients}
    rows = [(row, names.get(row.client, "")) for row in WebhookEndpoint.objects.owned_by(user).order_by("-pk")]
    facts: dict[str, Any] = {"rows": rows, "clients": clients, "form": form, "offers": third_parties.choices()}
    return show(request, "webhooks", "webhooks", status=422 if form.is_bound else 200, **facts)


@require_http_methods(["GET", "POST"])
@person_page
def webhook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One endpoint: what was sent there, and the forms that change it."""
    row = _own(request, public_id)
    form = EndpointForm(
        request.POST if request.method == "POST" else None, initial={"url": row.url, "events": row.events}
    )
    if form.is_bound and form.is_valid():
        try:
            _changed(request, row, **form.cleaned_data)
        except DomainError as no:
            form.add_error("url", str(no))
        else:
            return _back(row)
    facts: dict[str, Any] = {
        "row": row,
        "form": form,
        "tester": Tester(label_suffix=""),
        "deliveries": _deliveries(row),
    }
    return show(request, "webhook", "webhooks", status=422 if form.is_bound else 200, **facts)


@require_POST
@person_page
def act(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One press: a test, another secret, a pause, on again, away with it."""
    row, user, do = _own(request, public_id), signed_in(request), request.POST.get("do", "")
    if do == "secret":
        return _told(request, operations.rotate_secret(endpoint=row, by=user, at=now()))
    if do == "remove":
        operations.remove(endpoint=row, by=user, at=now())
        messages.success(request, gettext("Removed. Nothing is sent there any more."))
        return SeeOther(reverse("gateway:webhooks"))
    if do == "test":
        operations.send_test(endpoint=row, by=user, at=now())
        messages.success(request, gettext("A test is on its way."))
    elif do in {"pause", "resume"}:
        _changed(request, row, is_active=do == "resume")
    else:
        raise Http404
    return _back(row)


@require_GET
@person_page
def delivery(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One delivery: the bytes that were sent, and what was answered."""
    row = _own_delivery(request, public_id)
    facts: dict[str, Any] = {
        "row": row,
        "body": json.dumps(json.loads(row.body), indent=2),
        "wrong": WRONG.get(row.error, ""),
    }
    return show(request, "delivery", "webhooks", **facts)


@require_POST
@person_page
def resend(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Once more, under the same id."""
    row = _own_delivery(request, public_id)
    operations.resend(delivery=row, by=signed_in(request), at=now())
    messages.success(request, gettext("It is on its way again, under the same id."))
    return SeeOther(reverse("gateway:delivery", args=[row.public_id]))


@require_POST
@person_page
def signature(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Whether a header and a body belong together, by this endpoint's secrets. Signs nothing."""
    row, form = _own(request, public_id), Tester(request.POST, label_suffix="")
    found = None
    if form.is_valid():
        body = form.cleaned_data["body"].replace("\r\n", "\n").encode()
        secrets, at = row.secrets_at(now()), int(now().timestamp())
        found = rules.fault_of(form.cleaned_data["header"], body, secrets=secrets, at=at)
    facts: dict[str, Any] = {
        "row": row, "tester": form, "deliveries": _deliveries(row), "fault": found, "verdict": FAULTS.get(found or ""),
        "form": EndpointForm(initial={"url": row.url, "events": row.events}), "was_tested": found is not None,
    }  # fmt: skip
    return show(request, "webhook", "webhooks", status=200 if form.is_valid() else 422, **facts)


def _deliveries(row: WebhookEndpoint) -> list[WebhookDelivery]:
    return list(row.deliveries.order_by("-pk")[:MOST])


def _own_delivery(request: HttpRequest, public_id: uuid.UUID) -> WebhookDelivery:
    rows = WebhookDelivery.objects.select_related("endpoint").filter(endpoint__owner=signed_in(request))
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _changed(request: HttpRequest, row: WebhookEndpoint, **terms: Any) -> None:
    operations.change(endpoint=row, **terms, by=signed_in(request), at=now())
    messages.success(request, gettext("Changed."))


def _back(row: WebhookEndpoint) -> HttpResponse:
    return SeeOther(reverse("gateway:webhook", args=[row.public_id]))


def _told(request: HttpRequest, made: operations.WithSecret) -> HttpResponse:
    return show(request, "webhook_secret", "webhooks", row=made.endpoint, secret=made.secret)
