"""A day of ours beside M-Pesa's own statement: what no callback told of is booked, what differs waits for a person.

Each step may be done again without harm, and each commits by itself: a run that dies half-way is finished by the next
one of the same statement. Only a statement we fetched ourselves is M-Pesa's word: what a person carries in is compared,
and shows what differs, but books nothing and changes nothing that was fetched.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events, http
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import DomainError, NotAllowed
from apps.ledger import operations as ledger
from apps.mpesa import rules, statement
from apps.mpesa.errors import AlreadySettled, BadStatement, MpesaUnavailable
from apps.mpesa.events import MpesaReconciliationBroke
from apps.mpesa.models import (
    BreakKind,
    MpesaTransaction,
    PaymentReconciliation,
    ReconciliationBreak,
    ReconciliationStatus,
    StatementRow,
)
from apps.mpesa.operations.c2b import confirm_c2b
from apps.users.models import User
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
RIGHT = "mpesa.reconcile_mpesa"
BOOKED = "Booked from the statement: no callback had told of it."
HEALED = "Both sides agree since."
OTHERWISE = "Differs otherwise since; see the newer difference."
UNREADABLE = _(
    "We cannot read this: %(why)s. Nothing was changed. Export one day's statement as CSV and send it unchanged."
)
ONE_AT_A_TIME = 4_205_001  # the advisory lock of writing statement rows and breaks


def reconcile(*, day: date, statement: str, by: User, at: datetime) -> PaymentReconciliation:
    """Compare a day with the organisation's statement of it; the same statement again returns what was found then.

    Raises NotAllowed, BadStatement.
    """
    if not by.is_service and not (by.is_active and by.has_perm(RIGHT)):
        raise NotAllowed(_("You do not hold the right to reconcile M-Pesa."))
    source_hash, lines = _read(day, statement, at, is_fetched=by.is_service)
    made = PaymentReconciliation.objects.filter(day=day, source_hash=source_hash).first()
    if made is not None:
        return made
    _keep(day, lines, is_fetched=by.is_service)
    _book_missing(day, at)
    _book_charges(day, at)
    return _compare(day, source_hash, by, at)


def reconcile_fetched(*, day: date, at: datetime) -> PaymentReconciliation | None:
    """Fetch a day's statement from where it is configured and compare; None where no address is.

    Raises BadStatement, MpesaUnavailable and what the call raises.
    """
    address = settings.DARAJA_STATEMENT_ADDRESS
    if not address:
        return None
    url = f"{address}{'&' if '?' in address else '?'}{urlencode({'day': day.isoformat()})}"
    answer = http.send("daraja-statement", "GET", url, idempotent=True)
    if answer.status_code != httpx.codes.OK:
        raise MpesaUnavailable(_("M-Pesa's statement could not be fetched. Nothing was changed."))
    return reconcile(day=day, statement=answer.text, by=system_user(), at=at)


def _read(day: date, text: str, at: datetime, *, is_fetched: bool) -> tuple[str, list[statement.Line]]:
    """The lines of the day, and what tells this statement from others; fetched it is another than brought."""
    if day > local_date(at):
        raise BadStatement(_("That day has not come yet. Nothing was changed. Choose the day of the statement."))
    try:
        source_hash = sha256(b"fetched\n" * is_fetched + text.encode()).hexdigest()
        lines = statement.read(text)
    except UnicodeEncodeError as no:
        raise BadStatement(UNREADABLE % {"why": "it holds signs that no text has"}) from no
    except rules.Unreadable as no:
        raise BadStatement(UNREADABLE % {"why": no}) from no
    todays = statement.of_day(lines, day)
    if lines and not todays:
        other = _("This statement is of %(other)s, not of %(day)s. Nothing was changed. Choose the right day or file.")
        raise BadStatement(other % {"other": lines[0].completed_at.date(), "day": day})
    return source_hash, todays


def _locked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


@transaction.atomic
def _keep(day: date, lines: list[statement.Line], *, is_fetched: bool) -> None:
    """Write down what is said of each receipt; the newest word counts, and a fetched one before any brought."""
    _locked()
    receipts = {line.receipt for line in lines}
    rows = {row.receipt: row for row in StatementRow.objects.filter(receipt__in=receipts)}
    known = {receipt: row.moved_minor for receipt, row in rows.items() if row.moved_minor} | _ours(receipts)
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
    StatementRow.objects.bulk_update(
        changed,
        ["moved_minor", "charge_minor", "details", "other_party", "account_reference", "is_fetched"],
        batch_size=500,
    )


def _note(row: StatementRow, said: statement.Said, known: dict[str, int]) -> None:
    if said.moved_minor is not None:
        row.moved_minor, row.details, row.other_party = said.moved_minor, said.details, said.other_party
        row.account_reference, row.linked_receipt = said.reference, said.linked
    elif not row.moved_minor:  # a statement of the charges alone: what moved, we know ourselves
        row.moved_minor = known[said.receipt]
        row.details, row.account_reference = said.details, said.reference
    if row.booked_charge_minor and said.charge_minor not in {0, row.booked_charge_minor}:
        log.warning("mpesa_charge_told_otherwise", receipt=row.receipt, booked=row.booked_charge_minor)
    elif not row.booked_charge_minor:
        row.charge_minor = max(row.charge_minor, said.charge_minor)


def _ours(receipts: Iterable[str]) -> dict[str, int]:
    """What we have booked of receipts: in positive, out negative."""
    rows = MpesaTransaction.objects.filter(receipt__in=receipts, status__in=["COMPLETED", "REVERSED"])
    return {
        str(receipt): minor if kind in {"STK_PUSH", "C2B"} else -minor
        for receipt, kind, minor in rows.values_list("receipt", "kind", "amount_minor")
    }


_UNTOLD = """
    SELECT s.id FROM mpesa_statementrow s
     WHERE s.day = %s AND s.moved_minor > 0 AND s.is_fetched
       AND NOT EXISTS (SELECT 1 FROM mpesa_mpesatransaction m WHERE m.receipt = s.receipt) ORDER BY s.id
