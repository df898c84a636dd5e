"""A day's two sides compared: the figures of both, what differs, and differences that closed by themselves."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import day_start, local_date
from apps.mpesa.events import MpesaReconciliationBroke
from apps.mpesa.models import (
    BreakKind,
    PaymentReconciliation,
    ReconciliationBreak,
    ReconciliationStatus,
    StatementRow,
)
from apps.mpesa.operations.stated import booked_of, hold_statements
from apps.users.models import User
from apps.users.queries import system_user

BOOKED = "Booked from the statement: no callback had told of it."
HEALED = "Both sides agree since."
OTHERWISE = "Differs otherwise since; see the newer difference."


# Both sides of a day: their rows of it, and ours that they tell of, or that ended on it and no other day tells of.
_SIDES = """
    WITH theirs AS (
        SELECT receipt, moved_minor AS minor FROM mpesa_statementrow WHERE day = %(day)s AND moved_minor <> 0
    ), ours AS (
        SELECT m.receipt,
               CASE WHEN m.kind IN ('STK_PUSH', 'C2B') THEN m.amount_minor ELSE -m.amount_minor END AS minor
          FROM mpesa_mpesatransaction m
         WHERE m.status IN ('COMPLETED', 'REVERSED')
           AND (m.receipt IN (SELECT receipt FROM theirs)
                OR (m.receipt IS NOT NULL AND m.ended_at >= %(start)s AND m.ended_at < %(end)s
                    AND NOT EXISTS (SELECT 1 FROM mpesa_statementrow s
                                     WHERE s.receipt = m.receipt AND s.moved_minor <> 0)))
    ), sides AS (
        SELECT receipt, ours.minor AS ours, theirs.minor AS theirs FROM ours FULL JOIN theirs USING (receipt)
    )
"""
_FIGURES = """
    SELECT count(*) FILTER (WHERE ours > 0), COALESCE(sum(ours) FILTER (WHERE ours > 0), 0),
           count(*) FILTER (WHERE ours < 0), COALESCE(-sum(ours) FILTER (WHERE ours < 0), 0),
           count(*) FILTER (WHERE theirs > 0), COALESCE(sum(theirs) FILTER (WHERE theirs > 0), 0),
           count(*) FILTER (WHERE theirs < 0), COALESCE(-sum(theirs) FILTER (WHERE theirs < 0), 0),
           count(*) FILTER (WHERE ours = theirs),
           (SELECT COALESCE(sum(charge_minor), 0) FROM mpesa_statementrow WHERE day = %(day)s)
      FROM sides
"""
# What differs, and whether a difference was noted before: open, settled as it stands now, or not at all.
_DIFFERENCES = """
    SELECT receipt, ours, theirs,
           EXISTS (SELECT 1 FROM mpesa_reconciliationbreak b WHERE b.receipt = s.receipt AND b.resolved_at IS NULL),
           EXISTS (SELECT 1 FROM mpesa_reconciliationbreak b WHERE b.receipt = s.receipt
                      AND b.ours_minor IS NOT DISTINCT FROM ours AND b.theirs_minor IS NOT DISTINCT FROM theirs)
      FROM sides s WHERE ours IS DISTINCT FROM theirs ORDER BY receipt
