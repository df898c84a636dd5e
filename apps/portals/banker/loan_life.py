"""The rest of a loan's life at the desk: parts, a new loan for a late one, payments of earlier days or taken back."""

import secrets
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.lending import matching, operations, owed, renewals
from apps.lending.models import Because, Loan, LoanStatus, ProductTerms, Repayment, Tranche
from apps.lending.operations.reverse_repayment import why_not
from apps.lending.purposes import OWED
from apps.portals.banker.customer import record_counter
from apps.portals.banker.door import page, staff_page
from apps.portals.banker.teller import drawer, till_of
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

SEE = "lending.view_loans"
ROWS = 6  # of parts on the form


class Earlier(Sheet):
    """A payment that had come earlier."""

    where = {"bad_amount": "amount", "more_than_owed": "amount", "document_used": "document", "not_eligible": "paid_on"}
    amount = AmountField(label=_("Amount"))
    paid_on = forms.DateField(label=_("The day it came"), widget=forms.DateInput(attrs={"type": "date"}))
    came = forms.ChoiceField(label=_("How it came"), choices=[("CASH", _("Cash")), ("BANK", _("Transfer to our bank"))])
    document = forms.CharField(label=_("Number of the receipt or of the bank's advice"), max_length=40)
    reason = forms.CharField(label=_("Why it was not recorded then"), max_length=500)


class TakeBack(Sheet):
    """Why a repayment does not count, and where its money belongs."""

    where = {"term_not_offered": "to"}
    because = forms.ChoiceField(label=_("Why it does not count"), choices=Because.choices)
    to = forms.CharField(label=_("Reference of the loan it was meant for"), max_length=14, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500)


class NewLoan(Sheet):
    """Which loan takes the place of the late one."""

    where = {"term_not_offered": "periods"}
    product = forms.ChoiceField(label=_("New loan"), choices=[])
    periods = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=600)
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, *args: Any, terms: list[ProductTerms], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product: Any = self.fields["product"]
        product.choices = [(one.product.code, str(one.product)) for one in terms]


