"""Confirming a payment: name, amount, fee and balance first, then the proof, then the money, once."""

import uuid
from datetime import date, timedelta
from math import ceil
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import TransactionType
from apps.accounts.queries import Holding, holding
from apps.fraud.models import FlaggedTransaction
from apps.fraud.operations.screen import ANSWER_WITHIN
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.ledger.errors import InsufficientFunds
from apps.payments import operations, rails
from apps.payments.models import HeldBecause, Payment, PaymentStatus
from apps.payments.operations.confirm import CONFIRMED, note_refusal
from apps.payments.queries import gone_back, saved_payee
from apps.portals.context import HIDE_COOKIE
from apps.portals.customer import queries, receipts
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page, is_partial
from apps.portals.customer.forms import in_full
from apps.portals.customer.live import live
from apps.portals.customer.pages import done, go, show
from apps.portals.customer.pay import own_payment
from apps.portals.templatetags.kit import day, plain_money
from apps.users.doors import signed_in
from apps.users.models import User

DONE = {PaymentStatus.COMPLETED, PaymentStatus.REVERSED}
A_DAY = timedelta(days=1)  # after which "we are asking" alone is no answer any more


@require_http_methods(["GET", "POST"])
@customer_page
def confirm(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The name before the proof. A payment that is done leads to its receipt, so a second press changes nothing."""
    user = signed_in(request)
    payment = own_payment(user, public_id)
    if payment.status in CONFIRMED:
        return done(request, "done", payment.public_id)
    if payment.status != PaymentStatus.AWAITING_CONFIRMATION or payment.expires_at <= now():
        return _over(request, payment)
    step = _step(user, payment)
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            _pay(payment, user)
        except DomainError as no:
            return _refused(request, payment, user, form, no)
        return done(request, "done", payment.public_id)
    return _page(request, payment, step, form)


def _over(request: HttpRequest, payment: Payment) -> HttpResponse:
    """Nothing was sent, and why."""
    told = payment.confirmed_at and payment.status == PaymentStatus.FAILED and payment.failed_because
    return show(
        request,
        "pay/over",
        payment=payment,
        why=_(payment.failed_because) if told else "",
        again=f"customer:{queries.page_of(payment)}",
        status=409 if request.method == "POST" else 200,
    )


def _step(user: User, payment: Payment) -> steps.Step:
    return steps.step_of(user, steps.challenge_of(user, payment.challenge), now())


def _pay(payment: Payment, user: User) -> None:
    """Move the money; why it was refused is kept for the person's history and for staff."""
    try:
        operations.confirm(payment=payment, challenge_id=payment.challenge, by=user, at=now())
    except DomainError as refusal:
        note_refusal(payment=payment, refusal=refusal, by=user, at=now())
        raise


def _refused(request: HttpRequest, payment: Payment, user: User, form: steps.Proof, no: DomainError) -> HttpResponse:
    if isinstance(no, InsufficientFunds):
        form.errors.clear()
        hidden = request.COOKIES.get(HIDE_COOKIE) == "1"
        form.add_error(None, _short_of(payment, None if hidden else holding(payment.from_account)))
    elif not form.errors:
        form.refuse(no)
    return _page(request, payment, _step(user, payment), form, why=no.code)


def _short_of(payment: Payment, held: Holding | None) -> str:
    if held is None:
        return _("Not sent. The account does not have that much. Add money or lower the amount.")
    words = _("Not sent. Your balance is %(balance)s and this needs %(needed)s. Add money or lower the amount.")
    return words % {"balance": plain_money(held.available), "needed": plain_money(payment.total)}


def _page(
    request: HttpRequest, payment: Payment, step: steps.Step, form: steps.Proof | None, why: str = ""
) -> HttpResponse:
    held = holding(payment.from_account)
    after = held.available - payment.total
    against = operations.foreseen(payment, now())
    return show(
        request,
        "pay/confirm",
        form,
        payment=payment,
        total=payment.total,
        after=after,
        is_short=isinstance(against, InsufficientFunds),
        available=held.available,
        arrives=_arrives(payment),
        another=f"customer:{queries.page_of(payment)}",
        against=in_full(against) if against else "",
        step=step,
        why=why or (against.code if against else ""),
        sent=request.GET.get("sent"),
    )


def _arrives(payment: Payment) -> Any:
    """When, in words: the day that was promised, or as the rail says."""
    if promised := payment.destination.get("arrives_on"):
        return _("By %(day)s") % {"day": day(date.fromisoformat(promised))}
    return rails.rail(payment.rail).arrives(payment.kind) if rails.is_connected(payment.rail) else ""


@require_POST
@customer_page
def ask_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A new code, or another way of proving it."""
    user = signed_in(request)
    payment = own_payment(user, public_id)
    try:
        steps.ask(request, lambda way: operations.challenge(payment=payment, by=user, at=now(), method=way))
    except DomainError as no:
        if payment.status != PaymentStatus.AWAITING_CONFIRMATION:
            return done(request, "confirm", payment.public_id)
        return _refused(request, payment, user, steps.refused(no), no)
    return done(request, "confirm", payment.public_id, query="?sent=1")


@require_POST
@customer_page
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Before it is confirmed."""
    user = signed_in(request)
    payment = own_payment(user, public_id)
    try:
        operations.cancel(payment=payment, by=user, at=now())
    except DomainError:
        if payment.status == PaymentStatus.AWAITING_CONFIRMATION:
            raise
        return done(request, "confirm", payment.public_id)  # it is done or cancelled already, and that page says which
    return done(request, "confirm", payment.public_id)


@require_GET
@customer_page
def receipt(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What was sent, with the line it left in the account; or where it stands while it is on its way."""
    user = signed_in(request)
    payment = own_payment(user, public_id)
    if payment.status in queries.UNDER_WAY:
        return _under_way(request, payment)
    if payment.status not in DONE:
        return done(request, "confirm", payment.public_id)
    if is_partial(request):  # the page that waited asks: it is over, so on to the receipt
        return go(request, request.path)
    line, back = queries.line_of(payment), gone_back(payment)
    return show(
        request,
        "pay/done",
        payment=payment,
        line=line,
        back=back,
        balance=line.running_balance - payment.charge.total if line else None,  # its fee comes right after it
        share=_share(payment, back),
        may_save=payment.payee_key and _may_save(user, payment),
        **_repeat(payment),
    )


def _share(payment: Payment, back: Money) -> str:
    """What its payer may show somebody: with what of it went back, or it would say more than was paid."""
    said = _("%(amount)s sent to %(name)s on %(day)s, reference %(reference)s. KitBank")
    if payment.kind == TransactionType.EXCHANGE:
        said = _("%(amount)s exchanged into %(name)s on %(day)s, reference %(reference)s. KitBank")
    elif back:
        said = _("%(amount)s to %(name)s on %(day)s, reference %(reference)s: %(back)s was sent back. KitBank")
    return said % {
        "amount": plain_money(payment.amount),
        "name": payment.payee_name,
        "day": day(payment.completed_at or now()),
        "reference": payment.reference,
        "back": plain_money(back),
    }


# What was done, and doing it again, by the page that does it; money that was sent otherwise.
_SAID = {
    "move": (_later("Moved"), _later("Move again")),
    "exchange": (_later("Exchanged"), _later("Exchange again")),
    "bill": (_later("Paid"), _later("Pay again")),
    "till": (_later("Paid"), _later("Pay again")),
    "scan": (_later("Paid"), _later("Pay again")),
    "airtime": (_later("Bought"), _later("Buy again")),
    "withdraw": (_later("Taken out"), _later("Withdraw again")),
}
_TYPED_ANEW = {"move", "exchange"}  # these pages take nothing over


def _repeat(payment: Payment) -> dict[str, Any]:
    name = queries.page_of(payment)
    said, repeat = _SAID.get(name, (_later("Sent"), _later("Send again")))
    is_typed_anew = name in _TYPED_ANEW or payment.rail == "abroad"
    return {"said": said, "repeat": repeat, "again": f"customer:{name}", "is_typed_anew": is_typed_anew}


def _may_save(user: User, payment: Payment) -> bool:
    """Whether it went to somebody else, who is not in the book yet."""
    is_own = payment.to_account is not None and payment.to_account.owner_id == user.pk
    if is_own or payment.merchant_id or queries.page_of(payment) == "withdraw":
        return False
    return saved_payee(user, payment.payee_key) is None


@require_GET
@customer_page
def paper(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The receipt as a PDF to keep or to show: without the balance, which is nobody else's business."""
    payment = own_payment(signed_in(request), public_id)
    if payment.status not in DONE:
        raise Http404
    require("money", caller_of(request), _("Too many receipts at once. Wait a minute and try again."))
    return receipts.file_of(payment)


def _asks(payment: Payment) -> bool:
    """Whether its payer is asked if it was them."""
    asked = FlaggedTransaction.objects.filter(reference=f"payments/{payment.public_id}")
    return asked.filter(status="OPEN", asks_customer=True).exists()


def is_late(payment: Payment) -> bool:
    """Whether what was promised of its wait is over: an answer of the bank, or of who was asked what became of it."""
    since = payment.sent_at or payment.confirmed_at or payment.created_at
    if payment.status == PaymentStatus.HELD and payment.held_because == HeldBecause.REVIEW:
        return now() >= since + ANSWER_WITHIN
    return payment.status == PaymentStatus.CHECKING and now() >= since + A_DAY


def _under_way(request: HttpRequest, payment: Payment) -> HttpResponse:
    """The truth while it is not over, looked at again by the page itself every few seconds."""
    late = is_late(payment)
    may_stop = payment.held_because == HeldBecause.NEW_PAYEE and payment.status == PaymentStatus.HELD
    left = (payment.held_until - now()).total_seconds() if may_stop and payment.held_until else 0
    return live(
        request,
        "pay/under_way",
        "pay/_under_way",
        state=f"{payment.status}-late" if late else payment.status,
        is_late=late,
        since=payment.sent_at or payment.confirmed_at or payment.created_at,
        payment=payment,
        may_stop=may_stop,
        asks=payment.held_because == HeldBecause.REVIEW and _asks(payment),
        left=max(ceil(left), 0),
    )
