"""Interest that was paid to an account wrongly: asked for by one, taken back by two, the tax with it."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import BadInterestBack
from apps.accounts.events import InterestTakenBack
from apps.accounts.models import (
    POTS,
    Account,
    AccountStatus,
    AccruedInterest,
    InterestPayment,
    InterestReturn,
    PaidBecause,
    Transaction,
)
from apps.accounts.operations.accrue import book_accrued
from apps.accounts.operations.reverse import reverse, taken_back, tell_of
from apps.accounts.policies import require_not_ones_own, require_within_own_limit
from apps.accounts.rules.interest import PARTS
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import CurrencyMismatch, Money
from apps.ledger import operations as ledger
from apps.users.models import User

INTEREST_BACK = "accounts.interest_back"
ABOUT = "accounts/interest/"  # and the number of the payment
RIGHT = "ledger.reverse_transfer"
_REFERENCE = re.compile(r"interest/(\d{4}-\d{2}-\d{2})/(\d{1,18})")
_TAKEN_UP = """
SELECT COALESCE(sum(e.amount_minor), 0)::bigint, EXISTS (SELECT FROM ledger_transfer t WHERE t.reverses_id = %s)
  FROM ledger_entry e WHERE e.transfer_id = %s AND e.account_id = %s
"""


def interest_payment(reference: str) -> InterestPayment | None:
    """The payment of interest that a line's reference names; None for another one."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or (paid_for := parse_date(found[1])) is None:
        return None
    rows = InterestPayment.objects.select_related("account", "taken_back__asked_by", "taken_back__allowed_by")
    return rows.filter(account=int(found[2]), paid_for=paid_for).first()


def interest_payment_of(transfer_id: int) -> InterestPayment | None:
    """The payment of interest that a transfer on accounts is; None for another one, as for the mirror of one."""
    line = Transaction.objects.filter(transfer_id=transfer_id).order_by("pk").first()
    payment = interest_payment(line.reference) if line else None
    return payment if payment and payment.transfer_id == transfer_id else None


def interest_back_asked(payment: InterestPayment) -> Approval | None:
    """The request to take it back that waits, with who asked."""
    waiting = Approval.objects.filter(kind=INTEREST_BACK, subject=f"{ABOUT}{payment.pk}", status=ApprovalStatus.PENDING)
    return waiting.select_related("maker").first()


def ask_interest_back(*, payment: InterestPayment, owed: Money, reason: str, by: User, at: datetime) -> Approval:
    """Ask for interest to be taken back from the account it was paid into, with its tax; nothing moves until another
    person allows it. `owed` of it was earned all the same: it is paid at the next month's end, with the tax of then.

    Raises NotAllowed without the right or a reason and on one's own account, CurrencyMismatch, BadInterestBack,
    IllegalMove when it was taken back, AlreadyAsked.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to reverse transfers. Nothing was changed."))
    lines = _lines(payment)
    _require_can_be(payment, owed, lines)
    for account in {line.account for line in lines} | {payment.account}:
        require_not_ones_own(by, account)
    before = {"gross": str(payment.gross), "tax": str(payment.tax), "earned to": payment.paid_for.isoformat()}
    return approvals.ask(
        kind=INTEREST_BACK,
        subject=f"{ABOUT}{payment.pk}",
        payload={"payment": payment.pk, "owed": owed.minor, "reason": reason.strip()[:200]},
        before=before | {"account": lines[0].account.number},
        after={"taken from the account": str(payment.gross - payment.tax), "still owed": str(owed)},
        amount=payment.gross,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_interest_back(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What two allowed: the mirror of the payment, and what was not earned is owed no more and no expense.

    Raises BadInterestBack, IllegalMove when it was taken back, AccountClosed, InsufficientFunds when the account has it
    no more, PeriodClosed; then nothing has moved.
    """
    payment = InterestPayment.objects.select_related("account").get(pk=payload["payment"])
    touched = {payment.account_id, *(line.account_id for line in _lines(payment))}
    held = {one.pk: one for one in _locked(touched)}
    payment.account = held[payment.account_id]
    owed, reason = Money(payload["owed"], payment.currency), payload["reason"]
    _require_can_be(payment, owed, _lines(payment))
    taken_up, is_reversed = _taken_up(payment)
    if is_reversed:
        raise IllegalMove(_("The books have a reversal of this payment already. Nothing was changed."))
    AccruedInterest.objects.select_for_update(no_key=True).filter(pk=payment.account_id).first()
    receipt = _lines(payment)[0].reference
    made = reverse(transfer_id=payment.transfer_id, words=taken_back, reason=reason, receipt=receipt, by=checker, at=at)
    today = local_date(at)
    unearned = book_accrued(
        Money(owed.minor - taken_up, payment.currency), reference=f"{receipt}/unearned", day=today, at=at
    )
    AccruedInterest.objects.filter(pk=payment.account_id).update(parts=F("parts") + Decimal(owed.minor * PARTS))
    row = InterestReturn.objects.create(
        payment=payment, owed_minor=owed.minor, transfer_id=made[0].transfer_id, unearned_transfer_id=unearned,
        reason=reason, asked_by=maker, allowed_by=checker, at=at,
    )  # fmt: skip
    facts = {"gross": str(payment.gross), "tax": str(payment.tax), "owed": str(owed), "asked_by": maker.pk}
    audit_trail.record(
        "accounts.interest.taken_back", on=row, by=checker, at=at, after=facts, reason=reason,
        customer=made[0].account.owner,
    )  # fmt: skip
    events.publish(
        InterestTakenBack(
            payment_id=payment.pk, account_id=payment.account_id, minor=payment.gross_minor, owed_minor=owed.minor
        )
    )
    tell_of(made, at)
    return {"transfer": row.transfer_id}


