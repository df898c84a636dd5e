"""Payments to our paybill: checked when M-Pesa asks, booked when it tells, in suspense when nobody knows whose.

The payer cannot be known by their number, which comes masked: the account reference they typed says whose money it is.
"""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.accounts import operations as accounts
from apps.accounts.errors import LimitExceeded
from apps.accounts.models import AccountStatus, AccountType
from apps.accounts.places import Meant, meant_by
from apps.fx.errors import RatesStale
from apps.kernel.money import Money
from apps.kyc.operations.screening import may_be_sanctioned
from apps.mpesa import rules
from apps.mpesa.models import Kind, MpesaTransaction
from apps.mpesa.operations.credit import book
from apps.mpesa.operations.top_up import UNDER_WAY
from apps.users.models import UserStatus

MAY_BE_LISTED = "Its payer may be on a sanctions list."  # read by staff alone
NO_SUCH_ACCOUNT, BAD_AMOUNT, BAD_SHORTCODE, OTHER = "C2B00012", "C2B00013", "C2B00015", "C2B00016"


def may_pay(told: rules.Received, *, at: datetime) -> str:
    """ "0" when a payment may come, else the code M-Pesa shows the payer's refusal by. Moves and writes nothing.

    What the account could not take is refused here, where no money has moved: later it would wait in suspense.
    """
    if not is_ours(told):
        return BAD_SHORTCODE
    if _prompts(told.reference).filter(status__in=UNDER_WAY).exists():
        return "0"
    meant = _meant(told.reference)
    if meant is None or meant.account.currency != "KES":
        return NO_SUCH_ACCOUNT
    account = meant.account
    is_over = account.status == AccountStatus.CLOSED or account.owner.status == UserStatus.CLOSED
    if is_over or account.account_type == AccountType.FIXED_DEPOSIT:
        return OTHER
    if not rules.LEAST_MINOR <= told.minor <= rules.MOST_MINOR:
        return BAD_AMOUNT
    try:
        accounts.require_room_for(owner=meant.account.owner, amount=Money(told.minor, "KES"), at=at)
    except (LimitExceeded, RatesStale):
        return BAD_AMOUNT
    return "0"


def is_ours(told: rules.Received) -> bool:
    """Whether it went to our shortcode; where none is said it did, because only ours is asked for."""
    return told.shortcode in {"", settings.DARAJA_SHORTCODE}


def told_otherwise(told: rules.Received, first: MpesaTransaction) -> str:
    """How a payment that is told of again differs from what its receipt is booked as; nothing when it does not."""
    if first.kind not in {Kind.C2B, Kind.STK_PUSH}:
        return f"Receipt {told.receipt} is booked for money that left."
    if told.minor != first.amount_minor:
        return f"{told.minor} cents in place of {first.amount_minor}"
    here, there = first.account_reference.casefold(), told.reference[:20].casefold()
    return "another account was named before" if here and there and here != there else ""


def confirm_c2b(*, told: rules.Received, at: datetime) -> MpesaTransaction | None:
    """Book a payment M-Pesa has taken: the money moved there, so it is never refused; None when it was booked before.

    The confirmation of an approved prompt carries that prompt's reference, and ends it. What comes from somebody who
    may be on a sanctions list waits in suspense, and nobody is told of it: a person looks.
    """
    with transaction.atomic():
        push = _push_of(told)
        if push is not None:
            if push.receipt:
                return None
            book(push, receipt=told.receipt, account=push.account, at=at)
            return push
        meant = _meant(told.reference)
        row = MpesaTransaction(
            kind=Kind.C2B,
            phone=told.masked_phone or None,
            name=told.name or None,
            amount_minor=told.minor,
            account_reference=told.reference[:20],
            purpose=meant.purpose if meant else "",
            receipt=told.receipt,
            created_at=at,
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            return None  # told before: by the callback twice, or by the pull
        is_listed = _may_be_listed(told.name)
        row.result_text = MAY_BE_LISTED if is_listed else ""
        book(row, receipt=told.receipt, account=meant.account if meant and not is_listed else None, at=at)
        return row


def _may_be_listed(name: str) -> bool:
    """By a whole name alone: many people share the first, which is all that M-Pesa often tells."""
    return len(name.split()) > 1 and may_be_sanctioned(name)


def _meant(reference: str) -> Meant | None:
    """Whose money it is: by what was typed, or by the reference of a prompt that is over. M-Pesa keeps that one beside
    our name, and offers it to whoever pays us again.
    """
    if found := meant_by(reference):
        return found
    over = _prompts(reference).exclude(status__in=UNDER_WAY).select_related("account__owner").first()
    return Meant(over.account, over.purpose) if over and over.account else None


def _prompts(reference: str) -> QuerySet[MpesaTransaction]:
    return MpesaTransaction.objects.filter(kind=Kind.STK_PUSH, account_reference=reference)


def _push_of(told: rules.Received) -> MpesaTransaction | None:
    rows = MpesaTransaction.objects.select_for_update(of=("self",)).select_related("account__owner", "user")
    by_receipt = rows.filter(receipt=told.receipt).first()
    if by_receipt:
        return by_receipt
    found = rows.filter(pk__in=_prompts(told.reference), receipt=None).first()
    return found if found and found.amount_minor == told.minor else None
