"""Telling us that a line is wrong, and following what becomes of it."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Transaction
from apps.fraud import operations
from apps.fraud.models import Dispute, DisputeReason
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.notifications import operations as notifications
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.inbox import TOO_MANY, Reply
from apps.portals.customer.lines import shown
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in


class Wrong(Sheet):
    """What is wrong with it."""

    where = {"reason_needed": "text"}
    reason = forms.ChoiceField(label=_("What is wrong?"))
    text = forms.CharField(
        label=_("Tell us what happened"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what is wrong, in a few words.")},
    )

    def __init__(self, data: Any, line: Transaction) -> None:
        super().__init__(data)
        reasons: Any = self.fields["reason"]
        reasons.choices = [(one.value, one.label) for one in DisputeReason.of(line)]


@require_http_methods(["GET", "POST"])
@customer_page
def dispute_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is wrong with one line; one that is disputed already leads there."""
    user = signed_in(request)
    line = get_object_or_404(Transaction.objects.acted_for_by(user).select_related("account__owner"), pk=pk)
    live = Dispute.objects.live().filter(line=line).first()
    if live is not None:
        return done(request, "dispute", live.public_id)
    form = Wrong(request.POST if request.method == "POST" else None, line)
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            made = operations.open_dispute(line=line, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("We have it. The answer comes here and by SMS."))
            return done(request, "dispute", made.public_id)
    return show(request, "help/dispute_line", form, line=line, row=shown(line))


@require_http_methods(["GET", "POST"])
@customer_page
def dispute(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Where it stands, and what was said."""
    user = signed_in(request)
    rows = Dispute.objects.owned_by(user).select_related("line__account", "thread__customer", "taken_by", "opened_by")
    row = get_object_or_404(rows, public_id=public_id)
    form = Reply(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            notifications.reply(thread=row.thread, body=form.cleaned_data["body"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "dispute", row.public_id)
    letters = list(row.thread.letters.all())
    is_live = row.resolved_at is None
    return show(request, "help/dispute", form, dispute=row, row=shown(row.line), letters=letters, is_live=is_live)


@require_POST
@customer_page
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """It was in order after all."""
    user = signed_in(request)
    row = get_object_or_404(Dispute.objects.owned_by(user), public_id=public_id)
    operations.withdraw_dispute(dispute=row, by=user, at=now())
    messages.success(request, gettext("Taken back. Nothing was changed on the account."))
    return done(request, "transaction", row.line_id)
