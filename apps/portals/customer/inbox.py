"""The inbox: alerts, and letters between the customer and the bank."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.notifications import operations
from apps.notifications.models import Alert, SecureThread
from apps.payments.models import PaymentRequest
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in

MOST = 50
TOO_MANY = _("Too many messages at once. Wait a minute and try again.")


class Letter(Sheet):
    """A new conversation."""

    subject = forms.CharField(
        label=_("Subject"),
        max_length=120,
        error_messages={"required": _("Give it a subject.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    body = forms.CharField(
        label=_("Message"),
        max_length=4000,
        error_messages={"required": _("Write your message.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class Reply(Sheet):
    """One more letter."""

    where = {"bad_letter": "body"}
    body = forms.CharField(
        label=_("Your answer"),
        max_length=4000,
        error_messages={"required": _("Write your answer.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_GET
@customer_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Alerts that stand, then conversations, the newest first."""
    user = signed_in(request)
    return show(
        request,
        "inbox/inbox",
        alerts=Alert.objects.owned_by(user).standing().order_by("-pk")[:MOST],
        asked=PaymentRequest.objects.asked_of(user).open(now()).select_related("asker").order_by("-pk")[:MOST],
        threads=SecureThread.objects.owned_by(user).order_by("-last_at")[:MOST],
    )


@require_POST
@customer_page
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Seen; it asks for no more attention."""
    alert = get_object_or_404(Alert.objects.owned_by(signed_in(request)), pk=pk)
    operations.dismiss(alert, at=now())
    return done(request, "inbox")


@require_http_methods(["GET", "POST"])
@customer_page
def write(request: HttpRequest) -> HttpResponse:
    """Begin a conversation; "Something wrong?" on a receipt brings its reference along."""
    user = signed_in(request)
    form = Letter(
        request.POST if request.method == "POST" else None, initial={"subject": request.GET.get("about", "")[:120]}
    )
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            thread = operations.open_thread(customer=user, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Your message is sent. The answer comes here."))
            return done(request, "thread", thread.public_id)
    return show(request, "inbox/write", form)


@require_http_methods(["GET", "POST"])
@customer_page
def thread(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One conversation, read from the top."""
    user = signed_in(request)
    row = get_object_or_404(SecureThread.objects.owned_by(user).select_related("customer"), public_id=public_id)
    form = Reply(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            operations.reply(thread=row, body=form.cleaned_data["body"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "thread", row.public_id)
    letters = list(row.letters.all())
    operations.read_thread(thread=row, at=now())
    return show(request, "inbox/thread", form, thread=row, letters=letters)
