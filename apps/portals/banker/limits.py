"""What one customer can borrow, at the desk: by each product, why, and asking a second officer to set it."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import operations as scoring
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import limits, matching, operations
from apps.lending.models import CreditLimit, LoanProduct
from apps.lending.operations.limit import SET_LIMIT
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

RIGHT = "lending.approve_loan"
SHOWN = 20


class SetLimit(Sheet):
    """How much, until when, and the reason that the customer reads."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=LoanProduct.objects.filter(is_active=True).order_by("name"), empty_label=None
    )
    amount = AmountField(label=_("Up to"), required=False, may_be_zero=True)
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


@staff_page(RIGHT)
def limits_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Limits by product with their reasons, what was set before, what waits. The look is recorded."""
    person, user, at = get_object_or_404(User.objects.customers(), pk=pk), signed_in(request), now()
    mine = person.pk == user.pk
    if not mine:
        record_look(user, person, _now("What they can borrow"))
    today = local_date(at)
    sent = request.POST if request.method == "POST" else None
    form = SetLimit(sent, initial={"until": today + timedelta(days=90)})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            approval = operations.ask_limit(user=person, **asked, by=user, at=at)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another officer decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    score = scoring.score(user=person, at=at, by=user)
    held = CreditLimit.objects.filter(user=person).select_related("product", "asked_by", "decided_by").order_by("-pk")
    subject = f"users/{person.pk}/limits/"
    waiting = Approval.objects.filter(kind=SET_LIMIT, subject__startswith=subject, status=ApprovalStatus.PENDING)
    return page(
        request,
        "limits",
        status=form.status,
        place="customers",
        person=person,
        mine=mine,
        found=limits.limits_of_all(user=person, terms=matching.on_offer(at), by=user, at=at, score=score),
        set_before=list(held[:SHOWN]),
        waiting=list(waiting.select_related("maker")),
        form=form,
        today=today,
    )
