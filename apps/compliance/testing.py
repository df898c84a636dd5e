"""Makers of histories, cases, officers, erased people and taxes for tests on this floor and above.

The watch only reads lines, so a history is lines as the books would have written them, without the books.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Permission

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Transaction
from apps.accounts.testing import give, make_account
from apps.compliance import operations
from apps.compliance.models import Case, DataRequest, Erasure, TaxReturn
from apps.compliance.operations import privacy, taxes
from apps.compliance.operations.privacy import erase, export
from apps.kernel import approvals
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.notifications.testing import code_sent_to
from apps.users import operations as users
from apps.users.models import User
from apps.users.testing import make_staff


class History:
    """Lines of accounts, in whole shillings."""

    def __init__(self) -> None:
        self.seq = 0

    def line(
        self, account: Account, shillings: int, at: datetime, *, kind: str = "P2P_TRANSFER", transfer: int = 0,
        other: str = "X", left: int = 0,
    ) -> Transaction:  # fmt: skip
        """One line; `left` is the balance after it."""
        self.seq += 1
        return Transaction.objects.create(
            account=account, transfer_id=transfer or 10_000_000 + self.seq, seq=1_000_000 + self.seq, txn_type=kind,
            amount_minor=shillings * 100, currency=account.currency, running_balance_minor=left * 100,
            description="t", counterparty=other, reference=f"t/{self.seq}", booked_on=local_date(at), posted_at=at,
        )  # fmt: skip

    def move(self, giver: Account, taker: Account, shillings: int, at: datetime) -> list[Transaction]:
        """Both lines of a transfer inside the bank."""
        self.seq += 1
        nth = 20_000_000 + self.seq
        return [self.line(giver, -shillings, at, transfer=nth), self.line(taker, shillings, at, transfer=nth)]


def yesterday_noon() -> datetime:
    """Noon of the last day that is over."""
    return day_start(local_date(now())) - timedelta(hours=12)


def make_case(account: Account | None = None, *, at: datetime | None = None) -> Case:
    """A case that a sweep opened, of money that came and left within two hours."""
    held, noon = account or make_account(), yesterday_noon()
    history = History()
    history.line(held, 373_000, noon - timedelta(hours=2), other="J. Mutiso")
    history.line(held, -372_000, noon, other="Wallet TXk")
    operations.sweep_day(day=local_date(noon), at=at or now())
    case: Case = Case.objects.get(subject=held.owner)
    return case


def make_mlro() -> User:
    """A compliance officer who may approve reports."""
    user = make_staff("COMPLIANCE_OFFICER", full_name="Rehema Mwangi")
    user.user_permissions.add(Permission.objects.get(codename="approve_str"))
    again: User = User.objects.get(pk=user.pk)
    return again


def proof(user: User, operation: str, subject: str) -> UUID:
    """An answered challenge for one act."""
    row = users.challenge(user=user, operation=operation, subject=subject, at=now(), method="SMS")
    users.answer(challenge_id=row.pk, user=user, answer=code_sent_to(str(user.phone)), at=now())
    key: UUID = row.pk
    return key


def download_proof(request: DataRequest) -> UUID:
    """Proof for a download."""
    return proof(request.user, export.OPERATION, export.subject_of(request))


def ask_erasure(user: User) -> DataRequest:
    """A request with its proof."""
    given = proof(user, erase.OPERATION, erase.subject_of(user))
    return privacy.ask_erasure(user=user, reason="I move away", challenge_id=given, at=now())


def allow(approval: Approval, by: User, *, at: datetime | None = None) -> None:
    """A second person says yes."""
    approvals.approve(approval=approval, by=by, at=at or now())


def close(user: User, officer: User, second: User) -> Erasure:
    """Asked for, agreed to by two."""
    request = ask_erasure(user)
    allow(privacy.accept_erasure(request=request, answer="Papers seen.", by=officer, at=now()), second)
    held: Erasure = Erasure.objects.get(user=user)
    return held


def make_tax(
    tax: str, *, at: datetime, account: Account | None = None, kind: str = "P2P_TRANSFER", purpose: str = "tax:excise"
) -> int:
    """Tax that came up, from an account's line when one is given; the transfer's id."""
    amount, reference = Money.of(tax, "KES"), f"t/tax/{uuid4()}"
    owed = ledger.credit(purpose, amount)
    if account is None:
        legs = [ledger.debit("bank:settlement", amount), owed]
        return ledger.post(reference=reference, kind=kind, narrative="Tax", legs=legs, at=at).transfer_id
    give(account, tax, at=at)
    taken = accounts.out_of(account, amount, "Excise duty", txn_type="EXCISE_DUTY")
    lines = accounts.post(reference=reference, kind=kind, narrative="Tax", movements=[taken], legs=[owed], at=at)
    transfer: int = lines[0].transfer_id
    return transfer


def file_tax(tax_return: TaxReturn, *, by: User, number: str = "KRA-1") -> TaxReturn:
    """Filed the day after the month ended."""
    at = day_start(tax_return.last_on + timedelta(days=1)) + timedelta(hours=9)
    return taxes.file(tax_return=tax_return, acknowledgement=number, by=by, at=at)


def _slip(at: datetime, facts: dict[str, Any]) -> taxes.Payment:
    known: dict[str, Any] = {"prn": "PRN1", "bank_reference": "RTGS1", "paid_on": local_date(at)}
    return taxes.Payment(**known | facts)


def pay_tax(tax_return: TaxReturn, *, by: User, at: datetime, **facts: Any) -> Approval:
    """Asked for; a second person has to say yes."""
    return taxes.ask_pay(tax_return=tax_return, payment=_slip(at, facts), reason="Paid by RTGS", by=by, at=at)


def pay_on_account(shillings: str, *, by: User, at: datetime, **facts: Any) -> Approval:
    """Withholding tax, asked for; a second person has to say yes."""
    amount = Money.of(shillings, "KES")
    return taxes.ask_pay_on_account(
        kind="WITHHOLDING", amount=amount, payment=_slip(at, facts), reason="Paid by RTGS", by=by, at=at
    )
