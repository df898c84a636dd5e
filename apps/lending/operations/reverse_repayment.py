"""A repayment is taken back, by two people: the payer took the money back, or it was booked on the wrong loan.

Nothing posted changes: the books get the mirror of its transfer, the loan a version of its schedule more. The newest
repayment goes first, so that a loan only ever goes back to where it was known to stand (decision 0040).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountClosed
from apps.accounts.models import Account, AccountStatus, Transaction, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events, locks
from apps.kernel.clock import local_date
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.lending import policies
from apps.lending.errors import BadTerm, NotEligible, Overpaid, TakenBack
from apps.lending.events import RepaymentTakenBack
from apps.lending.models import (
    Because,
    Guarantee,
    GuaranteeStatus,
    Loan,
    LoanStatus,
    Repayment,
    RepaymentReversal,
    Source,
)
from apps.lending.operations.back_date import book_as_of, can_count_from
from apps.lending.operations.guarantee import share_minor
from apps.lending.operations.incoming import WORD, receive_for
from apps.lending.operations.repay import Locked, lock
from apps.lending.operations.undo import is_newest_schedule, undo
from apps.lending.purposes import OWED
from apps.users.models import User

REVERSE_REPAYMENT = "lending.reverse_repayment"
FROM_OUTSIDE = (Source.CASH, Source.MPESA, Source.BANK)
# Acts of the bank or of others, each with a way back of its own or none: no money came that could go back alone.
BOUND = {
    Source.REFINANCE: _("A new loan paid this, so it is not taken back. Nothing was changed."),
    Source.DOWN: _("This was a down payment out of the loan itself, so it is not taken back. Nothing was changed."),
    Source.GUARANTOR: _("A guarantor paid this by a decision of two, so it is not taken back. Nothing was changed."),
}


@transaction.atomic
def ask_reverse_repayment(
    *, repayment: Repayment, because: str, reason: str, to: str = "", by: User, at: datetime
) -> Approval:
    """Ask to take a repayment back, for one of `Because`; another officer decides, within their own limit. `to` is the
    reference of the loan it was meant for, which it goes on to; without one it is back on the account it came from.

    Raises NotAllowed, NotEligible, BadTerm, TakenBack, AccountClosed; then nothing was asked.
    """
    row = Repayment.objects.select_related("loan__account", "loan__terms", "loan__borrower").get(pk=repayment.pk)
    loan = row.loan
    policies.require_may_look(by, loan)
    if because not in Because.values:
        raise BadTerm(_("Choose why it is taken back. Nothing was changed."))
    right = _meant_for(to, row)
    _require_sound(loan, row, right)
    if right:
        policies.require_may_look(by, right)
    subject = f"loan/{loan.pk}"
    locks.in_turn(f"{REVERSE_REPAYMENT}/{row.pk}")  # of two who ask at once one waits
    waiting = Approval.objects.filter(kind=REVERSE_REPAYMENT, subject=subject, status=ApprovalStatus.PENDING)
    if waiting.filter(payload__repayment=row.pk).exists():
        raise TakenBack(_("A request about this payment waits for a second person already. Nothing was changed."))
    return approvals.ask(
        kind=REVERSE_REPAYMENT,
        subject=subject,
        payload={
            "loan": loan.pk,
            "repayment": row.pk,
            "because": because,
            "to": right.pk if right else None,
            "reason": reason.strip()[:500],
        },
        reason=reason,
        by=by,
        at=at,
        amount=row.amount,
        before={"status": str(LoanStatus(loan.status).label), "principal_left": str(loan.principal_left)},
        after=_foreseen(loan, row, right),
    )


@transaction.atomic
def run_reverse_repayment(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does, once. Raises as asking does, and InsufficientFunds; then nothing has moved."""
    right = Loan.objects.get(pk=payload["to"]) if payload["to"] else None
    row = Repayment.objects.select_related("loan").get(pk=payload["repayment"])
    held = _locked(row, right)
    loan = held[row.loan_id].loan
    right = held[right.pk].loan if right else None
    for one in filter(None, (loan, right)):
        policies.require_may_look(checker, one)
    _require_sound(loan, row, right)
    lines = _mirror(held[loan.pk], row, payload["reason"], checker, at)
    version = None
    if _is_recovery(loan, row):
        loan.recovered_minor -= row.amount_minor
        loan.save(update_fields=["recovered_minor"])
    else:
        version = undo(held[loan.pk], row, transfer_id=lines[0].transfer_id, by=checker, at=at).version
    reversal = RepaymentReversal.objects.create(
        repayment=row,
        loan=loan,
        because=payload["because"],
        reason=payload["reason"],
        transfer_id=lines[0].transfer_id,
        version=version,
        moved_to=right,
        reversed_on=local_date(at),
        asked_by=maker,
        decided_by=checker,
        made_at=at,
    )
    facts = {"repayment": row.reference, "amount": str(row.amount), "because": reversal.because}
    _tell(reversal, checker, at, facts)
    if right:
        _move_on(reversal, lines[0].account, right, checker, at)
    return facts | {"moved_to": right.reference if right else "", "asked_by": maker.pk}


