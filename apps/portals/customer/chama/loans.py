"""Loans of the group: how much one may ask for and why, who stands for it, and paying back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.chamas import operations
from apps.chamas.models import GroupGuarantee, GroupLoan, GroupLoanRow, GroupLoanStatus, Membership
from apps.chamas.operations.books import balances
from apps.chamas.rules import loan as limits
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.customer.chama.contribute import PayIn, started
from apps.portals.customer.chama.room import Room, chosen, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done
from apps.portals.customer.pay import fresh_key
from apps.portals.templatetags.kit import half_name

MOST = 100
_OWED = (GroupLoanStatus.ACTIVE, GroupLoanStatus.WRITTEN_OFF)  # what may be paid back


class Ask(Sheet):
    """How much, for how long, and who stands for it."""

    where = {"over_the_limit": "amount", "not_allowed": "guarantors"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    months = forms.IntegerField(
        label=_("Months"),
        min_value=1,
        error_messages={"required": _("Write a number."), "invalid": _("Write a number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    purpose = forms.CharField(
        label=_("What for (you may leave it out)"),
        max_length=140,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    guarantors = forms.TypedMultipleChoiceField(
        label=_("Who stands for it"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Membership.objects.voters().filter(group=room.group).exclude(pk=room.me.pk)
        names = [(one.pk, half_name(one.user.full_name)) for one in others.select_related("user").order_by("number")]
        self.fields["guarantors"].choices = names  # type: ignore[attr-defined]  # a field with choices, as above

    def refuse(self, no: DomainError, field: str | None = None) -> None:
        """The bounds of a loan are said at the amount, in words."""
        self.add_error(field or self.where.get(no.code, "amount"), gettext(str(no)))


@require_GET
@customer_page
def loans(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own, those one is asked to stand for, and what the group has lent."""
    room = room_of(request, slug)
    rows = GroupLoan.objects.filter(group=room.group).select_related("member__user").order_by("-pk")
    mine = list(rows.filter(member__user=room.user)[:20])
    asked = rows.filter(status=GroupLoanStatus.ASKED, guarantees__in=_unanswered(room))
    shown_all = [GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE, GroupLoanStatus.WRITTEN_OFF]
    others = rows.filter(status__in=shown_all).exclude(member__user=room.user)
    has_open = any(row.status in (GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE) for row in mine)
    lost = operations.not_made_good(room.me)
    may_ask = room.is_active and room.votes and not has_open and lost is None
    facts = {"mine": mine, "asked": asked, "others": others[:MOST], "lost": lost, **_limit(room)}
    return shown(request, room, "loans", may_ask=may_ask, **facts)


def _unanswered(room: Room) -> Any:
    """Where one was asked to stand for somebody and has said neither yes nor no."""
    return GroupGuarantee.objects.filter(member=room.me, agreed_at=None, declined_at=None)


def _limit(room: Room) -> dict[str, Any]:
    """The most one may ask for, and of what it follows."""
    saved = balances(room.group, member=room.me)["SAVINGS"]
    most = limits.limit(saved, room.terms.loan_multiple)
    currency = room.group.currency
    return {"saved": Money(saved, currency), "most": Money(most, currency), "times": room.terms.loan_multiple}


