"""Paying into a group: from an account by a payment like any other, from M-Pesa, by hand at the paybill, in cash."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import topups
from apps.accounts.errors import TopUpNotConnected
from apps.accounts.models import Account, TransactionType
from apps.chamas import operations, queries
from apps.chamas.models import CashNote, CashNoteStatus, GroupLoan, GroupStatus
from apps.chamas.operations.incoming import WORD
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.portals.amounts import typed
from apps.portals.customer.chama.room import Room, chosen, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.loan_mpesa import FromPhone, paybill, whole
from apps.portals.customer.pages import done
from apps.portals.customer.pay import TOO_MANY, OwnAccount, begun, fresh_key, spendable, tell_the_cost
from apps.users.models import User
from apps.users.rules import shown_phone

RAIL, KIND = "chama", TransactionType.CONTRIBUTION


class PayIn(Sheet):
    """How much, from which account."""

    where = {"bad_amount": "amount", "not_offered": "amount", "currency_mismatch": "from_account"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    from_account = OwnAccount(label=_("From"))

    def __init__(self, *args: Any, user: User, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = [one for one in spendable(user) if one.account.currency == currency]
        sources: Any = self.fields["from_account"]
        sources.queryset = Account.objects.filter(pk__in=[one.account.pk for one in self.accounts]).in_order()
        tell_the_cost(self, KIND)


def suggested(room: Room, standing: queries.Standing) -> Money:
    """What is due; nothing due, what is paid each time."""
    return standing.total or Money(room.terms.contribution_minor, room.group.currency)


@require_http_methods(["GET", "POST"])
@customer_page
def contribute(request: HttpRequest, slug: str) -> HttpResponse:
    """What is due and what it is for; the next page shows the name and the fee before the proof."""
    room = room_of(request, slug)
    standing = queries.standing_of(room.me)
    form = _form(request, room, suggested(room, standing))
    if form.is_bound and form.is_valid():
        payment = started(request, form, room.user, room.me.reference)
        if payment:
            return done(request, "confirm", payment.public_id)
    notes = CashNote.objects.filter(member=room.me, status__in=[CashNoteStatus.RECORDED, CashNoteStatus.CONFIRMED])
    usual = Money(room.terms.contribution_minor, room.group.currency)
    return shown(
        request,
        room,
        "contribute",
        form,
        standing=standing,
        usual=usual,
        notes=notes.select_related("treasurer__user").order_by("-pk"),
        paybill=paybill(),
        mpesa=_provider() is not None,
    )


def _form(request: HttpRequest, room: Room, amount: Money) -> PayIn:
    initial = {"idempotency_key": fresh_key(), "amount": amount if amount else None}
    return PayIn(posted(request), user=room.user, currency=room.group.currency, initial=initial)


def started(request: HttpRequest, form: Sheet, user: User, reference: str) -> Payment | None:
    """A payment to a reference of the group, written down with its proof asked for; None when it was refused."""
    asked = form.cleaned_data

    def start(at: datetime) -> Payment:
        there = payments.find_destination(
            rail=RAIL, kind=KIND, asked={"reference": reference}, amount=asked["amount"], at=at
        )
        return payments.start_by_rail(
            payer=user,
            from_account=asked["from_account"],
            rail=RAIL,
            kind=KIND,
            destination=there,
            amount=asked["amount"],
            key=f"page/{asked['idempotency_key']}",
            at=at,
        )

    return begun(request, form, user, start)


def _provider() -> topups.TopUps | None:
    try:
        return topups.provider()
    except TopUpNotConnected:
        return None


@require_http_methods(["GET", "POST"])
@customer_page
def mpesa(request: HttpRequest, slug: str) -> HttpResponse:
    """A prompt on the phone, for one's dues or for a loan of the group; and how to pay at our paybill by hand."""
    room = room_of(request, slug)
    loan = _loan(room, request.GET.get("loan", ""))
    if loan is None:
        reference, amount = room.me.reference, suggested(room, queries.standing_of(room.me))
    else:
        reference, amount = loan.reference, operations.next_instalment(loan, at=now())
    initial = {
        "idempotency_key": fresh_key(),
        "amount": typed(whole(amount)) if amount else "",
        "phone": shown_phone(str(room.user.phone)) if room.user.phone else "",
    }
    form = FromPhone(posted(request), initial=initial)
    provider = _provider()
    if provider and form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            begun_ = provider.start(
                account=room.me.account,
                phone=form.cleaned_data["phone"],
                amount=form.cleaned_data["amount"],
                key=f"page/{form.cleaned_data['idempotency_key']}",
                by=room.user,
                at=now(),
                purpose=f"{WORD}{reference}",
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "topup-status", begun_.id)
    facts = {"reference": reference, "loan": loan, "paybill": paybill(), "is_connected": provider is not None}
    return shown(request, room, "mpesa", form, **facts)


def _loan(room: Room, reference: str) -> GroupLoan | None:
    """One's own loan of this group that runs, or was written off and is not back. Raises NotFound for any other, and
    in a group that is closed: it takes nothing back.
    """
    if not reference:
        return None
    owed = Q(status="ACTIVE") | Q(written_off_minor__gt=F("recovered_minor"))
    rows = GroupLoan.objects.filter(owed, member__user=room.user, group__status=GroupStatus.ACTIVE, group=room.group)
    rows = rows.filter(reference=reference)
    found = rows.select_related("member__user", "group").first()
    if found is None:
        raise NotFound(_("There is no such loan, it is paid back, or the group is closed. No money moved."))
    return found


@require_POST
@customer_page
def cash(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The member says whether they gave it; the treasurer takes back what was written wrongly."""
    room = room_of(request, slug)
    note = get_object_or_404(CashNote.objects.filter(group=room.group), pk=pk)
    answer = chosen(request, "answer", "yes", "no", "back")
    if answer == "back":
        operations.withdraw_cash_note(note=note, by=room.user, at=now())
        messages.success(request, gettext("Taken back."))
        return on(request, room, "sheet")
    operations.confirm_cash(note=note, is_so=answer == "yes", by=room.user, at=now())
    yes, no = (
        gettext("Thank you. The treasurer pays it in."),
        gettext("Noted. The others see that you did not give it."),
    )
    messages.success(request, yes if answer == "yes" else no)
    return on(request, room, "contribute")
