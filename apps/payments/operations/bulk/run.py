"""Paying a batch: its money is taken once, its rows inside the bank are paid in chunks, what cannot be goes back.

Taken money stands on a clearing account of the bank until its row is paid; each chunk is one transaction, and a row's
transfer is known by the row's number, so that a worker killed anywhere is followed by one that goes on from there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountClosed
from apps.accounts.fees import Charge
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.fraud import operations as fraud
from apps.kernel import events
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.payments.errors import RowsChanged
from apps.payments.events import BulkEnded, BulkRowsPaid, BulkStarted
from apps.payments.models import BulkKind, BulkPayment, BulkRow, BulkStatus, Eyes, RowStatus
from apps.payments.operations.bulk.check import figures
from apps.payments.states import BULK
from apps.users.models import User
from apps.users.queries import system_user

CLEARING = "bulk:payouts"
TOLD_AT_ONCE = 250  # payees one event speaks of, so that no subscriber works for long
NEW_SHARE = 10  # the screen hears of new payees when they get more than a tenth


def begin(bulk: BulkPayment, *, decided_by: User | None, at: datetime) -> str:
    """Compare with what was approved, screen, and take the money; within the caller's transaction and its lock.

    Returns what the screen said: after ALLOW the batch is RUNNING, after REVIEW it waits for the bank, after BLOCK it
    is REJECTED. Raises RowsChanged, and what taking the money raises.
    """
    if figures(bulk)["rows_hash"] != bulk.rows_hash:
        raise RowsChanged(_("What would be paid is not what was approved. No money moved. Bring the file again."))
    said = _screen(bulk, at)
    decided: dict[str, Any] = {"decided_by": decided_by} if decided_by else {}
    if said == "BLOCK":
        BULK.make(bulk, BulkStatus.REJECTED, ended_at=at, ended_because="payment_blocked", **decided)
        audit_trail.record("payments.bulk.blocked", on=bulk, by=decided_by or bulk.submitted_by, at=at)
    elif said == "REVIEW":
        BulkPayment.objects.filter(pk=bulk.pk).update(in_review=True, **decided)
        bulk.in_review, bulk.decided_by = True, decided_by
        audit_trail.record("payments.bulk.held", on=bulk, by=decided_by or bulk.submitted_by, at=at)
    else:
        run_off(bulk, at, **decided)
    return said


_NOVEL = """
SELECT COALESCE(sum(GREATEST(r.amount_minor - COALESCE(b.most, 0), 0)), 0)::bigint,
       COALESCE(sum(r.amount_minor) FILTER (WHERE b.most IS NULL), 0)::bigint, COALESCE(max(r.amount_minor), 0)::bigint
  FROM payments_bulkrow r
  LEFT JOIN (SELECT p.payee_key, max(p.amount_minor) AS most
               FROM payments_bulkrow p JOIN payments_bulkpayment earlier ON earlier.id = p.bulk_id
              WHERE earlier.from_account_id = %(account)s AND p.status = 'PAID' AND earlier.id <> %(bulk)s
              GROUP BY 1) b ON b.payee_key = r.payee_key
 WHERE r.bulk_id = %(bulk)s AND r.status = 'READY'
"""


def _screen(bulk: BulkPayment, at: datetime) -> str:
    """One screen for the batch: it judges the money that goes where this account's batches never sent as much before.

    Last month's payroll paid again is judged as its largest salary; a first payroll, or one with fifty people nobody
    paid before, as all that is new in it. What a second person allowed is looked at rather than blocked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOVEL, {"account": bulk.from_account_id, "bulk": bulk.pk})
        novel, to_new, largest = cursor.fetchone()
    screened = fraud.screen(
        reference=f"bulk/{bulk.public_id}",
        user_id=bulk.from_account.owner_id,
        account_id=bulk.from_account_id,
        amount=Money(max(novel, largest), bulk.currency),
        kind=bulk.line_kind,
        is_new_recipient=to_new * NEW_SHARE > bulk.total_minor,
        at=at,
        may_block=bulk.eyes == Eyes.OWN,
    )
    return screened.action


def run_off(bulk: BulkPayment, at: datetime, **fields: Any) -> None:
    """Take the money of a batch, within the caller's transaction and its lock; workers pay the rows.

    Rows whose account closed since the check fail now, so that their money never leaves. Raises InsufficientFunds,
    AccountNotActive, AccountClosed, LimitExceeded.
    """
    _drop_closed(bulk)
    ready = bulk.rows.filter(status=RowStatus.READY)
    amounts = [Money(minor or 0, bulk.currency) for minor in ready.values_list("amount_minor", flat=True)]
    fields |= {"started_at": at, "in_review": False}
    if amounts:
        accounts.begin_batch(account=bulk.from_account, amounts=amounts, limited=bulk.eyes == Eyes.OWN, at=at)
        fields |= {"transfer_id": _take(bulk, at), "hold_id": set_aside_rest(bulk, at=at)}
    BULK.make(bulk, BulkStatus.RUNNING, **fields)
    by = bulk.decided_by or bulk.submitted_by
    audit_trail.record("payments.bulk.started", on=bulk, by=by, at=at, after={"amount": str(bulk.needed)})
    events.publish(BulkStarted(bulk_id=bulk.pk, minor=bulk.needed.minor, currency=bulk.currency))