def _locked(row: Repayment, right: Loan | None) -> dict[int, Locked]:
    """Both loans and all accounts, in the house's order: accounts first, by their ids."""
    ids = set(Transaction.objects.filter(transfer_id=row.transfer_id).values_list("account_id", flat=True))
    ids |= {one.account_id for one in (row.loan, right) if one}
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    return lock([row.loan_id, *([right.pk] if right else [])])


# ---- what may be taken back ----


def why_not(row: Repayment) -> str:
    """Why a repayment cannot be taken back now, in words; nothing when it can."""
    try:
        _require_sound(row.loan, row, None)
    except (NotEligible, TakenBack, AccountClosed) as no:
        return str(no)
    return ""


def _is_recovery(loan: Loan, row: Repayment) -> bool:
    return loan.status == LoanStatus.WRITTEN_OFF and loan.over_at is not None and row.made_at >= loan.over_at


def _require_sound(loan: Loan, row: Repayment, right: Loan | None) -> None:
    if RepaymentReversal.objects.filter(repayment=row).exists():
        raise TakenBack(_("This payment was taken back already. Nothing was changed."))
    if row.source in BOUND:
        raise NotEligible(BOUND[Source(row.source)])
    _require_open(row)
    if right:
        _require_right(loan, row, right)
    if _is_recovery(loan, row):
        return
    if loan.status not in (LoanStatus.ACTIVE, LoanStatus.PAID):
        raise NotEligible(_("The loan was written off since, so this payment stays as it is. Nothing was changed."))
    if row.before is None:
        raise NotEligible(
            _("This payment is older than what the bank keeps of how a loan stood before it. Nothing was changed.")
        )
    later = Repayment.objects.standing().filter(loan=loan, pk__gt=row.pk).order_by("-pk").first()
    if later:
        raise NotEligible(
            _("Payment %(reference)s of %(day)s came after it. Nothing was changed. Take that one back first.")
            % {"reference": later.reference, "day": date_format(later.paid_on)}
        )
    if not is_newest_schedule(loan, row):
        raise NotEligible(_("The schedule was changed after this payment, so it stays as it is. Nothing was changed."))


def _require_open(row: Repayment) -> None:
    closed = Account.objects.filter(lines__transfer_id=row.transfer_id, status=AccountStatus.CLOSED)
    if closed.exists():
        raise AccountClosed(_("The account that paid is closed, so nothing can go back to it. Nothing was changed."))


def _meant_for(reference: str, row: Repayment) -> Loan | None:
    wanted = "".join(reference.split()).upper().replace("\0", "")
    if not wanted:
        return None
    right = Loan.objects.select_related("account", "borrower", "terms").filter(reference=wanted).first()
    if right is None or right.pk == row.loan_id:
        raise BadTerm(_("No other loan has that reference. Nothing was changed."))
    return right


def _require_right(loan: Loan, row: Repayment, right: Loan) -> None:
    """Only money from outside goes on to another's loan: what was on an account is its owner's to send."""
    if row.source not in FROM_OUTSIDE and right.borrower_id != loan.borrower_id:
        raise NotEligible(
            _("This was paid from the borrower's own account, so it goes back there and nowhere else. Nothing changed.")
        )
    is_open = Account.objects.filter(pk=right.account_id, status=AccountStatus.ACTIVE).exists()
    if right.status not in OWED or right.currency != loan.currency or not is_open:
        raise NotEligible(_("The other loan cannot take this payment now. Nothing was changed."))


