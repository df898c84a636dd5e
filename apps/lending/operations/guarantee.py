"""Guarantees: asked for by the borrower, given with proof and savings that are held, freed as the principal falls."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, AccountStatus, AccountType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import BadAmount, Money
from apps.ledger import operations as ledger
from apps.lending import policies
from apps.lending.errors import BadTerm, NotEligible
from apps.lending.events import GuaranteeAsked
from apps.lending.models import OPEN, Guarantee, GuaranteeStatus, Loan, LoanStatus, Tranche
from apps.lending.states import GUARANTEE
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

OPERATION = "lending.guarantee"


@transaction.atomic
def ask_guarantee(*, loan: Loan, guarantor: User, amount: Money, by: User, at: datetime) -> Guarantee:
    """Ask a person to stand for `amount` of a loan that is not paid out yet.

    Asked again while it waits, the same guarantee. Raises NotFound, IllegalMove, BadAmount, BadTerm.
    """
    policies.require_theirs(by, loan)
    loan = Loan.objects.select_for_update(no_key=True).get(pk=loan.pk)
    if loan.status not in OPEN:
        raise IllegalMove(_("This loan is decided already. Nobody was asked."))
    if guarantor.pk == loan.borrower_id or not guarantor.is_active:
        raise BadTerm(_("Ask somebody else to stand for you: nobody guarantees their own loan."))
    if amount.minor <= 0 or amount > loan.principal or amount.currency != loan.currency:
        raise BadAmount(_("A guarantee is for more than zero and at most the loan. Nobody was asked."))
    live = Guarantee.objects.filter(loan=loan, guarantor=guarantor, status__in=["ASKED", "GIVEN"]).first()
    if live:
        return live
    row = Guarantee.objects.create(
        loan=loan, guarantor=guarantor, currency=amount.currency, amount_minor=amount.minor, asked_at=at
    )
    audit_trail.record("lending.guarantee.asked", on=row, by=by, at=at, customer=guarantor, after=_facts(row))
    events.publish(GuaranteeAsked(guarantee_id=row.pk, loan_id=loan.pk, guarantor_id=guarantor.pk))
    return row


def bound_to(guarantee: Guarantee) -> dict[str, Any]:
    """What a guarantor's proof is bound to: this guarantee, its amount and its borrower."""
    return {
        "operation": OPERATION,
        "subject": f"guarantees/{guarantee.public_id}",
        "amount": guarantee.amount,
        "payee": guarantee.loan.reference,
    }


