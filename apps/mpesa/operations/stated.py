"""What M-Pesa's statement says of each receipt, written down; money and charges that it alone tells of, booked.

Each step may be done again without harm, and each commits by itself.
"""

from collections.abc import Iterable
from datetime import date, datetime

import structlog
from django.db import connection, transaction

from apps.kernel.errors import DomainError
from apps.ledger import operations as ledger
from apps.mpesa import rules, statement
from apps.mpesa.models import MpesaTransaction, StatementRow
from apps.mpesa.operations.c2b import confirm_c2b

log = structlog.get_logger(__name__)
ONE_AT_A_TIME = 4_205_001  # the advisory lock of writing statement rows and breaks


def hold_statements() -> None:
    """Nobody else writes statement rows or breaks until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


@transaction.atomic
def keep(day: date, lines: list[statement.Line], *, is_fetched: bool) -> None:
    """Write down what is said of each receipt; the newest word counts, and a fetched one before any brought."""
    hold_statements()
    receipts = {line.receipt for line in lines}
    rows = {row.receipt: row for row in StatementRow.objects.filter(receipt__in=receipts)}
    known = {receipt: row.moved_minor for receipt, row in rows.items() if row.moved_minor} | booked_of(receipts)
    new: list[StatementRow] = []
    changed: list[StatementRow] = []
    for said in statement.gather(lines, known):
        row = rows.get(said.receipt)
        if row is None:
            row = StatementRow(receipt=said.receipt, day=day, completed_at=said.completed_at, moved_minor=0)
            new.append(row)
        elif row.is_fetched and not is_fetched:
            continue
        else:
            changed.append(row)
        row.is_fetched = is_fetched
        _note(row, said, known)
    StatementRow.objects.bulk_create(new, batch_size=2000)
    StatementRow.objects.bulk_create(  # an update of many rows at once that seals what is sealed
        changed,
        update_conflicts=True,
        unique_fields=["receipt"],
        update_fields=[
            "moved_minor",
            "charge_minor",
            "details",
            "other_party",
            "account_reference",
            "linked_receipt",
            "is_fetched",
        ],
        batch_size=500,
    )


def _note(row: StatementRow, said: statement.Said, known: dict[str, int]) -> None:
    if said.moved_minor is not None:
        row.moved_minor, row.details, row.other_party = said.moved_minor, said.details or None, said.other_party or None
        row.account_reference, row.linked_receipt = said.reference, said.linked
    elif not row.moved_minor:  # a statement of the charges alone: what moved, we know ourselves
        row.moved_minor = known[said.receipt]
        row.details, row.account_reference = said.details or None, said.reference
    if row.booked_charge_minor and said.charge_minor not in {0, row.booked_charge_minor}:
        log.warning("mpesa_charge_told_otherwise", receipt=row.receipt, booked=row.booked_charge_minor)
    elif not row.booked_charge_minor:
        row.charge_minor = max(row.charge_minor, said.charge_minor)


_UNTOLD = """
    SELECT s.id FROM mpesa_statementrow s
     WHERE s.day = %s AND s.moved_minor > 0 AND s.is_fetched
       AND NOT EXISTS (SELECT 1 FROM mpesa_mpesatransaction m WHERE m.receipt = s.receipt)
       AND NOT EXISTS (SELECT 1 FROM mpesa_statementrow r  -- M-Pesa took it back itself: both wait for a person
                        WHERE r.day >= s.day AND r.linked_receipt = s.receipt AND r.moved_minor < 0) ORDER BY s.id
"""


def book_missing(day: date, at: datetime) -> None:
    """Money that came and was never told of, each in a transaction of its own; one that cannot be booked stops none."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, [day])
        missing = [row[0] for row in cursor.fetchall()]
    for pk in missing:
        try:
            _book(pk, at)
        except DomainError as no:
            log.warning("stated_money_not_booked", row=pk, because=str(no))


@transaction.atomic
def _book(pk: int, at: datetime) -> None:
    row = StatementRow.objects.select_for_update().get(pk=pk)
    told = rules.Received(
        receipt=row.receipt,
        minor=row.moved_minor,
        reference=row.account_reference,
        shortcode="",
        name="",
        masked_phone=(row.other_party or "")[:80],
    )
    if confirm_c2b(told=told, at=at) is None:
        return
    row.is_booked_from_here = True
    row.save(update_fields=["is_booked_from_here"])


@transaction.atomic
def book_charges(day: date, at: datetime) -> None:
    """What M-Pesa took for its service: out of the settlement account, once per receipt."""
    due = StatementRow.objects.select_for_update().filter(
        day=day, is_fetched=True, charge_minor__gt=0, booked_charge_minor=0
    )
    rows = list(due.order_by("pk"))
    expense, settlement = ledger.gl("mpesa:charges", "KES"), ledger.gl("mpesa:settlement", "KES")
    ledger.post_many(
        [
            ledger.Posting(
                reference=f"mpesa/{row.receipt}/charge",
                kind="CHARGE",
                narrative=f"M-Pesa charge of {row.receipt}",
                legs=[ledger.debit(expense, row.charge), ledger.credit(settlement, row.charge)],
            )
            for row in rows
        ],
        at=at,
    )
    for row in rows:
        row.booked_charge_minor = row.charge_minor
    StatementRow.objects.bulk_update(rows, ["booked_charge_minor"], batch_size=500)


def booked_of(receipts: Iterable[str]) -> dict[str, int]:
    """What we have booked of receipts: in positive, out negative."""
    rows = MpesaTransaction.objects.filter(receipt__in=receipts, status__in=["COMPLETED", "REVERSED"])
    return {
        str(receipt): minor if kind in {"STK_PUSH", "C2B"} else -minor
        for receipt, kind, minor in rows.values_list("receipt", "kind", "amount_minor")
    }
