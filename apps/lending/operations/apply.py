"""Asking for a loan: the rules and the limit, the score and its decision, and for an instant loan the money."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import POTS, Account, AccountStatus
from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import operations as scoring
from apps.credit_scoring.models import Decision, Outcome
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.lending import limits, offers, policies
from apps.lending.errors import ActiveLoan, BadTerm, NotEligible, OverLimit
from apps.lending.events import LoanApplied, LoanApproved, LoanRejected
from apps.lending.models import Loan, LoanStatus, ProductTerms, Purpose, Renewal
from apps.lending.operations.disburse import pay_out
from apps.lending.operations.reconsider import BY_SCORE
from apps.lending.operations.switch import require_on
from apps.lending.references import new_reference
from apps.lending.states import LOAN
from apps.payments.errors import KeyReused
from apps.users.models import User

_ACTIVE = {"ACTIVE_LOAN", "WAITS", "LATE"}


@dataclass(frozen=True, slots=True)
class Renewing:
    """What a new loan takes the place of, and the new money that was asked for on top."""

    loan: Loan
    how: Renewal
    more: Money


@transaction.atomic
def apply(
    *,
    borrower: User,
    terms: ProductTerms,
    account: Account,
    amount: Money,
    periods: int,
    purpose: str,
    note: str = "",
    accepts: bool = False,
    key: str,
    by: User,
    at: datetime,
    renewing: Renewing | None = None,
) -> Loan:
    """Ask for a loan of `amount`, once per `key`; the same form again is the same loan.

    A product that decides itself is decided by the score at once: APPROVED (and with `accepts`, which says that the
    borrower saw the cost and agrees, ACTIVE with the money on the account), UNDER_REVIEW when a person must look, or
    REJECTED, which a person looks at too. Others wait for an officer (APPLIED). A loan that it pays off
    (`renewing`) does not count as one that runs.
    Raises LendingStopped, NotAllowed, NotFound, BadAmount, BadTerm, OverLimit, ActiveLoan, NotEligible, KeyReused.
    """
    policies.require_may_apply(by, borrower)
    require_on()
    # Two forms at once are one after another.
    borrower = User.objects.select_for_update(no_key=True).get(pk=borrower.pk)
    earlier = Loan.objects.shown().filter(borrower=borrower, key=key[:120]).first()
    if earlier:
        return _same(earlier, terms, amount, periods)
    _require_account(account, borrower, terms)
    if purpose not in Purpose.values:
        raise BadTerm(_("Say what the money is for. Nothing was asked for."), errors={"purpose": [_("Choose one.")]})
    limit = limits.limit_of(user=borrower, terms=terms, by=by, at=at, replacing=renewing.loan if renewing else None)
    _require_within(limit, amount)
    loan = Loan.objects.create(
        reference=new_reference(),
        borrower=borrower,
        account=account,
        purpose=purpose,
        purpose_note=" ".join(note.split())[:200],
        key=key[:120],
        made_by=by,
        applied_at=at,
        **_priced(limit, amount, periods, local_date(at)),
        **renewed(renewing),
    )
    facts = {"product": terms.product.code, "amount": str(amount), "periods": periods, "score": loan.score}
    audit_trail.record("lending.loan.applied", on=loan, by=by, at=at, after=facts)
    events.publish(LoanApplied(loan_id=loan.pk, borrower_id=borrower.pk, minor=amount.minor, currency=amount.currency))
    return _decided(loan, accepts=accepts, by=by, at=at) if terms.decides_itself else _scored(loan, by, at)


def _priced(limit: limits.LoanLimit, amount: Money, periods: int, on: date) -> dict[str, Any]:
    """What was asked for and what it costs today, as the loan keeps it."""
    terms, score = limit.terms, limit.score
    rate = offers.priced(terms, score.recommended_interest_rate if score else Decimal(0), on)
    shown = offers.offer(terms=terms, principal=amount, periods=periods, on=on, rate=rate)
    return {
        "product": terms.product,
        "terms": terms,
        "currency": amount.currency,
        "principal_minor": amount.minor,
        "periods": periods,
        "rate": shown.rate,
        "score": score.decision_score if score else None,
        "limit_minor": limit.amount.minor,
        "cost_minor": shown.cost.minor,
        "apr_pct": shown.apr_pct,
    }


def renewed(renewing: Renewing | None) -> dict[str, Any]:
    """What the new loan keeps of the one it replaces."""
    if renewing is None:
        return {}
    is_restructured = renewing.how == Renewal.REFINANCE or renewing.loan.is_restructured
    return {
        "replaces": renewing.loan,
        "renewal": renewing.how,
        "more_minor": renewing.more.minor,
        "is_restructured": is_restructured,
    }


def _same(loan: Loan, terms: ProductTerms, amount: Money, periods: int) -> Loan:
    if (loan.product_id, loan.principal, loan.periods) != (terms.product_id, amount, periods):
        raise KeyReused(_("This was sent before with other figures. Nothing was done; start a new one."))
    return loan


def _require_account(account: Account, borrower: User, terms: ProductTerms) -> None:
    if account.owner_id != borrower.pk:
        raise NotFound(_("There is no such account, or it is not yours."))
    if account.status != AccountStatus.ACTIVE or account.account_type in POTS or account.currency != terms.currency:
        raise BadTerm(_("Choose an open account in %(currency)s for this loan.") % {"currency": terms.currency})


def _require_within(limit: limits.LoanLimit, amount: Money) -> None:
    reasons = [{"code": one.code, "says": one.says} for one in limit.blocks or limit.reasons]
    if limit.blocks:
        refusal = ActiveLoan if limit.blocks[0].code in _ACTIVE else NotEligible
        raise refusal(f"{limit.blocks[0].says} {_('Nothing was asked for.')}", reasons=reasons)
    terms = limit.terms
    if amount < terms.least:
        raise BadTerm(
            _("This loan starts at %(least)s. Nothing was asked for.") % {"least": terms.least},
            errors={"amount": [_("At least %(least)s.") % {"least": terms.least}]},
        )
    if amount > limit.amount:
        raise OverLimit(
            _("You can borrow up to %(limit)s. Nothing was asked for. %(because)s")
            % {"limit": limit.amount, "because": limit.reasons[0].says},
            limit={"amount": f"{limit.amount.amount:f}", "currency": limit.amount.currency},
            reasons=reasons,
        )


def _scored(loan: Loan, by: User, at: datetime) -> Loan:
    """A person decides; the machine's word is kept beside it."""
    decision = _decision(loan, by, at)
    Loan.objects.filter(pk=loan.pk).update(decision_id=decision.pk)
    loan.decision_id = decision.pk
    return loan