class PartsPlan(Sheet):
    """The parts, one a line: amount, day, what must be there first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for nth in range(1, ROWS + 1):
            self.fields[f"amount_{nth}"] = AmountField(label=_("Amount"), required=False)
            self.fields[f"on_{nth}"] = forms.DateField(
                label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date", "class": "input"})
            )
            self.fields[f"milestone_{nth}"] = forms.CharField(label=_("What for"), required=False, max_length=120)
            for name in ("amount", "milestone"):
                self.fields[f"{name}_{nth}"].widget.attrs["class"] = "input"

    @property
    def lines(self) -> list[tuple[Any, Any, Any]]:
        """The fields, by line."""
        names = ("amount", "on", "milestone")
        return [(self[f"{names[0]}_{n}"], self[f"{names[1]}_{n}"], self[f"{names[2]}_{n}"]) for n in range(1, ROWS + 1)]

    @property
    def parts(self) -> list[operations.Part]:
        """What was written, lines left empty left out."""
        said = self.cleaned_data
        rows = [
            (said.get(f"amount_{n}"), said.get(f"on_{n}"), said.get(f"milestone_{n}", "")) for n in range(1, ROWS + 1)
        ]
        return [operations.Part(amount, on, words) for amount, on, words in rows if amount and on]


class ForLoan(Sheet):
    """Which loan cash is for."""

    loan = forms.CharField(label=_("Reference of the loan"), max_length=14)


class LoanCash(Sheet):
    """The slip."""

    where = {"bad_amount": "amount", "payee_limit": "amount", "limit_exceeded": "amount"}
    amount = AmountField(label=_("Amount"))
    by_name = forms.CharField(label=_("Name of the person at the counter"), max_length=120)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen = forms.BooleanField(widget=forms.HiddenInput, required=False)


def _loan(public_id: UUID) -> Loan:
    return get_object_or_404(Loan.objects.shown(), public_id=public_id)


def _back(row: Loan) -> str:
    return reverse("admin:loan", args=[row.public_id])


@staff_page("lending.approve_loan")
def earlier(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask to record a payment as of the day it came; another officer decides."""
    row, user = _loan(public_id), signed_in(request)
    form = Earlier(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            asked = operations.ask_back_dated(loan=row, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            return go(request, reverse("admin:approval", args=[asked.pk]))
    return page(request, "loan_earlier", status=form.status, form=form, loan=row, place="loans")


@staff_page("lending.approve_loan")
def take_back(request: HttpRequest, public_id: UUID, reference: str) -> HttpResponse:
    """Ask to take a repayment back; another officer decides."""
    loan, user = _loan(public_id), signed_in(request)
    row = get_object_or_404(Repayment.objects.select_related("reversal"), loan=loan, reference=reference)
    row.loan = loan
    form = TakeBack(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            asked = operations.ask_reverse_repayment(repayment=row, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            return go(request, reverse("admin:approval", args=[asked.pk]))
    return page(
        request, "loan_back", status=form.status, form=form, loan=loan, row=row, why_not=why_not(row), place="loans"
    )


@staff_page("lending.approve_loan")
def new_loan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for a new loan in place of a late one; another officer decides, then the borrower signs."""
    row, user, at = _loan(public_id), signed_in(request), now()
    terms = [one for one in matching.on_offer(at) if one.currency == row.currency]
    form = NewLoan(request.POST if request.method == "POST" else None, terms=terms)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        chosen = next(one for one in terms if one.product.code == said["product"])
        try:
            asked = operations.ask_refinance(
                loan=row, terms=chosen, periods=said["periods"], reason=said["reason"], by=user, at=at
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return go(request, reverse("admin:approval", args=[asked.pk]))
    takes = owed.payoff(row, renewals.rows_of(row), at).total if row.status == LoanStatus.ACTIVE else None
    return page(request, "loan_new", status=form.status, form=form, loan=row, takes=takes, place="loans")


@staff_page(SEE)
def parts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The parts of a loan: planned before it is decided, paid out one after the other."""
    row, user = _loan(public_id), signed_in(request)
    pays = request.POST.get("pay", "") if request.method == "POST" else ""
    form = PartsPlan(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said = _act(row, form, pays, user)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, said)
            return go(request, reverse("admin:loan-parts", args=[row.public_id]))
    facts: dict[str, Any] = {
        "loan": row,
        "form": form,
        "parts": list(Tranche.objects.filter(loan=row).select_related("paid_by").order_by("number")),
        "may_plan": row.status in (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW) and row.terms.most_parts > 1,
        "may_pay": row.status == LoanStatus.ACTIVE and user.has_perm("lending.disburse_loan"),
        "today": local_date(now()),
    }
    return page(request, "loan_parts", status=form.status, place="loans", **facts)


def _act(row: Loan, form: PartsPlan, pays: str, user: User) -> str:
    if pays == "rest":
        operations.cancel_parts(loan=row, by=user, at=now())
        return _now("The other parts are not paid out any more.")
    if pays:
        part = get_object_or_404(Tranche, loan=row, number=pays if pays.isdecimal() and len(pays) < 4 else 0)
        operations.pay_out_part(tranche=part, by=user, at=now())
        return _now("Paid out. The schedule is planned anew; the one before stays beside it.")
    operations.plan_parts(loan=row, parts=form.parts, by=user, at=now())
    return _now("The parts are kept.")


@staff_page("accounts.take_cash")
def cash(request: HttpRequest) -> HttpResponse:
    """Take cash for a loan by its reference: seen once more, then done once."""
    user = signed_in(request)
    own = till_of(user)
    find = ForLoan(request.GET if "loan" in request.GET else None)
    row = _found(find)
    if row is None:
        return page(request, "loan_cash", status=find.status, place="teller", find=find, loan=None, **drawer(own))
    first = {"key": secrets.token_hex(12), "by_name": row.borrower.full_name}
    form = LoanCash(request.POST if request.method == "POST" else None, initial=first)
    review: Money | None = None
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if said["seen"]:
            try:
                taken, _row = operations.take_cash(
                    loan=row, amount=said["amount"], by_name=said["by_name"], key=said["key"], by=user, at=now()
                )
            except DomainError as no:
                form.refuse(no)
            else:
                return go(request, reverse("admin:receipt", args=[taken.receipt]))
        else:
            review = said["amount"]
    record_counter(user, row)
    takes = owed.payoff(row, renewals.rows_of(row), now()).total
    facts: dict[str, Any] = {
        "form": form,
        "loan": row,
        "takes": takes,
        "review": review,
        "stays": max(review - takes, Money.zero(row.currency)) if review else None,
    }
    return page(request, "loan_cash", status=form.status, place="teller", find=find, **facts, **drawer(own))


def _found(find: ForLoan) -> Loan | None:
    if not (find.is_bound and find.is_valid()):
        return None
    reference = "".join(find.cleaned_data["loan"].split()).upper().replace("\0", "")
    row: Loan | None = Loan.objects.shown().filter(reference=reference, status__in=OWED).first()
    if row is None:
        find.add_error("loan", _now("No running loan has that reference. Check it with them."))
    return row