_DROP = """
UPDATE payments_bulkrow r SET status = 'FAILED', error = 'PAYEE_CLOSED'
  FROM accounts_account a JOIN users_user u ON u.id = a.owner_id
 WHERE r.bulk_id = %s AND r.status = 'READY' AND a.id = r.to_account_id
   AND (a.status = 'CLOSED' OR u.status <> 'ACTIVE')
"""


def _drop_closed(bulk: BulkPayment) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [bulk.pk])


def sums_of(rows: Any, currency: str) -> tuple[int, Money, Charge]:
    """How many rows, what they come to, and what they cost."""
    found = rows.aggregate(n=Count("pk"), amount=Sum("amount_minor"), fee=Sum("fee_minor"), duty=Sum("duty_minor"))
    minor = {name: found[name] or 0 for name in ("amount", "fee", "duty")}
    charge = Charge(Money(minor["fee"], currency), Money(minor["duty"], currency))
    return found["n"], Money(minor["amount"], currency), charge


def _take(bulk: BulkPayment, at: datetime) -> int | None:
    """Everything for rows inside the bank in one posting: one line for the payer, its fee and duty apart."""
    count, amount, charge = sums_of(bulk.rows.filter(status=RowStatus.READY, rail="internal"), bulk.currency)
    if not count:
        return None
    with translation.override(bulk.from_account.owner.language):
        people = ngettext("%(n)s person", "%(n)s people", count) % {"n": f"{count:,}"}
    out = accounts.out_of(bulk.from_account, amount, f"{bulk.name}, {people}", counterparty=people)
    lines = accounts.post(
        reference=f"bulk/{bulk.public_id}/take",
        kind=bulk.line_kind,
        narrative=f"{bulk.name} {bulk.reference}",
        movements=[out, *accounts.charged(bulk.from_account, charge)],
        legs=[ledger.credit(ledger.gl(CLEARING, bulk.currency), amount), *accounts.earned(charge)],
        receipt=bulk.reference,
        at=at,
    )
    return lines[0].transfer_id


def set_aside_rest(bulk: BulkPayment, *, at: datetime) -> int | None:
    """Hold what rows that still wait for their rail need; None when none do. Once per number of rows that wait."""
    waiting = bulk.rows.filter(status=RowStatus.READY).exclude(rail="internal")
    count, amount, charge = sums_of(waiting, bulk.currency)
    if not count:
        return None
    return accounts.set_aside(
        account=bulk.from_account,
        amount=amount,
        cost=charge.total,
        reference=f"bulk/{bulk.public_id}/rest/{count}",
        limited=False,
        at=at,
    ).hold_id


def carry_on(*, bulk_id: int, at: datetime) -> None:
    """Pay chunk after chunk inside the bank until none is left, and end the batch when nothing of it is open."""
    while pay_chunk(bulk_id=bulk_id, at=at):
        pass
    finish(bulk_id=bulk_id, at=at)


@transaction.atomic
def pay_chunk(*, bulk_id: int, at: datetime) -> int:
    """Pay the next rows inside the bank; returns how many were dealt with. Safe to run any number of times."""
    bulk = running(bulk_id)
    if bulk is None:
        return 0
    rows = list(
        bulk.rows.filter(status=RowStatus.READY, rail="internal")
        .select_related("to_account__owner")
        .order_by("number")[: settings.BULK_CHUNK]
    )
    if not rows:
        return 0
    words = _line_words(bulk, {_account(row).owner.language for row in rows})
    why = accounts.pay_each(orders=[_order(bulk, row, words) for row in rows], at=at)
    _note_failed(bulk, rows, why, at)
    paid = _note_paid(bulk, [row.number for row in rows if _reference(bulk, row) not in why], at)
    for start in range(0, len(paid), TOLD_AT_ONCE):
        told = paid[start : start + TOLD_AT_ONCE]
        events.publish(BulkRowsPaid(bulk_id=bulk.pk, first=told[0], last=told[-1]))
    return len(rows)


def running(bulk_id: int) -> BulkPayment | None:
    rows = BulkPayment.objects.select_for_update(of=("self",)).select_related("from_account__owner", "submitted_by")
    return rows.running().filter(pk=bulk_id).first()  # type: ignore[attr-defined]  # django-stubs lose the QuerySet


def _account(row: BulkRow) -> Any:
    return row.to_account


def _reference(bulk: BulkPayment, row: BulkRow) -> str:
    return f"bulk/{bulk.public_id}/{row.number}"


