"""Who may do what with a loan."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts.policies import own_limit
from apps.fx import queries as fx
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.lending.errors import AboveOwnLimit, LoanRuns
from apps.lending.models import Loan, LoanEntry, Repayment
from apps.users.models import User
from apps.users.policies import require_unconnected


def require_no_loan(party: User, by: User, at: datetime) -> None:
    """What stands against closing a profile for good: a loan of theirs that runs. Raises LoanRuns."""
    if Loan.objects.owned_by(party).active().exists():
        raise LoanRuns(_("There is a loan that is not paid back. Settle it first. Nothing was done."))


def require_may_apply(who: User, borrower: User) -> None:
    """The borrower; or an officer on their behalf. Raises NotAllowed."""
    if not who.is_active or not borrower.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if who.pk != borrower.pk and not who.has_perm("lending.approve_loan"):
        raise NotAllowed(_("You can only ask for a loan for yourself."))


def require_theirs(who: User, loan: Loan) -> None:
    """Raises NotFound for anyone but the borrower."""
    if loan.borrower_id != who.pk or not who.is_active:
        raise NotFound(_("There is no such loan, or it is not yours."))


def require_may_look(who: User, loan: Loan) -> None:
    """An officer, on somebody else's loan. Raises NotAllowed."""
    _require(who, loan, "lending.approve_loan")


def require_may_decide(who: User, loan: Loan) -> None:
    """Four eyes: an officer with the right, within their own limit, who is not the borrower, did not bring the
    application, and above the product's amount did not review it. Raises NotAllowed, AboveOwnLimit.
    """
    _require(who, loan, "lending.approve_loan")
    if loan.made_by_id == who.pk:
        raise NotAllowed(_("Another officer must decide on an application that you brought."))
    require_within_limit(who, loan.principal)
    if loan.principal_minor > loan.terms.two_officers_above_minor:
        if loan.reviewed_by_id is None:
            raise NotAllowed(_("Two officers look at a loan of this size: one reviews it first, another decides."))
        if loan.reviewed_by_id == who.pk:
            raise NotAllowed(_("You reviewed it, so another officer must decide."))


def require_within_limit(who: User, amount: Money) -> None:
    """Raises AboveOwnLimit for more than an officer may decide on alone; RatesStale for a currency without a rate."""
    if fx.in_home(amount, now()) > own_limit(who):
        raise AboveOwnLimit(_("The amount is over your own approval limit. Nothing was decided; pass it on."))


def require_within_own_limit(who: User, approval: Approval) -> None:
    """What another asked for about a loan, by the amount that is at stake. Raises AboveOwnLimit, RatesStale."""
    if approval.amount is not None:
        require_within_limit(who, approval.amount)


def stands_on(transfer_id: int, reference: str) -> str | None:
    """What a transfer did to a loan is not undone in the books alone: the sentence that says so."""
    paid = Repayment.objects.select_related("loan").filter(transfer_id=transfer_id).first()
    if paid:
        words = _("This is repayment %(reference)s of loan %(loan)s. Nothing was reversed. Take it back on its page.")
        return words % {"reference": paid.reference, "loan": paid.loan.reference}
    if reference.startswith(("loan/", "lending/")) or LoanEntry.objects.filter(transfer_id=transfer_id).exists():
        return str(_("Loans stand on this transfer, so it is not reversed in the books alone. Nothing was reversed."))
    return None


def require_may_disburse(who: User, loan: Loan) -> None:
    """Someone with the right, who is not the borrower. Raises NotAllowed."""
    _require(who, loan, "lending.disburse_loan")


def require_may_write_off(who: User, loan: Loan) -> None:
    """Someone with the right, who is not the borrower. Raises NotAllowed."""
    _require(who, loan, "lending.write_off_loan")


def require_may_set_limit(who: User, person: User) -> None:
    """An officer, about a customer who is not themselves. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("lending.approve_loan"):
        raise NotAllowed(_("You do not hold the right to do this."))
    if who.pk == person.pk:
        raise NotAllowed(_("Another officer must serve you."))
    require_unconnected(who, person)


def require_may_change_products(who: User) -> None:
    """Raises NotAllowed."""
    if not who.is_active or not who.has_perm("lending.manage_products"):
        raise NotAllowed(_("You do not hold the right to change what the bank lends."))


def require_may_test(who: User) -> None:
    """Who sees the portfolio may try out bad times on it. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("lending.view_portfolio"):
        raise NotAllowed(_("You do not hold the right to do this."))


def _require(who: User, loan: Loan, permission: str) -> None:
    if not who.is_active or not who.has_perm(permission):
        raise NotAllowed(_("You do not hold the right to do this."))
    if loan.borrower_id == who.pk:
        raise NotAllowed(_("Another officer must serve you."))
    require_unconnected(who, loan.borrower)


def require_may_collect(who: User, loan: Loan) -> None:
    """Someone who collects, who neither borrowed it nor stands for it. Raises NotAllowed."""
    _require(who, loan, "lending.collect_loans")
    if loan.guarantees.filter(guarantor=who, status__in=["GIVEN", "CALLED"]).exists():
        raise NotAllowed(_("You stand for this loan, so another officer must work on it."))


def require_may_call_guarantors(who: User, loan: Loan) -> None:
    """Someone who may allow it, who neither borrowed it nor stands for it. Raises NotAllowed."""
    _require(who, loan, "lending.call_guarantors")
    require_may_collect(who, loan)
