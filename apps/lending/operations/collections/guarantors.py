"""Calling guarantors: told by letter, then by two people what they stand for is taken as repayment of the loan."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.kernel.money import Money, total
from apps.ledger import operations as ledger
from apps.lending import owed, policies
from apps.lending.errors import NothingOwed, TooEarly
from apps.lending.events import GuaranteeCalled
from apps.lending.models import (
    CallStatus,
    CollectionCase,
    CollectionLetter,
    Did,
    Guarantee,
    GuaranteeStatus,
    GuarantorCall,
    Instalment,
    LetterKind,
    Loan,
    LoanStatus,
    Repayment,
    Source,
)
from apps.lending.operations.collections.letter import require_legal
from apps.lending.operations.collections.log import locked, write
from apps.lending.operations.receive import receive
from apps.lending.operations.recover import recover, still_owed
from apps.lending.operations.repay import lock
from apps.lending.operations.settle import end, spread
from apps.lending.rules.shares import shares
from apps.lending.states import GUARANTEE, GUARANTOR_CALL
from apps.users.models import User

CALL_GUARANTORS = "lending.call_guarantors"


@transaction.atomic
def ask_call_guarantors(*, case: CollectionCase, reason: str, by: User, at: datetime) -> Approval:
    """Ask that guarantors pay what they stand for; another person decides. Each was told by letter, days before.

    Raises NotAllowed, TooEarly, NothingOwed, IllegalMove.
    """
    row = locked(case, by=by)
    held = list(Guarantee.objects.given().filter(loan_id=row.loan_id).order_by("pk"))
    _require_called(row, held, at)
    call = GuarantorCall(case=row, loan=row.loan, currency=row.loan.currency, asked_by=by, asked_at=at)
    try:
        with transaction.atomic():
            call.save()
    except IntegrityError:
        raise IllegalMove(_("A second person is asked already. Nothing was changed.")) from None
    most = min(total((one.held for one in held), row.loan.currency), _owed(row.loan, at))
    asked = approvals.ask(
        kind=CALL_GUARANTORS,
        subject=f"loan/{row.loan_id}",
        payload={"call": call.pk, "loan": row.loan_id},
        reason=reason,
        by=by,
        at=at,
        amount=most,
        before={"days_past_due": row.loan.days_past_due, "owed": str(_owed(row.loan, at))},
        after={"guarantors": len(held), "held": str(total((one.held for one in held), row.loan.currency))},
    )
    write(row, Did.GUARANTORS_ASKED, by=by, at=at, note=reason, amount=most, approval=asked.pk)
    return asked


@transaction.atomic
def run_call_guarantors(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does: each guarantor's savings pay their share of what is owed, at most what is held.

    Raises NotAllowed, TooEarly, NothingOwed, IllegalMove; then nothing has moved.
    """
    places = _lock_accounts(payload["loan"])
    loan = Loan.objects.select_related("borrower").select_for_update(of=("self",), no_key=True).get(pk=payload["loan"])
    policies.require_may_call_guarantors(checker, loan)
    call = GuarantorCall.objects.select_related("case").get(pk=payload["call"])
    case = locked(call.case)
    held = list(
        Guarantee.objects.given()
        .filter(loan=loan)
        .select_related("guarantor")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    _require_called(case, held, at)
    parts = shares(_owed(case.loan, at).minor, [row.held_minor for row in held])
    taken = Money.zero(loan.currency)
    for row, minor in zip(held, parts, strict=True):
        if minor and row.account_id:
            taken += _take(row, Money(minor, row.currency), places[row.account_id], checker, at)
    GUARANTOR_CALL.make(call, CallStatus.TAKEN, taken_minor=taken.minor, over_at=at)
    write(case, Did.GUARANTORS_PAID, by=checker, at=at, amount=taken, guarantors=sum(map(bool, parts)))
    return {"taken": str(taken), "guarantors": sum(map(bool, parts))}


@transaction.atomic
def spare_guarantors(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What a request that was sent back or withdrawn leaves behind: it may be asked again."""
    call = GuarantorCall.objects.select_related("case__loan__borrower").get(pk=payload["call"])
    GUARANTOR_CALL.make(call, CallStatus.SPARED, over_at=at)
    write(call.case, Did.GUARANTORS_SPARED, by=checker, at=at)
    return {}


def _lock_accounts(loan_id: int) -> dict[int, Account]:
    """The guarantors' accounts and the loan's own, in the house's order, before the loan."""
    ids = [*Guarantee.objects.given().filter(loan_id=loan_id).values_list("account_id", flat=True)]
    ids += Loan.objects.filter(pk=loan_id).values_list("account_id", flat=True)
    rows = Account.objects.select_related("owner").select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return {row.pk: row for row in rows.order_by("pk")}


def _require_called(case: CollectionCase, held: Sequence[Guarantee], at: datetime) -> None:
    if case.loan.status not in (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF) or not held:
        raise NothingOwed(_("Nobody stands for this loan with savings that are held. No money moved."))
    require_legal(case)
    told = CollectionLetter.objects.filter(case__loan_id=case.loan_id, kind=LetterKind.GUARANTOR)
    since = dict(told.order_by("-pk").values_list("to_id", "takes_effect_on"))
    today = local_date(at)
    if any((since.get(row.guarantor_id) or date.max) > today for row in held):
        raise TooEarly(
            _("Every guarantor must be told by letter first, and their days of notice be over. No money moved.")
        )


def _owed(loan: Loan, at: datetime) -> Money:
    if loan.status == LoanStatus.WRITTEN_OFF:
        return still_owed(loan)
    return owed.payoff(loan, list(Instalment.objects.current().filter(loan=loan).order_by("number")), at).total


def _take(row: Guarantee, amount: Money, account: Account, by: User, at: datetime) -> Money:
    """Free what is held and pay with it in the same breath, under the lock of the account: nobody comes between."""
    if row.hold_id is None:
        raise IllegalMove(_("This guarantee holds nothing any more. No money moved."))
    ledger.release(row.hold_id, at=at)
    GUARANTEE.make(row, GuaranteeStatus.CALLED, held_minor=0, over_at=at)
    paid = _pay(row, amount, account, by, at)
    facts = {"loan": row.loan_id, "amount": str(paid.amount), "repayment": paid.reference}
    audit_trail.record("lending.guarantee.called", on=row, by=by, at=at, customer=row.guarantor, after=facts)
    events.publish(
        GuaranteeCalled(
            guarantee_id=row.pk,
            loan_id=row.loan_id,
            guarantor_id=row.guarantor_id,
            minor=paid.amount_minor,
            currency=paid.currency,
        )
    )
    return amount


def _pay(row: Guarantee, amount: Money, account: Account, by: User, at: datetime) -> Repayment:
    key = f"guarantee/{row.pk}"
    one = lock([row.loan_id])[row.loan_id]  # anew for each: the payment before changed the rows
    loan = one.loan
    if loan.status == LoanStatus.WRITTEN_OFF:
        with translation.override(row.guarantor.language):
            words = gettext("Paid for loan %(reference)s, which you stood for") % {"reference": loan.reference}
        loan.account = account  # where the money comes from; the loan keeps its own
        return recover(loan, amount, words=words, source=Source.GUARANTOR, key=key, by=by, at=at)
    on = owed.counted_on(loan, one.rows, at)
    what = owed.payoff(loan, one.rows, at)
    settled = end(loan, one.rows, what, on) if amount == what.total else spread(loan, one.rows, amount, on)
    return receive([(settled, account, Source.GUARANTOR.value, key)], by=by, at=at)[0]
