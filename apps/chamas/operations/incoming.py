"""Money that came for a member's place in a group, or for a loan of it: by M-Pesa, at a till, or by a payment order."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import AccountStatus
from apps.chamas import purposes
from apps.chamas.errors import NotVerified
from apps.chamas.events import MoneyNotTaken
from apps.chamas.models import (
    GroupLoan,
    GroupRepayment,
    InvestmentReceipt,
    Membership,
    PaidBy,
    PayIn,
)
from apps.chamas.operations.contribute import pay_in
from apps.chamas.operations.investment_money import pay_for_sale, receive_earnings
from apps.chamas.operations.repay_loan import owed_on, repay_loan
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.users.queries import system_user

WORD = "chama/"
CLEARING = "suspense:receipts"  # from the payer's account into the group within one transaction, so never left there


@transaction.atomic
def receive_for(*, purpose: str, amount: Money, key: str, source: str, at: datetime) -> PayIn | None:
    """Use money that is on a member's account already for what it was sent for, as much of it as is still there.

    Money is never refused here: what a group cannot take stays on the account. Once per `key`.
    """
    reference = purpose.removeprefix(WORD) if purpose.startswith(WORD) else ""
    if (loan := purposes.loan_of(reference)) is not None:
        _repay(loan, _there(loan.member, amount), key, at)
        return None
    member = purposes.member_of(reference)
    if member is None:
        return None
    earlier = PayIn.objects.filter(member=member, key=key[:120]).first()
    used = _there(member, amount)
    if earlier is not None or not used:
        return earlier
    try:
        return pay_in(member=member, amount=used, key=key, source=source, payer=member.account, by=system_user(), at=at)
    except NotVerified:  # it stays on the member's account, and they are told
        events.publish(MoneyNotTaken(group_id=member.group_id, member_id=member.pk, minor=used.minor, key=key[:120]))
        return None


def _there(member: Membership, amount: Money) -> Money:
    account, none = member.account, Money.zero(amount.currency)
    if account.status != AccountStatus.ACTIVE or amount.currency != member.group.currency:
        return none
    available = books.balances([account.ledger_account_id])[account.ledger_account_id].available
    return max(min(amount, available), none)


def _repay(loan: GroupLoan, amount: Money, key: str, at: datetime) -> None:
    used = min(amount, owed_on(loan, local_date(at)))
    if used:
        repay_loan(loan=loan, amount=used, key=key, by=system_user(), at=at)


@transaction.atomic
def take_order(*, payment: Payment, at: datetime) -> PayIn | GroupRepayment | InvestmentReceipt | None:
    """A payment to a reference, from whoever pays it: the payer's account and the group in one transaction.

    None when nobody has the reference any more. Raises what paying in raises; then nothing moved.
    """
    reference = str(payment.destination.get("reference", ""))
    key, legs = f"payment/{payment.public_id}", [ledger.debit(ledger.gl(CLEARING, payment.currency), payment.amount)]
    by, amount = payment.payer, payment.amount
    earlier = GroupRepayment.objects.filter(loan__reference=reference, key=key).first()
    if earlier is not None:  # a loan that it paid off has no reference any more
        return earlier
    sold = InvestmentReceipt.objects.filter(sale__reference=reference, key=key).first()
    if sold is not None:  # nor has a sale that it paid
        return sold
    if loan := purposes.loan_of(reference):
        payments.settle(payment=payment, provider_reference=payment.reference, at=at)
        return repay_loan(loan=loan, amount=amount, key=key, by=by, at=at, legs=legs)
    if investment := purposes.investment_of(reference):
        payments.settle(payment=payment, provider_reference=payment.reference, at=at)
        return receive_earnings(investment=investment, amount=amount, key=key, by=by, at=at, legs=legs)
    if sale := purposes.sale_of(reference):
        payments.settle(payment=payment, provider_reference=payment.reference, at=at)
        return pay_for_sale(sale=sale, amount=amount, key=key, by=by, at=at, legs=legs)
    if member := purposes.member_of(reference):
        payments.settle(payment=payment, provider_reference=payment.reference, at=at)
        return pay_in(member=member, amount=amount, key=key, source=PaidBy.ORDER, by=by, at=at, legs=legs)
    return None
