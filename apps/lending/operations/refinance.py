"""A new loan in place of one that is late: asked for at the desk, allowed by another, signed by the borrower."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.lending import offers, policies, renewals
from apps.lending.errors import ActiveLoan, BadTerm, NothingOwed
from apps.lending.events import LoanApproved
from apps.lending.models import Loan, LoanStatus, ProductTerms, Renewal
from apps.lending.operations.apply import Renewing, renewed
from apps.lending.operations.repay import lock
from apps.lending.operations.switch import require_on
from apps.lending.references import new_reference
from apps.lending.states import LOAN
from apps.users.models import User

REFINANCE = "lending.refinance"


def ask_refinance(*, loan: Loan, terms: ProductTerms, periods: int, reason: str, by: User, at: datetime) -> Approval:
    """Ask that a late loan be paid off by a new one on other terms, without new money and without charges; another
    officer decides, then the borrower signs. Raises NotAllowed, NothingOwed, ActiveLoan, BadTerm, LendingStopped.
    """
    policies.require_may_look(by, loan)
    shown = _worked_out(loan, terms, periods, at)
    return approvals.ask(
        kind=REFINANCE,
        subject=f"loan/{loan.pk}",
        payload={"loan": loan.pk, "terms": terms.pk, "periods": periods},
        reason=reason,
        by=by,
        at=at,
        amount=shown.principal,
        before={
            "product": loan.product.code,
            "days_past_due": loan.days_past_due,
            "last_due_on": str(loan.last_due_on),
        },
        after={
            "product": terms.product.code,
            "periods": periods,
            "at most": str(shown.principal),
            "cost": str(shown.cost),
            "last_due_on": str(shown.plan.rows[-1].due_on),
        },
    )


def require_may_refinance(who: Any, approval: Approval) -> None:
    """As a loan of that size: within the officer's own limit, never on their own loan. Raises NotAllowed."""
    loan = Loan.objects.select_related("borrower").get(pk=approval.payload["loan"])
    policies.require_may_look(who, loan)
    policies.require_within_limit(who, Money(approval.amount_minor or 0, loan.currency))


@transaction.atomic
def run_refinance(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does: the new loan is offered to the borrower, once. Raises as `ask_refinance`."""
    User.objects.select_for_update(no_key=True).get(
        pk=Loan.objects.values_list("borrower", flat=True).get(pk=payload["loan"])
    )
    held = lock([payload["loan"]])[payload["loan"]]
    old, terms = held.loan, ProductTerms.objects.select_related("product").get(pk=payload["terms"])
    shown = _worked_out(old, terms, payload["periods"], at)
    until = at + timedelta(days=terms.offer_days)
    loan = Loan.objects.create(
        reference=new_reference(),
        borrower=old.borrower,
        product=terms.product,
        terms=terms,
        account=held.account,
        currency=old.currency,
        principal_minor=shown.principal.minor,
        periods=payload["periods"],
        rate=shown.rate,
        purpose=old.purpose,
        key=f"refinance/{old.pk}/{at:%Y%m%d%H%M%S%f}",
        made_by=maker,
        applied_at=at,
        score=old.score,
        limit_minor=shown.principal.minor,
        cost_minor=shown.cost.minor,
        apr_pct=shown.apr_pct,
        **renewed(Renewing(old, Renewal.REFINANCE, Money.zero(old.currency))),
    )
    LOAN.make(loan, LoanStatus.APPROVED, decided_by=checker, decided_at=at, offer_until=until)
    facts = {"replaces": old.reference, "at most": str(shown.principal), "asked_by": maker.pk}
    audit_trail.record("lending.loan.refinance_offered", on=loan, by=checker, at=at, customer=old.borrower, after=facts)
    events.publish(LoanApproved(loan_id=loan.pk, borrower_id=old.borrower_id))
    return {"loan": loan.reference, "at_most": str(shown.principal)}


def _worked_out(loan: Loan, terms: ProductTerms, periods: int, at: datetime) -> offers.Offer:
    """The most it can come to while the offer holds; what is lent in the end is what the old loan takes."""
    require_on()
    if loan.status != LoanStatus.ACTIVE:
        raise NothingOwed(_("This loan is not running. Nothing was changed."))
    if not loan.days_past_due:
        raise NotAllowed(_("This loan is not late. Nothing was changed. Its borrower can ask for more by themselves."))
    if Loan.objects.open().filter(replaces=loan).exists():
        raise ActiveLoan(_("A new loan in its place is offered already. Nothing was changed."))
    if Loan.objects.open().filter(borrower=loan.borrower_id, product=terms.product_id).exists():
        raise ActiveLoan(_("The borrower has asked for that loan already. Nothing was changed."))
    if terms.currency != loan.currency or terms.most_parts > 1 or terms.down_payment_pct:
        raise BadTerm(_("Choose a loan that is paid out at once, in the same currency. Nothing was changed."))
    most = renewals.most_by(loan, renewals.rows_of(loan), at, terms.offer_days)
    rate: Decimal = offers.rate_of(terms, local_date(at))
    return offers.offer(terms=terms, principal=most, periods=periods, on=local_date(at), rate=rate, is_charged=False)