"""


@transaction.atomic
def compare(day: date, source_hash: str, by: User, at: datetime) -> PaymentReconciliation:
    """Write the comparison of a day down, once per statement, with every difference that is new."""
    hold_statements()
    made = PaymentReconciliation.objects.filter(day=day, source_hash=source_hash).first()
    if made is not None:
        return made  # another brought the same statement at the same time
    first_seen = _heal(at)
    span = {"day": day, "start": day_start(day), "end": day_start(day + timedelta(days=1))}
    with connection.cursor() as cursor:
        cursor.execute("".join((_SIDES, _FIGURES)), span)
        figures = [int(figure) for figure in cursor.fetchone()]
        cursor.execute("".join((_SIDES, _DIFFERENCES)), span)
        differences = cursor.fetchall()
    run = PaymentReconciliation.objects.create(
        day=day,
        source_hash=source_hash,
        **dict(zip(_FIGURE_NAMES, figures, strict=True)),
        status=ReconciliationStatus.OPEN,
        made_by=by,
        created_at=at,
    )
    today = local_date(at)
    new = [
        _break(run, receipt, ours, theirs, first_seen.get(receipt, today))
        for receipt, ours, theirs, is_open, was_settled in differences
        if not is_open and not was_settled
    ]
    booked = _booked_ones(run, today, at)
    ReconciliationBreak.objects.bulk_create([*new, *booked], batch_size=2000)
    still = len(new) + sum(is_open for *_sides, is_open, _was_settled in differences)
    if not still:
        settled = bool(differences or booked)
        run.status = ReconciliationStatus.RESOLVED if settled else ReconciliationStatus.MATCHED
        run.save(update_fields=["status"])
    facts = {"day": day.isoformat(), "matched": run.matched, "open": still, "booked": len(booked)}
    audit_trail.record("mpesa.reconciliation.made", on=run, by=by, at=at, after=facts)
    if still:
        events.publish(MpesaReconciliationBroke(reconciliation_id=run.pk, day=day.isoformat(), breaks=still))
    return run


_FIGURE_NAMES = (
    "ours_in_count",
    "ours_in_minor",
    "ours_out_count",
    "ours_out_minor",
    "theirs_in_count",
    "theirs_in_minor",
    "theirs_out_count",
    "theirs_out_minor",
    "matched",
    "charges_minor",
)


def _kind(ours: int | None, theirs: int | None) -> BreakKind:
    if ours is None:
        return BreakKind.MISSING_HERE
    return BreakKind.MISSING_THERE if theirs is None else BreakKind.AMOUNT_DIFFERS


def _break(
    run: PaymentReconciliation, receipt: str, ours: int | None, theirs: int | None, since: date, **settled: Any
) -> ReconciliationBreak:
    return ReconciliationBreak(
        reconciliation=run,
        kind=_kind(ours, theirs),
        receipt=receipt,
        ours_minor=ours,
        theirs_minor=theirs,
        first_seen_on=since,
        **settled,
    )


def _booked_ones(run: PaymentReconciliation, today: date, at: datetime) -> list[ReconciliationBreak]:
    """What the statement itself brought into the books, noted once as a difference that closed itself."""
    rows = StatementRow.objects.filter(day=run.day, is_booked_from_here=True)
    noted = ReconciliationBreak.objects.filter(receipt__in=rows.values("receipt")).values_list("receipt", flat=True)
    bank, known = system_user(), set(noted)
    return [
        _break(run, row.receipt, None, row.moved_minor, today, resolved_at=at, resolved_by=bank, note=BOOKED)
        for row in rows
        if row.receipt not in known
    ]


def _heal(at: datetime) -> dict[str, date]:
    """Close what no longer differs, or differs in another way; of the latter, since when each was seen."""
    found = list(ReconciliationBreak.objects.select_for_update().filter(resolved_at=None).order_by("pk"))
    receipts = {one.receipt for one in found}
    ours = booked_of(receipts)
    rows = StatementRow.objects.filter(receipt__in=receipts).values_list(
        "receipt", "moved_minor", "is_booked_from_here"
    )
    theirs = {receipt: minor for receipt, minor, _booked in rows if minor}
    booked = {receipt for receipt, _minor, was_booked in rows if was_booked}
    first_seen: dict[str, date] = {}
    bank, closed = system_user(), []
    for one in found:
        here, there = ours.get(one.receipt), theirs.get(one.receipt)
        if here == there:
            one.note = BOOKED if one.receipt in booked else HEALED
        elif (here, there) != (one.ours_minor, one.theirs_minor):
            one.note, first_seen[one.receipt] = OTHERWISE, one.first_seen_on
        else:
            continue
        one.resolved_at, one.resolved_by = at, bank
        closed.append(one)
    ReconciliationBreak.objects.bulk_update(closed, ["note", "resolved_at", "resolved_by"], batch_size=500)
    if closed:
        settle_runs()
    return first_seen


def settle_runs() -> None:
    """Runs of a day whose last difference was closed are settled."""
    still = ReconciliationBreak.objects.filter(resolved_at=None).values("reconciliation__day")
    PaymentReconciliation.objects.filter(status=ReconciliationStatus.OPEN).exclude(day__in=still).update(
        status=ReconciliationStatus.RESOLVED
    )
