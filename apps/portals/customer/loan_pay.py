"""Paying a loan back: what is due or all of it in one tap, or an amount that is typed; and the receipt."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.queries import holding
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.lending import operations
from apps.lending.models import Instalment, Loan, LoanStatus, Repayment
from apps.portals.amounts import read_amount
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.loan_facts import Standing, standing_of
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.portals.templatetags.kit import plain_money
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many payments at once. Nothing was paid; wait a minute and try again.")


class Changed(Conflict):
    """What ends the loan is no longer what was on the page."""

    code = "payoff_changed"


class Pay(Sheet):
    """How much: typed, or the figure of a button."""

    where = {"bad_amount": "amount", "more_than_owed": "amount", "insufficient_funds": "amount"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Another amount"), required=False)

    @classmethod
    def fresh(cls) -> "Pay":
        """An empty one, with its key."""
        return cls(initial={"idempotency_key": fresh_key()})

    def clean(self) -> dict[str, Any]:
        """A button's figure counts before the field."""
        pressed = self.data.get("due") or self.data.get("all")
        if pressed:
            self.cleaned_data["amount"] = _figure(pressed)
        if self.cleaned_data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Write the amount."))
        return self.cleaned_data


def _figure(text: str) -> Money | None:
    try:
        return read_amount(text)
    except DomainError:
        return None


def _own(user: User, public_id: uuid.UUID) -> Loan:
    rows = Loan.objects.owned_by(user).shown().select_related("account__product")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def pay(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Pay some or all of it from the account of the loan, once for each form."""
    user, at = signed_in(request), now()
    loan = _own(user, public_id)
    form = Pay(request.POST) if request.method == "POST" else Pay.fresh()
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            row = _repaid(form, loan, user)
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "loan-paid", loan.public_id, row.reference)
    if loan.status != LoanStatus.ACTIVE:
        return done(request, "loan", loan.public_id)
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    standing = standing_of(loan, rows, at)
    return show(request, "borrow/pay", form, loan=loan, standing=standing, pay=form, held=holding(loan.account))


def _repaid(form: Pay, loan: Loan, user: User) -> Repayment:
    """Raises what `operations.repay` raises, and Changed when paying off takes another sum than was shown."""
    at, amount, key = now(), form.cleaned_data["amount"], f"page/{form.cleaned_data['idempotency_key']}"
    earlier = Repayment.objects.filter(loan=loan, key=key).first()
    if form.data.get("all") and earlier is None:
        _require_same(loan, amount, standing_of(loan, list(_rows(loan)), at))
    return operations.repay(loan=loan, amount=amount, key=key, by=user, at=at)


def _rows(loan: Loan) -> Any:
    return Instalment.objects.current().filter(loan=loan).order_by("number")


def _require_same(loan: Loan, amount: Money, standing: Standing) -> None:
    if loan.status == LoanStatus.ACTIVE and standing.ends_it != amount:
        words = _("Paying it off takes %(amount)s now, not what you saw. No money moved. Press again if that is right.")
        raise Changed(words % {"amount": plain_money(standing.ends_it)})


@require_GET
@customer_page
def paid(request: HttpRequest, public_id: uuid.UUID, reference: str) -> HttpResponse:
    """The receipt: what was paid, what of it went where, and what is left."""
    loan = _own(signed_in(request), public_id)
    row = get_object_or_404(Repayment.objects.select_related("reversal"), loan=loan, reference=reference)
    standing = standing_of(loan, list(_rows(loan)), now()) if loan.status == LoanStatus.ACTIVE else None
    words = _("%(amount)s paid back on loan %(loan)s, reference %(reference)s. KitBank") % {
        "amount": plain_money(row.amount),
        "loan": loan.reference,
        "reference": row.reference,
    }
    return show(request, "borrow/paid", loan=loan, row=row, standing=standing, share=words, is_over=not standing)
