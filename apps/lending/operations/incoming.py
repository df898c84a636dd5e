"""Money from outside that came for one loan, as cash or by M-Pesa: it pays that loan, the rest stays and is told."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive
from apps.accounts.models import AccountStatus, CashMovement, CashStatus
from apps.kernel import events
from apps.kernel.money import Money
from apps.ledger import queries as books
from apps.lending import owed
from apps.lending.errors import NothingOwed
from apps.lending.events import PaymentForLoan
from apps.lending.models import Loan, Repayment, Source
from apps.lending.operations.repay import Locked, lock, take
from apps.lending.purposes import OWED
from apps.users.models import User
from apps.users.queries import system_user

WORD = "loan/"


def is_free_for_loans(purpose: str) -> bool:
    """Whether what is due may be taken of money that came: not when it came for something else."""
    return not purpose or purpose.startswith(WORD)


@transaction.atomic
def take_cash(
    *, loan: Loan, amount: Money, by_name: str, key: str, by: User, at: datetime
) -> tuple[CashMovement, Repayment | None]:
    """Take cash over the counter for a loan: into its account and on to the loan in one transaction, once per `key`.

    What is more than owed stays on the account. Large cash waits for a second person, and pays the loan when it is
    allowed; then there is no repayment yet. Raises NothingOwed, AccountNotActive, and what taking cash raises.
    """
    loan = Loan.objects.select_related("account__owner").get(pk=loan.pk)
    earlier = CashMovement.objects.filter(made_by=by, key=key).first()
    if earlier is None and loan.status not in OWED:
        raise NothingOwed(_("Nothing is owed on this loan. No money moved."))
    if earlier is None and loan.account.status != AccountStatus.ACTIVE:
        raise AccountNotActive(_("The account of this loan is frozen or closed. No money moved; hand the cash back."))
    cash = accounts.deposit_cash(
        account=loan.account,
        amount=amount,
        by_name=by_name,
        note=str(_("Loan %(reference)s") % {"reference": loan.reference}),
        purpose=f"{WORD}{loan.reference}",
        key=key,
        by=by,
        at=at,
    )
    if cash.status != CashStatus.DONE:
        return cash, None
    return cash, receive_for(
        purpose=cash.purpose, amount=amount, key=f"cash/{cash.pk}", source=Source.CASH, by=by, at=at
    )


@transaction.atomic
def receive_for(
    *, purpose: str, amount: Money, key: str, source: str, at: datetime, by: User | None = None
) -> Repayment | None:
    """Pay back the loan that money came for, once per `key`: as much as came, is owed and is still on the account.

    The money is on the account already and is never refused: what the loan does not take stays there, and its borrower
    is told. None when nothing of it paid the loan.
    """
    loan = Loan.objects.filter(reference=purpose.removeprefix(WORD)).first() if purpose.startswith(WORD) else None
    if loan is None:
        return None
    held = lock([loan.pk])[loan.pk]
    earlier = Repayment.objects.filter(loan=loan, key=key[:120]).first()
    if earlier:
        return earlier
    used = _usable(held, amount, at)
    row = take(held, used, key=key[:120], source=source, by=by or system_user(), at=at) if used else None
    if used < amount:
        events.publish(
            PaymentForLoan(
                loan_id=loan.pk,
                borrower_id=loan.borrower_id,
                used_minor=used.minor,
                rest_minor=(amount - used).minor,
                currency=amount.currency,
                key=key,
            )
        )
    return row


def _usable(held: Locked, amount: Money, at: datetime) -> Money:
    loan, account, none = held.loan, held.account, Money.zero(amount.currency)
    if loan.status not in OWED or account.status != AccountStatus.ACTIVE or amount.currency != loan.currency:
        return none
    there = books.balances([account.ledger_account_id])[account.ledger_account_id].available
    return max(min(amount, owed.payoff(loan, held.rows, at).total, there), none)
