"""Paying a loan out: the schedule that counts, the money and its charges, once however often it is asked."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, AccountStatus, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.ledger import operations as ledger
from apps.lending import charges, offers, policies
from apps.lending.errors import BadTerm, NotAccepted, OfferOver
from apps.lending.events import LoanDisbursed
from apps.lending.models import Loan, LoanStatus, Side, Why
from apps.lending.operations import books
from apps.lending.operations.schedules import keep
from apps.lending.operations.switch import require_on
from apps.lending.states import LOAN
from apps.users.models import User

PAID_OUT = (LoanStatus.ACTIVE, LoanStatus.PAID, LoanStatus.WRITTEN_OFF)


@transaction.atomic
def disburse(*, loan: Loan, by: User, at: datetime) -> Loan:
    """Pay out a loan that was approved and accepted; one that was paid out is returned as it is.

    Raises NotAllowed, LendingStopped, NotAccepted, OfferOver, IllegalMove, BadTerm.
    """
    policies.require_may_disburse(by, loan)
    return pay_out(loan=loan, by=by, at=at)


@transaction.atomic
def pay_out(*, loan: Loan, by: User, at: datetime) -> Loan:
    """The money of an accepted offer. Rows are locked in the house's order: account, loan, ledger."""
    require_on()
    account = Account.objects.select_for_update(no_key=True).get(pk=loan.account_id)
    loan = Loan.objects.shown().select_for_update(of=("self",)).get(pk=loan.pk)
    if loan.status in PAID_OUT:
        return loan
    if loan.status != LoanStatus.APPROVED:
        raise IllegalMove(_("This loan is not approved. No money moved."))
    if loan.accepted_at is None:
        raise NotAccepted(_("The borrower has not accepted the offer yet. No money moved."))
    if loan.offer_until and loan.offer_until <= at:
        raise OfferOver(_("The offer has run out. No money moved. Ask for the loan again."))
    if account.status != AccountStatus.ACTIVE:
        raise BadTerm(_("The account for this loan is not open. No money moved."))
    return _paid_out(loan, account, by, at)


def _paid_out(loan: Loan, account: Account, by: User, at: datetime) -> Loan:
    on = local_date(at)
    offer = offers.offer(terms=loan.terms, principal=loan.principal, periods=loan.periods, on=on, rate=loan.rate)
    with translation.override(loan.borrower.language):
        words = translation.gettext("Loan %(reference)s") % {"reference": loan.reference}
        movements = [
            accounts.into(account, loan.principal, words, counterparty=str(loan.product)),
            *charges.taken(account, offer.charges),
        ]
    lines = accounts.post(
        reference=f"loan/{loan.pk}/disburse",
        kind=TransactionType.DISBURSEMENT.value,
        narrative=f"Disbursement of loan {loan.reference}",
        movements=movements,
        legs=[
            ledger.debit(books.account_of(Side.PRINCIPAL, loan.currency), loan.principal),
            *charges.earned(offer.charges),
        ],
        at=at,
        receipt=loan.reference,
    )
    LOAN.make(
        loan,
        LoanStatus.ACTIVE,
        disbursed_at=at,
        disbursed_on=on,
        principal_left_minor=loan.principal_minor,
        cost_minor=offer.cost.minor,
        apr_pct=offer.apr_pct,
        version=1,
    )
    keep(loan, offer.plan, why=Why.FIRST, by=by, at=at)
    books.write(
        [(loan.pk, Side.PRINCIPAL, loan.principal)], transfer_id=lines[0].transfer_id, on=on, what="DISBURSEMENT"
    )
    facts = {"amount": str(loan.principal), "charges": str(offer.charges_total), "rows": len(offer.plan.rows)}
    audit_trail.record("lending.loan.disbursed", on=loan, by=by, at=at, after=facts)
    events.publish(
        LoanDisbursed(loan_id=loan.pk, borrower_id=loan.borrower_id, minor=loan.principal_minor, currency=loan.currency)
    )
    return loan
