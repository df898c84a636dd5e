"""A payment that an app asks for in the sandbox: the ways of a real one, on made-up accounts.

The consent is locked first, then both accounts by primary key. Nothing here posts, holds, screens or asks a rail: the
cents of an amount say how it goes (`magic.py`), the balance whether there is enough.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountNotActive, LimitExceeded
from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import IllegalMove
from apps.kernel.money import CurrencyMismatch, Money
from apps.ledger.errors import InsufficientFunds
from apps.open_banking.errors import (
    BeyondConsent,
    ChallengeSpent,
    ConsentRequired,
    RefundTooLarge,
    WrongSandboxCode,
)
from apps.open_banking.magic import Magic, magic_of
from apps.open_banking.models import (
    Consent,
    ConsentType,
    Permission,
    Resource,
    SandboxAccount,
    SandboxPayment,
    SandboxPersona,
    SandboxTerms,
    TransactionRequest,
)
from apps.open_banking.operations.cover import require_covered
from apps.open_banking.operations.end import consume
from apps.open_banking.operations.pay import Asking
from apps.open_banking.operations.read import Leaving, let_leave
from apps.open_banking.operations.sandbox.payee import SandboxCreditor
from apps.open_banking.operations.sandbox.settle import go, lock_all, set_aside, tell
from apps.payments.errors import PayeeCannotReceive, ToYourself
from apps.users.models import User

ANSWER = "123"  # to every challenge, as OBP's own sandbox has it
TRIES = 3
TO_ANSWER = timedelta(minutes=15)
_S = SandboxPayment.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOrder:
    """What is asked for: from which account, to whom, how much; `details` as it is answered."""

    type: str
    account: SandboxAccount
    creditor: SandboxCreditor
    amount: Money
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    refund_of: SandboxPayment | None = None


@transaction.atomic
def ask_to_pay(*, asking: Asking, persona: SandboxPersona, order: SandboxOrder, at: datetime) -> SandboxPayment:
    """Begin a payment, and make it where nothing more has to be proven: as the live `ask_to_pay`.

    Stopped by the screen (a magic amount) it is kept as FAILED, and the consent is used up. Raises ConsentRequired,
    BeyondConsent, RefundTooLarge, AccountNotActive, PayeeCannotReceive, CurrencyMismatch, InsufficientFunds,
    LimitExceeded, ToYourself; then nothing is kept.
    """
    consent = _covering(asking.consent, order, at) if asking.consent is not None else None
    _lock(order)
    if order.refund_of is not None:
        _require_not_more(order.refund_of, order.amount, at)
    magic = _require_may(order)
    asks = _needs_challenge(order, persona, consent)
    row = SandboxPayment(
        app=asking.app, persona=persona, consent=consent, account=order.account, type=order.type,
        amount_minor=order.amount.minor, currency=order.amount.currency, details=order.details,
        note=consent.sandbox_terms.note or order.note if consent else order.note, refund_of=order.refund_of,
        status=_S.INITIATED, challenge=uuid.uuid4(), created_at=at, expires_at=at + TO_ANSWER,
        **order.creditor.where(),
    )  # fmt: skip
    if not asks:
        row.challenge = None
        go(row, magic, at)
    row.save()
    _write_down(asking, order, at)
    audit_trail.record(
        "open_banking.sandbox.payment", on=row, by=asking.user, at=at, after=row.facts, customer=asking.user
    )
    tell(row)
    if not asks:
        _use_up(row, at)
    return row


@transaction.atomic
def make_proven(*, payment: SandboxPayment, by: User, at: datetime) -> SandboxPayment:
    """Make a payment whose challenge was answered. Raises ConsentRequired, IllegalMove, and what the money says."""
    consent = Consent.objects.select_for_update().get(pk=payment.consent_id) if payment.consent_id else None
    if consent is not None and not consent.is_live(at):
        raise ConsentRequired(_("The customer's consent has ended. No money moved."))
    row = SandboxPayment.objects.select_for_update(of=("self",)).shown().get(pk=payment.pk)
    if row.status_at(at) != _S.INITIATED:
        raise IllegalMove(_("This payment waits for no answer any more. No money moved."))
    order = SandboxOrder(
        type=row.type, account=row.account, amount=row.amount, note=row.note,
        creditor=SandboxCreditor(
            txn_type=row.txn_type, name=row.payee_name, address=row.payee_address, key=row.payee_key,
            account=row.to_account,
        ),
    )  # fmt: skip
    _lock(order)
    go(row, _require_may(order), at)
    row.save()
    audit_trail.record("open_banking.sandbox.payment_proven", on=row, by=by, at=at, after=row.facts, customer=by)
    tell(row)
    _use_up(row, at)
    return row


def answer(*, payment: SandboxPayment, given: str, at: datetime) -> None:
    """Spend a try on an answer. Call it outside any transaction: a wrong one stays counted.

    Raises WrongSandboxCode, ChallengeSpent: after three wrong answers the next ends the payment.
    """
    waiting = SandboxPayment.objects.filter(pk=payment.pk, status=_S.INITIATED, expires_at__gt=at)
    if not waiting.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        _give_up(payment, at)
        raise ChallengeSpent(_("Three tries are used up. No money moved; ask for the payment again."))
    if given != ANSWER:
        raise WrongSandboxCode(_("In the sandbox the answer is 123. No money moved."))


@transaction.atomic
def _give_up(payment: SandboxPayment, at: datetime) -> None:
    waiting = SandboxPayment.objects.filter(pk=payment.pk, status=_S.INITIATED)
    if waiting.update(status=_S.FAILED, is_spent=True, ended_at=at):
        payment.refresh_from_db()
        tell(payment)


@transaction.atomic
def reject(*, payment: SandboxPayment, by: User, at: datetime) -> SandboxPayment:
    """The customer does not want it. Raises IllegalMove when it went already."""
    waiting = SandboxPayment.objects.filter(pk=payment.pk, status=_S.INITIATED)
    if not waiting.update(status=_S.REJECTED, ended_at=at):
        raise IllegalMove(_("This payment waits for no answer any more. No money moved."))
    payment.refresh_from_db()
    audit_trail.record("open_banking.sandbox.payment_rejected", on=payment, by=by, at=at, customer=by)
    tell(payment)
    return payment


def _covering(given: Consent, order: SandboxOrder, at: datetime) -> Consent:
    """The consent, locked, when it covers exactly this."""
    row = Consent.objects.select_for_update().get(pk=given.pk)
    terms = SandboxTerms.objects.filter(consent=row).first()
    if row.consent_type != ConsentType.PIS or terms is None or not row.is_live(at):
        raise ConsentRequired(_("The customer's consent to pay has ended. No money moved."))
    if not row.chosen.filter(sandbox_account=order.account, permission=Permission.PAYMENT).exists():
        raise BeyondConsent(_("The customer chose another account to pay from. No money moved."))

    def made(begin: datetime, end: datetime) -> tuple[int, int]:
        so_far = SandboxPayment.objects.counting(row, begin, end, at=at)
        return so_far.count(), so_far.aggregate(minor=Sum("amount_minor"))["minor"] or 0

    require_covered(row, terms, payee_key=order.creditor.key, amount=order.amount, note=order.note, made=made, at=at)
    return row


def _lock(order: SandboxOrder) -> None:
    """Both accounts, and the payer's as it is now."""
    lock_all([order.account.pk, order.creditor.account.pk if order.creditor.account else None])
    order.account.refresh_from_db()