def _decision(loan: Loan, by: User, at: datetime) -> Decision:
    active = Loan.objects.filter(borrower_id=loan.borrower_id).active().exclude(pk=loan.replaces_id or 0).count()
    return scoring.decide(
        user=loan.borrower,
        product=loan.product.code,
        amount=loan.principal,
        active_loans=active,
        at=at,
        by=by,
        loan_reference=f"loan/{loan.pk}",
    )


def _decided(loan: Loan, *, accepts: bool, by: User, at: datetime) -> Loan:
    decision = _decision(loan, by, at)
    if decision.final_outcome == Outcome.APPROVED:
        until = at + timedelta(days=loan.terms.offer_days)
        LOAN.make(loan, LoanStatus.APPROVED, decision_id=decision.pk, decided_at=at, offer_until=until)
        audit_trail.record("lending.loan.approved", on=loan, by=by, at=at, after={"decision": decision.pk})
        events.publish(LoanApproved(loan_id=loan.pk, borrower_id=loan.borrower_id))
        if accepts and by.pk == loan.borrower_id:
            Loan.objects.filter(pk=loan.pk).update(accepted_at=at)
            loan.accepted_at = at
            return pay_out(loan=loan, by=by, at=at)
    elif decision.final_outcome == Outcome.REJECTED:
        because = BY_SCORE
        LOAN.make(loan, LoanStatus.REJECTED, decision_id=decision.pk, decided_at=at, over_at=at, because=because)
        audit_trail.record("lending.loan.rejected", on=loan, by=by, at=at, after={"decision": decision.pk})
        events.publish(LoanRejected(loan_id=loan.pk, borrower_id=loan.borrower_id, because=because))
    else:
        Loan.objects.filter(pk=loan.pk).update(decision_id=decision.pk)
        loan.decision_id = decision.pk
    return loan