def _foreseen(loan: Loan, row: Repayment, right: Loan | None) -> dict[str, Any]:
    """What the second person should know: what is owed again, and which savings no longer stand for it."""
    after: dict[str, Any] = {
        "payment": row.reference,
        "paid_on": row.paid_on.isoformat(),
        "principal_left": str(loan.principal_left + row.principal),
        "status": str((LoanStatus.ACTIVE if loan.status == LoanStatus.PAID else LoanStatus(loan.status)).label),
        "goes_to": right.reference if right else str(_("the account it came from")),
    }
    missing = _no_longer_held(loan, loan.principal_left_minor + row.principal_minor)
    if missing:
        after["guarantors_stand_for_less"] = str(missing)
    return after


def _no_longer_held(loan: Loan, left_minor: int) -> Money:
    """Guarantors' savings that were freed and would still be held; they stay free."""
    rows = Guarantee.objects.filter(loan=loan, status__in=[GuaranteeStatus.GIVEN, GuaranteeStatus.RELEASED])
    wanted = sum(max(share_minor(one, loan, left_minor) - one.held_minor, 0) for one in rows)
    return Money(wanted, loan.currency)


# ---- what it does ----


def _mirror(held: Locked, row: Repayment, reason: str, by: User, at: datetime) -> list[Transaction]:
    with translation.override(held.loan.borrower.language):
        words = translation.gettext("Repayment %(reference)s taken back") % {"reference": row.reference}
    return accounts.reverse(
        transfer_id=row.transfer_id, words=lambda _line: words, reason=reason, receipt=row.reference, by=by, at=at
    )


def _move_on(reversal: RepaymentReversal, account: Account, right: Loan, by: User, at: datetime) -> None:
    """The money to the account of the loan it was meant for, and as much as is owed on to that loan: as of the day it
    came, where those days can be worked out anew, for whoever paid in time is not late.
    """
    row, amount = reversal.repayment, reversal.repayment.amount
    with translation.override(reversal.loan.borrower.language):
        out = translation.gettext("Payment meant for another loan")
    with translation.override(right.borrower.language):
        words = translation.gettext("Payment for loan %(reference)s") % {"reference": right.reference}
    accounts.post(
        reference=f"loan/{right.pk}/moved-from/{row.reference}",
        kind=TransactionType.REVERSAL.value,
        narrative=f"Repayment {row.reference} moved to loan {right.reference}",
        movements=[accounts.out_of(account, amount, out), accounts.into(right.account, amount, words)],
        by_bank=True,
        at=at,
        receipt=row.reference,
    )
    key = f"moved/{row.reference}"
    if not _counts_from_its_day(row, right, key, by, at):
        receive_for(purpose=f"{WORD}{right.reference}", amount=amount, key=key, source=row.source, by=by, at=at)


def _counts_from_its_day(row: Repayment, right: Loan, key: str, by: User, at: datetime) -> bool:
    """Whether it could be booked so: not where more came than was owed that day, or penalties went by another rule."""
    held = lock([right.pk])[right.pk]
    if not can_count_from(held.loan, row.paid_on, local_date(at)):
        return False
    stem = f"loan/{right.pk}/{key}"
    try:
        with transaction.atomic():
            book_as_of(held, row.amount, row.paid_on, source=row.source, key=key, stem=stem, by=by, at=at)
    except (Overpaid, NotEligible):
        return False
    return True


def _tell(reversal: RepaymentReversal, by: User, at: datetime, facts: dict[str, Any]) -> None:
    loan, row = reversal.loan, reversal.repayment
    audit_trail.record(
        "lending.repayment.taken_back",
        on=loan,
        by=by,
        at=at,
        customer=loan.borrower,
        after=facts,
        reason=reversal.reason,
    )
    events.publish(
        RepaymentTakenBack(
            reversal_id=reversal.pk,
            repayment_id=row.pk,
            loan_id=loan.pk,
            borrower_id=loan.borrower_id,
            minor=row.amount_minor,
            currency=row.currency,
        )
    )


__all__ = ["REVERSE_REPAYMENT", "ask_reverse_repayment", "run_reverse_repayment", "why_not"]
