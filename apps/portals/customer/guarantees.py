"""Standing for a loan: a borrower asks people by phone, and those people say yes with proof and savings, or no."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Account, AccountStatus, AccountType
from apps.accounts.queries import Holding, holdings
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.lending import guarantors, operations
from apps.lending.errors import NotEligible
from apps.lending.models import OPEN, Guarantee, GuaranteeStatus
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.loans import own_loan
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many requests at once. Nobody was asked; wait a minute and try again.")


class Ask(Sheet):
    """Whom, and for how much of the loan."""

    where = {"not_found": "phone", "term_not_offered": "phone", "bad_amount": "amount"}
    phone = PhoneField(
        label=_("Their phone"), autocomplete="off", error_messages={"required": _("Write the phone to ask.")}
    )
    amount = AmountField(label=_("For how much they stand"))


@require_http_methods(["GET", "POST"])
@customer_page
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask people to stand for one's loan, and see who answered."""
    user = signed_in(request)
    loan = own_loan(user, public_id)
    asked = list(Guarantee.objects.filter(loan=loan).select_related("guarantor").order_by("pk"))
    cover = guarantors.cover_of(loan, asked)
    form = Ask(request.POST if request.method == "POST" else None, initial=_initial(cover))
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            operations.ask_guarantee(
                loan=loan,
                guarantor=guarantors.by_phone(form.cleaned_data["phone"]),
                amount=form.cleaned_data["amount"],
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Asked. They see it in their app and have an SMS."))
            return done(request, "loan-guarantors", loan.public_id)
    is_open = loan.status in OPEN
    return show(request, "borrow/guarantors", form, loan=loan, guarantees=asked, cover=cover, is_open=is_open)


def _initial(cover: guarantors.Cover) -> dict[str, Any]:
    return {"amount": cover.missing} if cover.missing else {}


class Savings(Sheet):
    """Which savings stand for the loan."""

    account = forms.ModelChoiceField(
        label=_("Savings account"),
        queryset=Account.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose an account."), "invalid_choice": _("Choose one of your accounts.")},
    )

    def __init__(self, *args: Any, held: list[Holding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["account"]
        field.queryset = Account.objects.filter(pk__in=[one.account.pk for one in held]).in_order()
        field.label_from_instance = lambda account: f"{account.name} {account.masked_number}"


def _own(user: User, public_id: uuid.UUID) -> Guarantee:
    rows = Guarantee.objects.asked_of(user).select_related("loan__borrower", "loan__product", "loan__terms", "account")
    return get_object_or_404(rows, public_id=public_id)


def _savings(user: User, currency: str) -> list[Holding]:
    rows = Account.objects.owned_by(user).filter(
        status=AccountStatus.ACTIVE, account_type=AccountType.SAVINGS, currency=currency
    )
    return holdings(rows.in_order().select_related("product"))


def _chosen(request: HttpRequest, held: list[Holding]) -> Holding | None:
    """The account that stands for it: the one that was chosen, or the only one."""
    wanted = request.GET.get("account", "")
    return next((one for one in held if str(one.account.pk) == wanted), held[0] if len(held) == 1 else None)


def _proof(request: HttpRequest, user: User, row: Guarantee) -> steps.Bound:
    return steps.Bound(
        request,
        user,
        f"guarantee:{row.public_id}",
        lambda way: operations.challenge_guarantor(guarantee=row, by=user, at=now(), method=way),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def guarantee(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Who asks, for how much and what it means; then yes with proof, or no."""
    user = signed_in(request)
    row = _own(user, public_id)
    proof = _proof(request, user, row)
    step, held = proof.step(), _savings(user, row.currency)
    chosen = _chosen(request, held)
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            _give(request, row, chosen, step, form, user)
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            messages.success(request, gettext("You stand for this loan now. The money is held."))
            return done(request, "guarantee", row.public_id)
    return _page(request, row, held, chosen, form, proof.step())


def _give(
    request: HttpRequest, row: Guarantee, chosen: Holding | None, step: steps.Step, form: steps.Proof, user: User
) -> None:
    if row.status == GuaranteeStatus.GIVEN:
        return
    if chosen is None:
        raise NotEligible(_("Choose an open savings account of yours. No money was held."))
    steps.answer(request, step, form, user)
    operations.guarantee(
        guarantee=row,
        account=chosen.account,
        challenge_id=step.challenge.pk if step.challenge else None,
        by=user,
        at=now(),
    )


def _page(
    request: HttpRequest,
    row: Guarantee,
    held: list[Holding],
    chosen: Holding | None,
    form: steps.Proof,
    step: steps.Step,
) -> HttpResponse:
    choice = Savings(held=held, initial={"account": chosen.account.pk if chosen else None})
    return show(
        request,
        "borrow/guarantee",
        form,
        row=row,
        loan=row.loan,
        held=held,
        chosen=chosen,
        choice=choice,
        is_short=chosen is not None and chosen.available < row.amount,
        may_answer=row.status == GuaranteeStatus.ASKED and row.loan.status in OPEN,
        step=step,
        sent=request.GET.get("sent"),
        code_at=reverse("customer:guarantee-code", args=[row.public_id]) + _with(chosen, "?"),
    )


def _with(chosen: Holding | None, sign: str) -> str:
    """The chosen account goes along from page to page."""
    return f"{sign}account={chosen.account.pk}" if chosen else ""


@require_POST
@customer_page
def code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    row = _own(user, public_id)
    proof, held = _proof(request, user, row), _savings(user, row.currency)
    chosen = _chosen(request, held)
    try:
        proof.ask()
    except DomainError as no:
        if row.status != GuaranteeStatus.ASKED:
            return done(request, "guarantee", row.public_id)
        return _page(request, row, held, chosen, steps.refused(no), proof.step())
    return done(request, "guarantee", row.public_id, query=f"?sent=1{_with(chosen, '&')}")


@require_POST
@customer_page
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say no; nothing is held."""
    user = signed_in(request)
    row = _own(user, public_id)
    operations.decline_guarantee(guarantee=row, by=user, at=now())
    messages.success(request, gettext("Declined. Nothing of yours is held."))
    return done(request, "borrow")
