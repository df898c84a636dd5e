"""Adds made-up money to an account of the sandbox."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.money import Money
from apps.open_banking import policies
from apps.open_banking.errors import FaucetRefused
from apps.open_banking.models import SandboxAccount, SandboxLine
from apps.users.models import User

MOST_A_CALL = 10_000_000  # minor units of the account's currency
MOST_A_DAY = 50_000_000


@transaction.atomic
def faucet(*, account: uuid.UUID, amount: Money, by: User, at: datetime) -> SandboxLine:
    """Add an amount to one of one's own sandbox accounts: 100,000 a call, 500,000 a day of the bank, for each account.

    Raises NotADeveloper, NotFound, FaucetRefused.
    """
    developer = policies.require_developer(by)
    rows = SandboxAccount.objects.select_for_update(of=("self",)).filter(persona__developer=developer)
    row = rows.filter(public_id=account).first()
    if row is None:
        raise NotFound(_("There is no such account in your sandbox."))
    _require_may(row, amount, at)
    line = SandboxLine.objects.create(
        account=row, seq=row.last_seq + 1, txn_type="DEPOSIT", amount_minor=amount.minor, currency=row.currency,
        running_balance_minor=row.balance_minor + amount.minor, description="Faucet", is_faucet=True, posted_at=at,
    )  # fmt: skip
    as_read = SandboxAccount.objects.filter(pk=row.pk, last_seq=row.last_seq, balance_minor=row.balance_minor)
    if not as_read.update(last_seq=line.seq, balance_minor=line.running_balance_minor):
        raise Conflict(_("The account moved meanwhile. Nothing was added; try again."))
    audit_trail.record("open_banking.sandbox.faucet", on=row, by=by, at=at, after={"amount": str(amount)}, customer=by)
    return line


def _require_may(row: SandboxAccount, amount: Money, at: datetime) -> None:
    if row.status != SandboxAccount.Status.ACTIVE:
        raise FaucetRefused(_("This account is frozen: no money can be added. Nothing was added."))
    if amount.currency != row.currency:
        raise FaucetRefused(_("Give an amount in the currency of the account. Nothing was added."))
    if not 0 < amount.minor <= MOST_A_CALL:
        raise FaucetRefused(_("Give more than zero, and 100,000 at most. Nothing was added."))
    today = SandboxLine.objects.filter(account=row, is_faucet=True, posted_at__gte=day_start(local_date(at)))
    if (today.aggregate(sum=Sum("amount_minor"))["sum"] or 0) + amount.minor > MOST_A_DAY:
        raise FaucetRefused(_("An account gets 500,000 a day at most. Nothing was added; reset the sandbox or wait."))
