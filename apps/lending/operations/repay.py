"""Paying a loan back: from the borrower's account, by hand or on the due date, once however often it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, AccountNotActive
from apps.accounts.models import Account, AccountStatus
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.written import Written
from apps.ledger.rules import arrays
from apps.lending import owed, policies
from apps.lending.errors import NothingOwed, Overpaid
from apps.lending.models import Instalment, Loan, LoanStatus, Repayment, Source
from apps.lending.operations.receive import receive
from apps.lending.operations.recover import recover, still_owed
from apps.lending.operations.settle import Settled, end, spread
from apps.payments.errors import KeyReused
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Locked:
    """A loan under its lock, with its account and the rows of the schedule that counts."""

    loan: Loan
    account: Account
    rows: list[Instalment]


@transaction.atomic
def repay(*, loan: Loan, amount: Money, key: str, by: User, at: datetime, source: str = Source.WALLET) -> Repayment:
    """Pay `amount` of a loan back from the borrower's account, once per `key`.

    What is due is paid first (penalty, fee, interest, principal, the oldest instalment first), then what is to come;
    the exact balance ends the loan. Raises NotFound, NothingOwed, BadAmount, CurrencyMismatch, Overpaid, KeyReused,
    AccountNotActive, InsufficientFunds; then nothing has moved.
    """
    policies.require_theirs(by, loan)
    held = lock([loan.pk])[loan.pk]
    earlier = Repayment.objects.filter(loan=loan, key=key[:120]).first()
    if earlier:
        if earlier.amount != amount:
            raise KeyReused(_("This was sent before with another amount. No money moved; start a new one."))
        return earlier
    return take(held, amount, key=key[:120], source=source, by=by, at=at)


def take(held: Locked, amount: Money, *, key: str, source: str, by: User, at: datetime) -> Repayment:
    """Pay `amount` back from the account of a loan, under its lock; the caller has looked whether `key` was counted.

    Raises as `repay`, but for NotFound and KeyReused.
    """
    _require_sound(held, amount)
    if held.loan.status == LoanStatus.WRITTEN_OFF:
        return _recovered(held, amount, source, key, by, at)
    settled = _worked_out(held, amount, at)
    return receive([(settled, held.account, source, key)], by=by, at=at)[0]


@transaction.atomic
def pay_off(*, loan: Loan, key: str, by: User, at: datetime) -> Repayment:
    """Pay all that is owed now, whatever it is, and end the loan. Raises as `repay`."""
    policies.require_theirs(by, loan)
    held = lock([loan.pk])[loan.pk]
    earlier = Repayment.objects.filter(loan=loan, key=key[:120]).first()
    return earlier or repay(loan=loan, amount=owed.payoff(held.loan, held.rows, at).total, key=key, by=by, at=at)


def _among(rows: QuerySet[Any], where: str) -> Written:
    """These rows of as many loans as are asked for, by one statement however many they are."""
    return Written(lambda among: rows.extra(where=[where], params=[among]), among="{-1}")  # noqa: S610  # all are below


_MINE: dict[str, Any] = {"of": ("self",), "no_key": True}
_LOCK_ACCOUNTS = _among(
    Account.objects.select_related("owner").select_for_update(**_MINE).order_by("pk"),
    "accounts_account.id IN (SELECT account_id FROM lending_loan WHERE id = ANY(%s::bigint[]))",
)
_LOCK_LOANS = _among(
    Loan.objects.select_related("product", "terms", "borrower").select_for_update(**_MINE).order_by("pk"),
    "lending_loan.id = ANY(%s::bigint[])",
)
_SCHEDULES = _among(
    Instalment.objects.current().order_by("loan_id", "number"), "lending_instalment.loan_id = ANY(%s::bigint[])"
)


def lock(loan_ids: Sequence[int]) -> dict[int, Locked]:
    """Loans locked in the house's order, their accounts first; with the rows of their schedules."""
    among = arrays.numbers(loan_ids)
    by_id = {account.pk: account for account in _LOCK_ACCOUNTS.rows(among=among)}
    rows: dict[int, list[Instalment]] = {}
    found: list[Loan] = _LOCK_LOANS.rows(among=among)
    for row in _SCHEDULES.rows(among=among):
        rows.setdefault(row.loan_id, []).append(row)
    return {loan.pk: Locked(loan, by_id[loan.account_id], rows.get(loan.pk, [])) for loan in found}


def _require_sound(held: Locked, amount: Money) -> None:
    if held.loan.status not in (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF):
        raise NothingOwed(_("Nothing is owed on this loan. No money moved."))
    if amount.currency != held.loan.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": held.loan.currency})
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if held.account.status == AccountStatus.CLOSED:
        raise AccountClosed(_("The account of this loan is closed. No money moved."))
    if held.account.status != AccountStatus.ACTIVE:
        raise AccountNotActive(_("The account of this loan is frozen, so money cannot leave it. No money moved."))


def _recovered(held: Locked, amount: Money, source: str, key: str, by: User, at: datetime) -> Repayment:
    _require_owed(amount, still_owed(held.loan))
    with translation.override(held.loan.borrower.language):
        words = translation.gettext("Repayment of loan %(reference)s") % {"reference": held.loan.reference}
    held.loan.account = held.account
    return recover(held.loan, amount, words=words, source=source, key=key, by=by, at=at)


def _require_owed(amount: Money, most: Money) -> None:
    if amount > most:
        raise Overpaid(
            _("You owe %(owed)s on this loan, so more than that cannot be paid. No money moved.") % {"owed": most},
            owed={"amount": f"{most.amount:f}", "currency": most.currency},
        )


def _worked_out(held: Locked, amount: Money, at: datetime) -> Settled:
    on = owed.counted_on(held.loan, held.rows, at)
    what = owed.payoff(held.loan, held.rows, at)
    _require_owed(amount, what.total)
    return end(held.loan, held.rows, what, on) if amount == what.total else spread(held.loan, held.rows, amount, on)
