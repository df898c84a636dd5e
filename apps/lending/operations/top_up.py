"""More money on top of a loan in good standing: a new loan that pays the old one off when it is paid out."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import operations as scoring
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending import offers, policies, renewals
from apps.lending.errors import ActiveLoan, NotEligible
from apps.lending.models import Loan, ProductTerms, Renewal
from apps.lending.operations.apply import Renewing, apply
from apps.payments.errors import KeyReused
from apps.users.models import User


def terms_for(loan: Loan, at: datetime) -> ProductTerms:
    """The terms in force of the same product. Raises NotEligible when it is no longer offered."""
    rows = ProductTerms.objects.in_force(local_date(at)).select_related("product").prefetch_related("fees")
    found = next((row for row in rows if row.product_id == loan.product_id), None)
    if found is None:
        raise NotEligible(
            _("This loan is no longer offered. Nothing was asked for. Choose another once it is paid back.")
        )
    return found


def quote_top_up(*, loan: Loan, more: Money, periods: int | None, by: User, at: datetime) -> renewals.Renewed:
    """What a top-up would cost, beside keeping the loan. Writes nothing but a score when none holds.

    Raises NotFound, NothingOwed, NotEligible, BadAmount, BadTerm.
    """
    policies.require_theirs(by, loan)
    terms = terms_for(loan, at)
    found = scoring.score(user=loan.borrower, at=at, by=by)
    rate = offers.priced(terms, found.recommended_interest_rate, local_date(at))
    return renewals.work_out(
        loan=loan, terms=terms, more=more, periods=periods or terms.usual_periods, rate=rate, at=at
    )


@transaction.atomic
def top_up(
    *, loan: Loan, more: Money, periods: int | None = None, note: str = "", key: str, by: User, at: datetime
) -> Loan:
    """Ask for `more` on top of a running loan, once per `key`: a new loan of what the old one takes now and `more`.

    Decided as every loan of its product, the old one not counted as one that runs; offered and signed, never paid out
    unseen. Raises NotFound, NothingOwed, NotEligible, ActiveLoan, KeyReused, and what `apply` raises.
    """
    policies.require_theirs(by, loan)
    borrower = User.objects.select_for_update(no_key=True).get(pk=loan.borrower_id)
    earlier = Loan.objects.shown().filter(borrower=borrower, key=key[:120]).first()
    if earlier:
        return _same(earlier, loan, more)
    loan = Loan.objects.shown().get(pk=loan.pk)
    if Loan.objects.open().filter(replaces=loan).exists():
        raise ActiveLoan(_("You have asked for more on this loan already. Nothing was asked for again."))
    shown = quote_top_up(loan=loan, more=more, periods=periods, by=by, at=at)
    made = apply(
        borrower=borrower,
        terms=shown.offer.terms,
        account=loan.account,
        amount=shown.offer.principal,
        periods=shown.offer.periods,
        purpose=loan.purpose,
        note=note,
        accepts=False,
        key=key,
        by=by,
        at=at,
        renewing=Renewing(loan, Renewal.TOP_UP, more),
    )
    facts: dict[str, Any] = {"replaces": loan.reference, "payoff": str(shown.payoff.total), "more": str(more)}
    audit_trail.record("lending.loan.top_up_asked", on=made, by=by, at=at, customer=borrower, after=facts)
    return made


def _same(made: Loan, loan: Loan, more: Money) -> Loan:
    if (made.replaces_id, made.more) != (loan.pk, more):
        raise KeyReused(_("This was sent before with other figures. Nothing was done; start a new one."))
    return made