def _require_may(order: SandboxOrder) -> Magic | None:
    """What the bank would say of the money. Returns what the cents ask for, if it is not a refusal."""
    account, to, amount = order.account, order.creditor.account, order.amount
    if account.status != SandboxAccount.Status.ACTIVE:
        raise AccountNotActive(_("This account is frozen: no money leaves it. No money moved."))
    if to is not None and to.pk == account.pk:
        raise ToYourself(_("An account cannot pay itself. No money moved."))
    if to is not None and to.status != SandboxAccount.Status.ACTIVE:
        raise PayeeCannotReceive(_("This account cannot receive money now. No money moved."))
    if to is not None and to.currency != amount.currency:
        raise CurrencyMismatch(_("The other account is in another currency. No money moved."))
    magic = magic_of(amount)
    code = magic.code if magic else ""
    free = account.balance_minor - set_aside([account.pk]).get(account.pk, 0)
    if code == InsufficientFunds.code or free < amount.minor:
        raise InsufficientFunds(_("There is not enough money on the account. No money moved."))
    if code == LimitExceeded.code:
        raise LimitExceeded(_("This is over a limit of the customer. No money moved."))
    return magic


def _needs_challenge(order: SandboxOrder, persona: SandboxPersona, consent: Consent | None) -> bool:
    """As live: a consent to pay was proof, and between a person's own accounts none is needed."""
    to = order.creditor.account
    if to is not None and to.persona_id == persona.pk:
        return False
    return consent is None or order.type == TransactionRequest.Type.ACCOUNT_OTP


def _require_not_more(original: SandboxPayment, amount: Money, at: datetime) -> None:
    """What was sent back of a payment never comes to more than it was; under the payment's lock."""
    SandboxPayment.objects.select_for_update().get(pk=original.pk)
    back = SandboxPayment.objects.filter(refund_of=original).moving(at)
    spent = back.aggregate(minor=Sum("amount_minor"))["minor"] or 0
    left = Money(original.amount_minor - spent, original.currency)
    if amount.currency != original.currency or amount > left:
        words = _("At most %(left)s of what was received can be sent back. No money moved.")
        raise RefundTooLarge(words % {"left": left})


def _use_up(row: SandboxPayment, at: datetime) -> None:
    """One payment uses up a consent to one; to recurring ones it stays."""
    if row.consent is not None and not row.consent.is_recurring:
        consume(consent=row.consent, at=at)


def _write_down(asking: Asking, order: SandboxOrder, at: datetime) -> None:
    leaving = Leaving(
        app_id=asking.app.pk, user_id=asking.user.pk, consent=asking.consent, accounts=[order.account.pk],
        resource=Resource.PAYMENT, fields="amount,payee", person_present=asking.person_present,
        interaction_id=asking.interaction_id, counts=False, is_sandbox=True,
    )  # fmt: skip
    let_leave(leaving=leaving, at=at)