def _line_words(bulk: BulkPayment, languages: set[str]) -> dict[str, str]:
    """What a payee reads: what it is, for what, and from whom."""
    words = {}
    for language in languages:
        with translation.override(language):
            what = _now("Salary") if bulk.kind == BulkKind.SALARY else _now("Payment")
            words[language] = f"{what}: {bulk.name}, {bulk.payer_name}"
    return words


def _order(bulk: BulkPayment, row: BulkRow, words: dict[str, str]) -> accounts.Order:
    to = _account(row)
    said = f"{words[to.owner.language]}. {row.note}" if row.note else words[to.owner.language]
    return accounts.Order(
        reference=_reference(bulk, row),
        kind=bulk.line_kind,
        narrative=f"{bulk.name} {bulk.reference}/{row.number}",
        movements=[accounts.into(to, row.amount, said, counterparty=bulk.payer_name)],
        legs=[ledger.debit(ledger.gl(CLEARING, bulk.currency), row.amount)],
        receipt=f"{bulk.reference}/{row.number}",
    )


_PAID = """
UPDATE payments_bulkrow r SET status = 'PAID', transfer_id = t.id, settled_at = %(at)s
  FROM ledger_transfer t
 WHERE r.bulk_id = %(bulk)s AND r.number = ANY(%(numbers)s) AND r.status = 'READY'
   AND t.reference = %(head)s || r.number
RETURNING r.number
"""


def _note_paid(bulk: BulkPayment, numbers: Sequence[int], at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"at": at, "bulk": bulk.pk, "numbers": list(numbers), "head": f"bulk/{bulk.public_id}/"}
        cursor.execute(_PAID, asked)
        return sorted(number for (number,) in cursor.fetchall())


def _note_failed(bulk: BulkPayment, rows: Sequence[BulkRow], why: dict[str, str], at: datetime) -> None:
    """Their money goes back when the batch ends; `settled_at` says that it was taken."""
    for code in set(why.values()):
        numbers = [row.number for row in rows if why.get(_reference(bulk, row)) == code]
        bulk.rows.filter(number__in=numbers).update(status=RowStatus.FAILED, error=code, settled_at=at)


@transaction.atomic
def finish(*, bulk_id: int, at: datetime) -> bool:
    """End a batch of which nothing is open; what was taken and not paid goes back, its fees too. Asked again: False."""
    bulk = running(bulk_id)
    if bulk is None or bulk.rows.filter(status__in=[RowStatus.READY, RowStatus.SENT]).exists():
        return False
    failed = bulk.rows.filter(status=RowStatus.FAILED)
    back = _give_back(bulk, at)
    status = BulkStatus.PARTLY_FAILED if failed.exists() else BulkStatus.DONE
    BULK.make(bulk, status, ended_at=at, hold_id=None, returned_minor=back.minor)
    paid = bulk.rows.filter(status=RowStatus.PAID).aggregate(n=Count("pk"), minor=Sum("amount_minor"))
    minor = paid["minor"] or 0
    facts = {"paid": paid["n"], "amount": str(Money(minor, bulk.currency)), "not_paid": failed.count()}
    audit_trail.record(
        "payments.bulk.ended", on=bulk, by=system_user(), at=at, after=facts, customer=bulk.from_account.owner
    )
    events.publish(BulkEnded(bulk_id=bulk.pk, status=status, paid=paid["n"], minor=minor, currency=bulk.currency))
    return True


def _give_back(bulk: BulkPayment, at: datetime) -> Money:
    """What was taken for rows that then could not be paid. To suspense, should the payer have closed the account."""
    unpaid = bulk.rows.filter(Q(status=RowStatus.FAILED, rail="internal"), settled_at__isnull=False)
    count, amount, charge = sums_of(unpaid, bulk.currency)
    if not count:
        return Money.zero(bulk.currency)
    whole = amount + charge.total
    legs = [ledger.debit(ledger.gl(CLEARING, bulk.currency), amount), *[-leg for leg in accounts.earned(charge)]]
    head: dict[str, Any] = {
        "reference": f"bulk/{bulk.public_id}/return",
        "kind": TransactionType.REFUND.value,
        "at": at,
    }
    said = f"Not paid of {bulk.reference}"
    with translation.override(bulk.from_account.owner.language):
        words = _now("Not paid: %(n)s of %(name)s") % {"n": f"{count:,}", "name": bulk.name}
    line = accounts.into(bulk.from_account, whole, words)
    try:
        accounts.post(**head, narrative=said, movements=[line], legs=legs, receipt=bulk.reference, by_bank=True)
    except AccountClosed:  # refused before anything was written, so the transaction lives
        legs.append(ledger.credit(ledger.gl("suspense:credits", bulk.currency), whole))
        ledger.post(**head, narrative=said, legs=legs)
    if bulk.eyes == Eyes.OWN:  # after the books: limits are locked last
        accounts.give_back_limit(account=bulk.from_account, amount=amount, counted_at=bulk.started_at or at)
    return whole
