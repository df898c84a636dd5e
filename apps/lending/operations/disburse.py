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
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending import charges, offers, policies
from apps.lending.errors import ActiveLoan, BadTerm, NotAccepted, OfferOver
from apps.lending.events import LoanDisbursed
from apps.lending.models import Instalment, Loan, LoanStatus, Side, Source, Why
from apps.lending.operations import books, parts, renew
from apps.lending.operations.receive import receive
from apps.lending.operations.repay import lock
from apps.lending.operations.schedules import keep
from apps.lending.operations.settle import spread
from apps.lending.operations.switch import require_on
from apps.lending.states import LOAN
from apps.users.models import User

PAID_OUT = (LoanStatus.ACTIVE, LoanStatus.PAID, LoanStatus.WRITTEN_OFF)


@transaction.atomic
def disburse(*, loan: Loan, by: User, at: datetime) -> Loan:
    """Pay out a loan that was approved and accepted; one that was paid out is returned as it is.

    Raises NotAllowed, LendingStopped, NotAccepted, OfferOver, IllegalMove, BadTerm, ActiveLoan, NotEligible.
    """
    policies.require_may_disburse(by, loan)
    return pay_out(loan=loan, by=by, at=at)


@transaction.atomic
def pay_out(*, loan: Loan, by: User, at: datetime) -> Loan:
    """The money of an accepted offer: all of it, or its first part. Rows are locked in the house's order: borrower,
    account, the loan it pays off, loan, ledger.
    """
    require_on()
    borrower = User.objects.select_for_update(no_key=True).get(pk=loan.borrower_id)  # two offers are one after another
    account = Account.objects.select_for_update(no_key=True).get(pk=loan.account_id)
    old = lock([loan.replaces_id])[loan.replaces_id] if loan.replaces_id else None
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
    _require_the_only_one(loan, borrower)
    takes = renew.takes(loan, old, at) if old else None
    loan = _paid_out(loan, account, by, at)
    if old and takes:
        renew.pay_old_off(loan, old, takes, by=by, at=at)
    return loan


def _require_the_only_one(loan: Loan, borrower: User) -> None:
    """A loan that decides itself is for who has none that runs: also when another went out since it was offered."""
    others = Loan.objects.owned_by(borrower).active().exclude(pk=loan.replaces_id or 0)
    if loan.terms.decides_itself and others.exists():
        raise ActiveLoan(
            _("You have a loan that is not paid back yet. No money moved. Pay it back, or decline this offer.")
        )


def _paid_out(loan: Loan, account: Account, by: User, at: datetime) -> Loan:
    on = local_date(at)
    offer = offers.of_loan(loan, on)
    amount = offer.parts[0].amount if offer.parts else loan.principal
    transfer = _post(loan, account, amount, offer, at)
    LOAN.make(
        loan,
        LoanStatus.ACTIVE,
        disbursed_at=at,
        disbursed_on=on,
        principal_minor=loan.principal_minor,
        principal_left_minor=amount.minor,
        cost_minor=offer.cost.minor,
        apr_pct=offer.apr_pct,
        version=1,
    )
    keep(loan, parts.first_plan(loan, offer), why=Why.FIRST, by=by, at=at)
    books.write([(loan.pk, Side.PRINCIPAL, amount)], transfer_id=transfer, on=on, what="DISBURSEMENT")
    if offer.parts:
        parts.note_first(loan, transfer, by=by, at=at)
    facts = {"amount": str(amount), "charges": str(offer.charges_total), "rows": len(offer.plan.rows)}
    audit_trail.record("lending.loan.disbursed", on=loan, by=by, at=at, after=facts)
    events.publish(
        LoanDisbursed(loan_id=loan.pk, borrower_id=loan.borrower_id, minor=amount.minor, currency=loan.currency)
    )
    if offer.down_payment:
        _take_down_payment(loan, account, offer.down_payment, by, at)
    return loan


def _post(loan: Loan, account: Account, amount: Money, offer: offers.Offer, at: datetime) -> int:
    with translation.override(loan.borrower.language):
        words = translation.gettext("Loan %(reference)s") % {"reference": loan.reference}
        movements = [
            accounts.into(account, amount, words, counterparty=str(loan.product)),
            *charges.taken(account, offer.charges),
        ]
    lines = accounts.post(
        reference=f"loan/{loan.pk}/disburse",
        kind=TransactionType.DISBURSEMENT.value,
        narrative=f"Disbursement of loan {loan.reference}",
        movements=movements,
        legs=[
            ledger.debit(books.account_of(Side.PRINCIPAL, loan.currency), amount),
            *charges.earned(offer.charges),
        ],
        at=at,
        receipt=loan.reference,
    )
    return int(lines[0].transfer_id)


def _take_down_payment(loan: Loan, account: Account, amount: Money, by: User, at: datetime) -> None:
    """The first row of the schedule is due on the day the money goes out, and is paid from it."""
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    settled = spread(loan, rows, amount, local_date(at))
    receive([(settled, account, Source.DOWN.value, "down-payment")], by=by, at=at)
