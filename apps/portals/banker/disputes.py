"""What customers say is wrong: the queue, one dispute with its conversation, and the answer."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.fraud import operations
from apps.fraud.models import Dispute
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments.models import Payment
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "fraud.review_fraud"
MOST = 100


class Answer(Sheet):
    """The decision, and what the customer reads."""

    where = {"reason_needed": "answer"}
    answer = forms.CharField(
        label=_("Answer to the customer"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    decision = forms.ChoiceField(
        choices=[("look", "look"), ("upheld", "upheld"), ("declined", "declined")], widget=forms.HiddenInput
    )


@staff_page(RIGHT)
def disputes(request: HttpRequest) -> HttpResponse:
    """What waits, the soonest promised first, and what was answered last."""
    rows = Dispute.objects.select_related("line", "taken_by", "resolved_by")
    waiting = rows.live().order_by("answer_by")[:MOST]
    decided = rows.exclude(resolved_at=None).order_by("-resolved_at")[:15]
    return page(request, "disputes", waiting=waiting, decided=decided, at=now(), place="disputes")


@staff_page(RIGHT)
def dispute(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One: what it is about, what was said, and the answer. The look at its customer is recorded."""
    user = signed_in(request)
    rows = Dispute.objects.select_related("line__account", "owner", "thread", "taken_by", "resolved_by", "opened_by")
    row = get_object_or_404(rows, public_id=public_id)
    if row.owner_id != user.pk:
        record_look(user, row.owner, _now("A dispute"))
    form = Answer(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            if form.cleaned_data["decision"] == "look":
                operations.take_up_dispute(dispute=row, by=user, at=now())
                messages.success(request, _now("It is yours. The customer sees that somebody looks into it."))
                return go(request, reverse("admin:dispute", args=[row.public_id]))
            upheld = form.cleaned_data["decision"] == "upheld"
            answer = form.cleaned_data["answer"]
            operations.resolve_dispute(dispute=row, upheld=upheld, answer=answer, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, _now("Answered. The customer is told by SMS and reads it in the inbox."))
            return go(request, reverse("admin:disputes"))
    payment = Payment.objects.filter(transfer_id=row.line.transfer_id).first()
    facts = {"dispute": row, "letters": list(row.thread.letters.select_related("author")), "payment": payment}
    is_live, mine = row.resolved_at is None, row.owner_id == user.pk
    return page(
        request, "dispute", status=form.status, form=form, is_live=is_live, mine=mine, place="disputes", **facts
    )
