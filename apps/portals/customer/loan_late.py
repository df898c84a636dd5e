"""A loan that is late, calmly: what is late, paying now, promising a day, asking for more time, letters to read."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.lending.models import CollectionLetter, Instalment, Loan, LoanStatus, MoreTime, Promise, PromiseStatus
from apps.lending.operations import collections
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.loan_facts import standing_of
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many tries at once. Nothing was done; wait a minute and try again.")


class Word(Sheet):
    """A promise: how much, by when."""

    where = {"bad_amount": "amount", "more_than_owed": "amount"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("I pay"))
    due_on = forms.DateField(label=_("By the end of"), widget=forms.DateInput(attrs={"type": "date"}))


class Wish(Sheet):
    """Asking for more time, in one's own words."""

    says = forms.CharField(
        label=_("What happened, and how much more time do you need?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def late_plan(loan: Loan, at: datetime) -> dict[str, Any]:
    """What the page of a late loan says beside what is owed: the promise that runs, the wish, the letters."""
    letters = CollectionLetter.objects.defer("paper").filter(case__loan=loan, to=loan.borrower)
    return {
        "promise": Promise.objects.filter(loan=loan, status=PromiseStatus.OPEN).first(),
        "wish": MoreTime.objects.filter(loan=loan).order_by("-pk").first(),
        "letters": list(letters.order_by("-pk")[:10]),
        "until": collections.last_day(at),
    }


@require_http_methods(["GET", "POST"])
@customer_page
def late(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The plan for a loan that is late; promises and wishes go through the same operations as the API."""
    user, at = signed_in(request), now()
    loan = _own(user, public_id)
    act = request.POST.get("act") if request.method == "POST" else None
    word = Word(request.POST if act == "promise" else None, initial={"idempotency_key": fresh_key()})
    wish = Wish(request.POST if act == "more-time" else None)
    used: Sheet = wish if act == "more-time" else word
    if used.is_bound and used.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            said = _asked(used, loan, user, at)
        except DomainError as no:
            used.refuse(no)
        else:
            messages.success(request, said)
            return done(request, "loan", loan.public_id)
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    standing = standing_of(loan, rows, at)
    if loan.status != LoanStatus.ACTIVE or not standing.due:
        return done(request, "loan", loan.public_id)
    facts = {"loan": loan, "standing": standing, "word": word, "wish_form": wish, "plan": late_plan(loan, at)}
    return show(request, "borrow/late", used, **facts)


def _asked(used: Sheet, loan: Loan, user: User, at: datetime) -> str:
    asked = used.cleaned_data
    if isinstance(used, Wish):
        collections.ask_more_time(loan=loan, says=asked["says"], by=user, at=at)
        return gettext("Sent. An officer answers you here and by SMS.")
    key = f"page/{asked['idempotency_key']}"
    collections.promise(loan=loan, amount=asked["amount"], due_on=asked["due_on"], key=key, by=user, at=at)
    return gettext("Thank you. We wait until then, and remind you the day before.")


@require_GET
@customer_page
def letter(request: HttpRequest, public_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    """A letter to the borrower, as it was sent."""
    user = signed_in(request)
    row = get_object_or_404(CollectionLetter, public_id=letter_id, case__loan=_own(user, public_id), to=user)
    name = f"kitbank-{row.made_at:%Y%m%d}-{row.kind.lower()}.pdf"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bytes(row.paper), content_type="application/pdf", headers=disposition)


def _own(user: User, public_id: uuid.UUID) -> Loan:
    return get_object_or_404(Loan.objects.owned_by(user).shown(), public_id=public_id)