def challenge_guarantor(*, guarantee: Guarantee, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the guarantor to prove that it is them. Raises NotFound, IllegalMove, TooSoon."""
    _require_theirs(guarantee, by)
    if guarantee.status != GuaranteeStatus.ASKED:
        raise IllegalMove(_("This was answered already. Nothing was changed."))
    return people.challenge(user=by, at=at, method=method, **bound_to(guarantee))


@transaction.atomic
def guarantee(*, guarantee: Guarantee, account: Account, challenge_id: Any, by: User, at: datetime) -> Guarantee:
    """Stand for the loan: `amount` of one's savings is held from now on, and no one can take it out.

    Answered before, it is returned as it is. Raises NotFound, IllegalMove, NotEligible, StepUpRequired,
    InsufficientFunds, AccountNotActive.
    """
    _require_theirs(guarantee, by)
    _require_savings(account, by, guarantee)
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    Loan.objects.select_for_update(no_key=True).get(pk=guarantee.loan_id)  # a loan that ends now frees this one, too
    row = Guarantee.objects.select_related("loan").select_for_update(of=("self",)).get(pk=guarantee.pk)
    if row.status == GuaranteeStatus.GIVEN:
        return row
    if row.status != GuaranteeStatus.ASKED or row.loan.status not in OPEN:
        raise IllegalMove(_("This was answered or decided already. No money was held."))
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(row))
    held = _set_aside(row, account, row.amount, at)
    GUARANTEE.make(
        row,
        GuaranteeStatus.GIVEN,
        account=account,
        hold_id=held,
        held_minor=row.amount_minor,
        times=row.times,
        answered_at=at,
    )
    audit_trail.record("lending.guarantee.given", on=row, by=by, at=at, customer=by, after=_facts(row))
    return row


@transaction.atomic
def decline_guarantee(*, guarantee: Guarantee, by: User, at: datetime) -> Guarantee:
    """Say no. Raises NotFound, IllegalMove."""
    _require_theirs(guarantee, by)
    GUARANTEE.make(guarantee, GuaranteeStatus.DECLINED, answered_at=at, over_at=at)
    audit_trail.record("lending.guarantee.declined", on=guarantee, by=by, at=at, customer=by)
    return guarantee


@transaction.atomic
def free_guarantees(*, loan: Loan, at: datetime) -> int:
    """Free what the principal no longer needs, pro rata and rounded up; all of it once the loan is over.

    Safe to call again. Answers how many guarantees changed.
    """
    rows = list(
        Guarantee.objects.given().filter(loan=loan).select_related("account__owner").order_by("account_id", "pk")
    )
    list(
        Account.objects.select_for_update(no_key=True)
        .filter(pk__in=[row.account_id for row in rows])
        .order_by("pk")
        .values_list("pk")
    )
    loan = Loan.objects.select_for_update(no_key=True).get(pk=loan.pk)
    return sum(_free(row.pk, loan, at) for row in rows)


def _free(pk: int, loan: Loan, at: datetime) -> bool:
    row = Guarantee.objects.select_related("account__owner").select_for_update(of=("self",)).get(pk=pk)
    if row.status != GuaranteeStatus.GIVEN or row.account is None or row.hold_id is None:
        return False
    needed = Money(needed_minor(row, loan), row.currency)
    if needed >= row.held:
        return False
    ledger.release(row.hold_id, at=at)
    if not needed:
        GUARANTEE.make(row, GuaranteeStatus.RELEASED, held_minor=0, over_at=at)
        audit_trail.record("lending.guarantee.released", on=row, by=row.account.owner, at=at, customer=row.guarantor)
        return True
    held = _set_aside(row, row.account, needed, at)
    Guarantee.objects.filter(pk=row.pk).update(hold_id=held, held_minor=needed.minor, times=row.times)
    return True


def needed_minor(row: Guarantee, loan: Loan) -> int:
    """What must stay held: the guaranteed share of the principal that is left, rounded up to the cent."""
    if loan.status in (LoanStatus.PAID, LoanStatus.REJECTED, LoanStatus.CANCELLED):
        return 0
    if loan.status in OPEN:
        return row.amount_minor
    is_lost = loan.status == LoanStatus.WRITTEN_OFF
    left = loan.written_off_minor - loan.recovered_minor if is_lost else loan.principal_left_minor + undrawn_minor(loan)
    return share_minor(row, loan, left)


def share_minor(row: Guarantee, loan: Loan, left_minor: int) -> int:
    """What a guarantor stands for while so much of the principal is left, rounded up to the cent."""
    return min(-(-row.amount_minor * left_minor // loan.principal_minor), row.amount_minor)


def undrawn_minor(loan: Loan) -> int:
    """Parts of the loan that are still to be paid out: guarantors stand for those too."""
    return int(Tranche.objects.planned().filter(loan=loan).aggregate(n=Sum("amount_minor"))["n"] or 0)


def require_covered(loan: Loan) -> None:
    """Raises NotEligible while guarantors stand for less than the product asks."""
    if not loan.terms.guarantee_cover:
        return
    needed = loan.principal.times(loan.terms.guarantee_cover)
    given = Money(Guarantee.objects.given().filter(loan=loan).aggregate(n=Sum("held_minor"))["n"] or 0, loan.currency)
    if given < needed:
        raise NotEligible(
            _("Guarantors stand for %(given)s of the %(needed)s this loan needs. Nothing was done.")
            % {"given": given, "needed": needed}
        )


def _set_aside(row: Guarantee, account: Account, amount: Money, at: datetime) -> int:
    row.times += 1
    return accounts.set_aside(
        account=account,
        amount=amount,
        cost=Money.zero(amount.currency),
        reference=f"guarantee/{row.pk}/{row.times}",
        limited=False,
        at=at,
    ).hold_id


def _require_theirs(guarantee: Guarantee, by: User) -> None:
    if guarantee.guarantor_id != by.pk or not by.is_active:
        raise NotFound(_("There is no such request, or it is not for you."))


def _require_savings(account: Account, by: User, guarantee: Guarantee) -> None:
    is_theirs = account.owner_id == by.pk and account.account_type == AccountType.SAVINGS
    if not is_theirs or account.status != AccountStatus.ACTIVE or account.currency != guarantee.currency:
        raise NotEligible(_("Choose an open savings account of yours. No money was held."))


def _facts(row: Guarantee) -> dict[str, Any]:
    return {"loan": row.loan_id, "amount": str(row.amount)}