@require_http_methods(["GET", "POST"])
@customer_page
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for one; guarantors agree, then the group decides."""
    room = room_of(request, slug)
    form = Ask(posted(request), room=room, initial={"idempotency_key": fresh_key(), "months": 1})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            loan = operations.ask_loan(
                group=room.group,
                amount=asked["amount"],
                months=asked["months"],
                guarantors=asked["guarantors"],
                purpose=asked["purpose"],
                key=f"page/{asked['idempotency_key']}",
                by=room.user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Asked. Once your guarantors agreed, the group decides."))
            return on(request, room, "loan", loan.reference)
    return shown(request, room, "loan_new", form, rate=f"{room.terms.loan_rate_bps / 100:g}", **_limit(room))


def _loan(room: Room, reference: str) -> GroupLoan:
    rows = GroupLoan.objects.filter(group=room.group).select_related("member__user", "group", "version")
    return get_object_or_404(rows, reference=reference)


@require_http_methods(["GET", "POST"])
@customer_page
def loan(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """One loan: who stands for it, its instalments, and what I may do."""
    room = room_of(request, slug)
    row = _loan(room, reference)
    no: DomainError | None = None
    if request.method == "POST":
        try:
            _answer(request, room, row)
        except DomainError as refusal:
            no = refusal
        else:
            return on(request, room, "loan", row.reference)
    stand = list(row.guarantees.select_related("member__user").order_by("pk"))
    own = next((one for one in stand if one.member_id == room.me.pk), None)
    at, is_asked = now(), row.status == GroupLoanStatus.ASKED
    owed = operations.owed_on(row, local_date(at)) if row.status in _OWED else None
    is_mine = row.member.user_id == room.user.pk
    return shown(
        request,
        room,
        "loan",
        loan=row,
        guarantees=stand,
        rows=_instalments(row),
        owed=owed,
        next=operations.next_instalment(row, at=at) if row.status == GroupLoanStatus.ACTIVE else None,
        may_write_off=room.votes and operations.lost_loans(room.group, on=local_date(at)).filter(pk=row.pk).exists(),
        is_mine=is_mine,
        may_pay=is_mine and room.is_active and bool(owed),
        may_agree=is_asked and own is not None and own.agreed_at is None and own.declined_at is None,
        may_cancel=is_asked and row.member_id == room.me.pk,
        may_propose=is_asked and room.votes and all(one.agreed_at for one in stand),
        rate=f"{row.rate_bps / 100:g}",
        refused=str(no) if no else "",
        status=no.status if no else 200,
    )


def _instalments(row: GroupLoan) -> list[tuple[GroupLoanRow, Money]]:
    """Each with its amount; of a written-off loan what was paid of it, for the rest is not owed by instalments."""
    rows = row.rows.order_by("number")
    if row.status != GroupLoanStatus.WRITTEN_OFF:
        return [(one, Money(one.principal_minor + one.interest_minor, row.currency)) for one in rows]
    paid = [(one, Money(one.paid_principal_minor + one.paid_interest_minor, row.currency)) for one in rows]
    return [(one, amount) for one, amount in paid if amount]


def _answer(request: HttpRequest, room: Room, row: GroupLoan) -> None:
    do = chosen(request, "do", "agree", "decline", "cancel")
    if do == "cancel":
        operations.cancel_loan(loan=row, by=room.user, at=now())
        messages.success(request, gettext("Taken back. Nobody stands for it any more."))
        return
    if do == "decline":
        operations.decline_guarantee(loan=row, by=room.user, at=now())
        messages.success(request, gettext("You do not stand for it. Who asked is told."))
        return
    operations.agree_to_guarantee(loan=row, by=room.user, at=now())
    messages.success(request, gettext("You stand for this loan now."))


@require_http_methods(["GET", "POST"])
@customer_page
def pay(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Pay it back from an account; the next page shows the name and the fee before the proof."""
    room = room_of(request, slug)
    row = _loan(room, reference)
    if not room.is_active or row.status not in _OWED or not operations.owed_on(row, local_date(now())):
        return on(request, room, "loan", row.reference)
    begin = {"idempotency_key": fresh_key(), "amount": operations.next_instalment(row, at=now())}
    form = PayIn(posted(request), user=room.user, currency=row.currency, initial=begin)
    if form.is_bound and form.is_valid():
        payment = started(request, form, room.user, row.reference)
        if payment:
            return done(request, "confirm", payment.public_id)
    return shown(request, room, "loan_pay", form, loan=row, owed=operations.owed_on(row, local_date(now())))