def _lines(payment: InterestPayment) -> list[Transaction]:
    rows = Transaction.objects.filter(transfer_id=payment.transfer_id).select_related("account__owner")
    return list(rows.order_by("pk"))


def _locked(pks: set[int]) -> list[Account]:
    """Before what they earned, as everywhere."""
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    return list(rows.filter(pk__in=pks).order_by("pk"))


def _require_can_be(payment: InterestPayment, owed: Money, lines: list[Transaction]) -> None:
    if owed.currency != payment.currency:
        raise CurrencyMismatch(_("The interest is in another currency. Nothing was changed."))
    if InterestReturn.objects.filter(payment=payment).exists():
        raise IllegalMove(_("This interest was taken back before. Nothing was changed."))
    if any(line.account.account_type in POTS for line in lines):
        raise BadInterestBack(
            _("This interest went into a goal or a deposit and is part of it. Nothing was changed. Wait until it ends.")
        )
    if not 0 <= owed.minor < payment.gross_minor:
        raise BadInterestBack(
            _("Less was earned than was paid, or there is nothing to take back. Nothing was changed.")
        )
    is_over = payment.because != PaidBecause.MONTH or payment.account.status == AccountStatus.CLOSED
    if owed.minor and is_over:
        raise BadInterestBack(
            _("The account that earned it is closed and gets nothing more. Nothing was changed. Take all of it back.")
        )


def _taken_up(payment: InterestPayment) -> tuple[int, bool]:
    """What the books owed of it before it was paid (minor units; less than all of it by what was rounded), and whether
    the books have a reversal of it.
    """
    payable = ledger.gl("interest:payable", payment.currency).id
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_UP, [payment.transfer_id, payment.transfer_id, payable])
        minor, is_reversed = cursor.fetchone()
    return minor, is_reversed


def _may_decide(who: User, approval: Approval) -> None:
    payment = InterestPayment.objects.select_related("account__owner").get(pk=approval.payload["payment"])
    for account in {line.account for line in _lines(payment)} | {payment.account}:
        for person in (approval.maker, who):
            require_not_ones_own(person, account)
    require_within_own_limit(who, approval)


def register_kind() -> None:
    """Called in `AppConfig.ready()`."""
    approvals.register(
        approvals.Kind(
            code=INTEREST_BACK,
            label=_("Interest taken back"),
            permission=RIGHT,
            run=run_interest_back,
            may_decide=_may_decide,
            alone=True,
        )
    )
