"""Interest that was paid wrongly, at the desk: what was paid, and asking a second person to take it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations
from apps.accounts.models import Transaction
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in


class TakeBack(Sheet):
    """How much of it was earned all the same, and why the rest was not."""

    where = {"bad_interest_back": "owed"}
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owed = AmountField(label=_("Of it earned all the same"), currency=currency, may_be_zero=True)
        owed.widget.attrs["class"] = "input"
        self.fields = {"owed": owed, **self.fields}


@staff_page("ledger.reverse_transfer")
def interest_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The payment behind a transfer, and the request to take it back. The look is recorded."""
    user, payment = signed_in(request), operations.interest_payment_of(pk)
    if payment is None:
        raise Http404
    lines = Transaction.objects.filter(transfer_id=pk).select_related("account__owner").order_by("pk")
    for person in {line.account.owner for line in lines if line.account.owner_id != user.pk}:
        record_look(user, person, _now("Interest that may go back"))
    sent = request.POST if request.method == "POST" else None
    form = TakeBack(sent, currency=payment.currency, initial={"owed": "0"})
    if form.is_bound and form.is_valid():
        try:
            asked = operations.ask_interest_back(payment=payment, **form.cleaned_data, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[asked.pk]))
    back = getattr(payment, "taken_back", None)
    return page(
        request, "interest_back", status=form.status, place="reversals", form=form, payment=payment, back=back,
        waiting=operations.interest_back_asked(payment), number=pk,
    )  # fmt: skip
