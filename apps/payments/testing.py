"""Makers of files of payments, shops and sales for tests on this floor and above."""

import csv
import io
import itertools
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import openpyxl

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import BulkPayment, Merchant, Payment, PosSale
from apps.users import operations as people
from apps.users.models import User

_nth = itertools.count(1)
HEADER = ("phone", "name", "amount", "note")


def csv_file(rows: Iterable[Iterable[Any]], header: Iterable[str] = HEADER) -> bytes:
    """A CSV file as people's programs write it."""
    out = io.StringIO()
    csv.writer(out).writerows([list(header), *map(list, rows)])
    return out.getvalue().encode()


def xlsx_file(rows: Iterable[Iterable[Any]], header: Iterable[str] = HEADER) -> bytes:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [list(header), *map(list, rows)]:
        sheet.append(row)
    return saved(book)


def saved(book: Any) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(account: Account, rows: Iterable[Iterable[Any]], *, by: User | None = None, **more: Any) -> BulkPayment:
    """A batch from `account` of rows `(to, name, amount, note)`."""
    asked: dict[str, Any] = {"kind": "SALARY", "name": "July salaries", "file_name": "july.csv"}
    asked |= {"content": csv_file(rows), "key": f"test-{next(_nth)}", "by": by or account.owner, "at": now()}
    return operations.bulk.bring(from_account=account, **asked | more)


def proved(bulk: BulkPayment, act: str, by: User) -> Any:
    """An answered challenge for `act`."""
    row = operations.bulk.challenge(bulk=bulk, act=act, by=by, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=now())
    return row.pk


def submit(bulk: BulkPayment, *, by: User | None = None, **more: Any) -> BulkPayment:
    """Asked for by its maker, with proof."""
    who = by or bulk.made_by
    return operations.bulk.submit(bulk=bulk, challenge_id=proved(bulk, "submit", who), by=who, at=now(), **more)


def approve(bulk: BulkPayment, by: User) -> BulkPayment:
    """Allowed by another, with proof."""
    return operations.bulk.approve(bulk=bulk, challenge_id=proved(bulk, "approve", by), by=by, at=now())


def raise_tier(user: User, tier: str = "TIER_3") -> User:
    """A person whose papers were checked."""
    User.objects.filter(pk=user.pk).update(kyc_tier=tier)
    user.kyc_tier = tier
    return user


def carried_on(bulk: BulkPayment) -> BulkPayment:
    """As a worker does it."""
    operations.bulk.carry_on(bulk_id=bulk.pk, at=now())
    bulk.refresh_from_db()
    return bulk


def make_shop(account: Account, **more: Any) -> Merchant:
    """A shop of the account's owner, paid out into it."""
    asked: dict[str, Any] = {"trading_name": "Duka la Achieng", "trade": "5411", "town": "Kisumu", "by": account.owner}
    asked |= {"key": f"shop-{next(_nth)}", "at": now()} | more
    return operations.become_merchant(account=account, **asked)


def make_sale(shop: Merchant, amount: str = "100", **more: Any) -> PosSale:
    """An amount asked for at its counter."""
    asked: dict[str, Any] = {"amount": Money.of(amount, "KES"), "key": f"sale-{next(_nth)}", "at": now()}
    return operations.ask_sale(merchant=shop, by=shop.created_by, **asked | more)


def begin_payment(payer: Account, to: str, amount: str | None = None, **more: Any) -> Payment:
    """What a payer means to pay to a phone, an account, a shop or a code."""
    asked: dict[str, Any] = {"amount": Money.of(amount, "KES") if amount else None, "key": f"pay-{next(_nth)}"}
    return operations.start(payer=payer.owner, from_account=payer, to=to, **{"at": now()} | asked | more)


def confirmed(payment: Payment, *, at: datetime | None = None) -> Payment:
    """Proven by the code of its SMS, and paid."""
    moment = at or now()
    row = operations.challenge(payment=payment, by=payment.payer, at=moment, method="SMS")
    people.answer(challenge_id=row.pk, user=payment.payer, answer=code_sent_to(str(payment.payer.phone)), at=moment)
    return operations.confirm(payment=payment, challenge_id=row.pk, by=payment.payer, at=moment)
