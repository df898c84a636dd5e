"""One employer of the demo pays by file: two months done, this month's waiting for the second person."""

import csv
import io
from datetime import datetime, timedelta

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.fraud import operations as fraud
from apps.fraud.models import FlaggedTransaction
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.payments import operations as payments
from apps.payments.models import BulkPayment
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import BusinessProfile, User

MONTHS = [("First month by file", 62), ("Second month by file", 31), ("This month by file", 0)]


def pay_by_file(
    account: Account, staff: list[Household], *, second: User, officer: User, end: datetime
) -> list[BulkPayment]:
    """The firm's owner brings three files, `second` approves the two that are paid."""
    owner = account.owner
    start = end - timedelta(days=70)
    business = people.register_business(
        name=owner.full_name, registration_number="PVT-SAFI26KE", kind="COMPANY", by=owner, at=start
    )
    receipts = Money.of("1000000", "KES")
    accounts.post(
        reference="demo/receipts",
        kind="DEPOSIT",
        narrative="Receipts of the firm, from another bank",
        movements=[accounts.into(account, receipts, "Receipts, Lake Basin Traders")],
        legs=[ledger.debit("bank:settlement", receipts)],
        at=start,
    )
    asked = people.invite_member(business=business, phone=str(second.phone), role="SIGNATORY", by=owner, at=start)
    people.accept_invitation(invitation=asked, by=second, at=start)
    return [
        _month(business, account, staff, name, second, officer, at=end - timedelta(days=days, hours=2))
        for name, days in MONTHS
    ]


def _month(
    business: BusinessProfile, account: Account, staff: list[Household], name: str, second: User, officer: User,
    *, at: datetime,
) -> BulkPayment:  # fmt: skip
    bulk = payments.bulk.bring(
        from_account=account,
        business=business,
        kind="SALARY",
        name=name,
        file_name="payroll.csv",
        content=_file(staff),
        key=f"demo-{name}",
        by=account.owner,
        at=at,
    )
    proof = _proof(bulk, "submit", account.owner, at)
    bulk = payments.bulk.submit(
        bulk=bulk, challenge_id=proof, by=account.owner, at=at, leave_out_bad=True, accept_repeats=True
    )
    if name == MONTHS[-1][0]:
        return bulk
    bulk = payments.bulk.approve(bulk=bulk, challenge_id=_proof(bulk, "approve", second, at), by=second, at=at)
    if bulk.in_review:
        flag = FlaggedTransaction.objects.get(reference=f"bulk/{bulk.public_id}")
        fraud.clear(flag=flag, note="Their first payroll by file; they confirmed it", by=officer, at=at)
        payments.bulk.go_on_after_review(bulk=bulk, at=at)
    payments.bulk.carry_on(bulk_id=bulk.pk, at=at)
    return bulk


def _file(staff: list[Household]) -> bytes:
    """As a small firm writes it; one phone has lost a digit."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["Simu", "Jina", "Kiasi", "Maelezo"])
    for one in staff:
        sheet.writerow([one.who.phone, one.who.full_name, f"{one.who.salary // 4:,}.00", ""])
    sheet.writerow(["07220001", "Juma Salim", "9,000.00", ""])
    return out.getvalue().encode()


def _proof(bulk: BulkPayment, act: str, who: User, at: datetime) -> object:
    asked = payments.bulk.challenge(bulk=bulk, act=act, by=who, at=at, method="SMS")
    people.answer(challenge_id=asked.pk, user=who, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
    return asked.pk