"""


def _book_missing(day: date, at: datetime) -> None:
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
        masked_phone=row.other_party[:80],
    )
    if confirm_c2b(told=told, at=at) is None:
        return
    row.is_booked_from_here = True
    row.save(update_fields=["is_booked_from_here"])


@transaction.atomic
def _book_charges(day: date, at: datetime) -> None:
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
def _compare(day: date, source_hash: str, by: User, at: datetime) -> PaymentReconciliation:
    _locked()
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
    ours = _ours(receipts)
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
        _settle_runs()
    return first_seen


def _settle_runs() -> None:
    """Runs of a day whose last difference was closed are settled."""
    still = ReconciliationBreak.objects.filter(resolved_at=None).values("reconciliation__day")
    PaymentReconciliation.objects.filter(status=ReconciliationStatus.OPEN).exclude(day__in=still).update(
        status=ReconciliationStatus.RESOLVED
    )


@transaction.atomic
def resolve_break(*, found: ReconciliationBreak, note: str, by: User, at: datetime) -> ReconciliationBreak:
    """Settle a difference with what was found out; once. Raises NotAllowed, AlreadySettled."""
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to settle differences."))
    note = " ".join(note.split())
    if not note:
        raise NotAllowed(_("Say what you found out: the record is read later."))
    if MpesaTransaction.objects.filter(receipt=found.receipt, user=by).exists():
        raise NotAllowed(_("No one settles a difference about their own money."))
    _locked()
    moved = ReconciliationBreak.objects.filter(pk=found.pk, resolved_at=None).update(
        resolved_at=at, resolved_by=by, note=note[:300]
    )
    if not moved:
        raise AlreadySettled(_("This difference was settled before. Nothing was changed."))
    _settle_runs()
    found.refresh_from_db()
    facts = {"receipt": found.receipt, "kind": found.kind}
    audit_trail.record("mpesa.break.resolved", on=found, by=by, at=at, reason=note, after=facts)
    return found
