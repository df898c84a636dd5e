"""A day's camt.053 beside our books: what agrees, what differs, and what a later look found to agree after all."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.money import Money
from apps.kernel.sweeps import alone
from apps.payments import iso20022 as iso
from apps.payments.banks import wire
from apps.payments.errors import BadNostroStatement
from apps.payments.models import (
    BankOrder,
    Channel,
    IncomingTransfer,
    NostroBreak,
    NostroEntry,
    NostroStatement,
    Payment,
)
from apps.users.models import User
from apps.users.queries import system_user

RIGHT = "payments.see_bank_files"
_LOCK = 20_022_003
LOOKS_BACK = 9  # days before yesterday

# Ours by key: what was settled (out), what came back of it (in, with /R), what other banks sent (by its UETR, or their
# entry) and what of that went back (out, with /R).
_OURS = """
        SELECT p.reference AS key, o.channel, o.currency, -o.moved_minor AS minor, o.ended_at AS at
          FROM payments_bankorder o JOIN payments_payment p ON p.id = o.payment_id
         WHERE o.status IN ('SETTLED', 'RETURNED')
         UNION ALL
        SELECT p.reference || '/R', r.channel, r.came_currency, r.came_minor, r.made_at
          FROM payments_paymentreturn r JOIN payments_payment p ON p.id = r.payment_id
         UNION ALL
        SELECT COALESCE(i.uetr::text, i.their_reference), i.channel, i.currency, i.amount_minor, i.received_at
          FROM payments_incomingtransfer i WHERE i.status <> 'REFUSED'
         UNION ALL
        SELECT COALESCE(i.uetr::text, i.their_reference) || '/R', i.channel, i.currency, -i.amount_minor, r.ended_at
          FROM payments_incomingreturn r JOIN payments_incomingtransfer i ON i.id = r.incoming_id
         WHERE r.status = 'SETTLED'
"""
# Theirs of the day; and ours that they tell of on it, or that ended on it here and no statement of any day tells of.
_SIDES = f"""
    WITH ours AS (
        SELECT * FROM ({_OURS}) every WHERE channel = %(channel)s AND currency = %(currency)s
    ), theirs AS (
        SELECT e.key, sum(e.amount_minor)::bigint AS minor FROM payments_nostroentry e
         WHERE e.statement_id = %(statement)s GROUP BY e.key
    )
    SELECT COALESCE(t.key, o.key), o.minor, t.minor
      FROM theirs t
      FULL JOIN (SELECT * FROM ours o
                  WHERE o.key IN (SELECT key FROM theirs)
                     OR (o.at >= %(start)s AND o.at < %(end)s
                         AND NOT EXISTS (SELECT 1 FROM payments_nostroentry e WHERE e.key = o.key))) o
        ON o.key = t.key
"""  # noqa: S608 our own words alone
# Whether both sides of a difference are alike by now, whichever day's statement told of it.
_HEALED = f"""
    UPDATE payments_nostrobreak b SET healed_at = %(at)s
     WHERE b.healed_at IS NULL
       AND (SELECT sum(e.amount_minor) FROM payments_nostroentry e WHERE e.key = b.key)
           = (SELECT sum(o.minor) FROM ({_OURS}) o WHERE o.key = b.key)
"""  # noqa: S608 our own words alone


def compare_ended_days(*, at: datetime) -> list[NostroStatement]:
    """Fetch and compare the statements of every account that moved: yesterday's, and of the nine days before those that
    were not to be had on their morning. One that is bad stops no other.
    """
    yesterday, made = local_date(at) - timedelta(days=1), []
    rows = NostroStatement.objects.order_by().values_list("channel", "currency")
    began = {(channel, currency): day for channel, currency, day in rows.annotate(Min("day"))}
    kept = set(rows.filter(day__gte=yesterday - timedelta(days=LOOKS_BACK)).values_list("channel", "currency", "day"))
    moved = BankOrder.objects.order_by().values_list("channel", "currency")
    for account in moved.union(IncomingTransfer.objects.order_by().values_list("channel", "currency")):
        for day in (yesterday - timedelta(days=n) for n in range(LOOKS_BACK, -1, -1)):
            if day >= began.get(account, yesterday) and (*account, day) not in kept:
                with alone("nostro_not_compared", channel=account[0], day=str(day)):
                    made += _fetched(*account, day, at)
    return made


def _fetched(channel: str, currency: str, day: date, at: datetime) -> list[NostroStatement]:
    raw = wire.statement(channel, day, currency)
    if raw is None:
        return []
    asked: dict[str, Any] = {"channel": Channel(channel), "day": day, "currency": currency}
    return [compare_statement(**asked, raw=raw, by=system_user(), at=at)]


def fetch_and_compare(*, channel: Channel, day: date, currency: str, by: User, at: datetime) -> NostroStatement:
    """What a person asks for on the workbench. Raises NotAllowed, BadNostroStatement, Unavailable."""
    _require_may(by)
    raw = wire.statement(channel, day, currency)
    if raw is None:
        raise BadNostroStatement(_("They have no statement of that day. Nothing was changed."))
    return compare_statement(channel=channel, day=day, currency=currency, raw=raw, by=by, at=at)


@transaction.atomic
def compare_statement(
    *, channel: Channel, day: date, raw: bytes, by: User, at: datetime, currency: str = ""
) -> NostroStatement:
    """Keep a statement and list what differs; once a day and account. The same statement again is looked at anew.

    Raises BadNostroStatement for what cannot be believed: unreadable, of another day, of another currency than was
    asked for, of another account than those before, altered, out of sequence.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    try:
        said = iso.read_camt053(raw)
    except iso.Unreadable as no:
        raise BadNostroStatement(_("The statement cannot be read: %(why)s. Nothing was changed.") % {"why": no}) from no
    days = {said.closed_on or day, *(entry.booked_on for entry in said.entries)}  # one without entries has its balances
    if said.opening is None or said.closing is None or days != {day}:
        raise BadNostroStatement(_("The statement is of another day. Nothing was changed."))
    if currency and said.closing.currency != currency:
        raise BadNostroStatement(_("The statement is of an account in another currency. Nothing was changed."))
    row = _kept(channel, day, said, (said.opening, said.closing), at)
    _list_differences(row, at)
    audit_trail.record(
        "payments.nostro.compared",
        on=row,
        by=by,
        at=at,
        after={"day": day.isoformat(), "matched": str(row.matched), "count": str(row.count)},
    )
    return row


def _kept(
    channel: Channel, day: date, said: iso.Statement, balances: tuple[Money, Money], at: datetime
) -> NostroStatement:
    opening, closing = balances
    digest = sha256(repr(said).encode()).hexdigest()  # what it says: written out again, it bears another time
    currency = opening.currency
    rows = NostroStatement.objects.filter(channel=channel, currency=currency)
    if kept := rows.filter(day=day).first():
        if kept.sha256 != digest:
            raise BadNostroStatement(_("That day's statement was kept before, with other words. Nothing was changed."))
        return kept
    if rows.exclude(account__in=("", said.account)).exists():
        raise BadNostroStatement(_("The statement is of another account of ours. Nothing was changed."))
    before = rows.filter(day__lt=day).order_by("-day").first()
    if before and before.sequence + 1 == said.sequence and before.closing_minor != opening.minor:
        raise BadNostroStatement(_("It does not open with what the day before closed with. Nothing was changed."))
    try:
        with transaction.atomic():
            row = NostroStatement.objects.create(
                channel=channel,
                day=day,
                statement_id=said.statement_id,
                account=said.account,
                sequence=said.sequence,
                sha256=digest,
                opening_minor=opening.minor,
                closing_minor=closing.minor,
                currency=currency,
                count=len(said.entries),
                matched=0,
                made_at=at,
            )
    except IntegrityError as no:
        raise BadNostroStatement(_("A statement of that number was kept before. Nothing was changed.")) from no
    named = {entry.end_to_end_id for entry in said.entries}
    ours = set(Payment.objects.filter(reference__in=named).values_list("reference", flat=True))
    NostroEntry.objects.bulk_create(
        [
            NostroEntry(
                statement=row,
                key=_key_of(entry, ours),
                their_reference=entry.reference,
                amount_minor=entry.amount.minor,
                currency=currency,
                words=entry.words,
            )
            for entry in said.entries
        ],
        batch_size=2_000,
    )
    return row


def _key_of(entry: iso.Entry, ours: set[str]) -> str:
    """What an entry is known by on both sides: the reference of a payment of ours, else what the other bank gave it."""
    known = entry.end_to_end_id if entry.end_to_end_id in ours else str(entry.uetr or "")
    return known + "/R" * entry.is_return if known else entry.reference


def _list_differences(row: NostroStatement, at: datetime) -> None:
    span = {"start": day_start(row.day), "end": day_start(row.day + timedelta(days=1))}
    asked: dict[str, Any] = {"channel": row.channel, "currency": row.currency, "statement": row.pk, **span}
    with connection.cursor() as cursor:
        cursor.execute(_HEALED, {"at": at})
        cursor.execute(_SIDES, asked)
        sides = cursor.fetchall()
    known = set(NostroBreak.objects.filter(healed_at=None).values_list("key", flat=True))
    NostroBreak.objects.bulk_create(
        [
            NostroBreak(statement=row, key=key, ours_minor=ours, theirs_minor=theirs, currency=row.currency)
            for key, ours, theirs in sides
            if ours != theirs and key not in known
        ]
    )
    row.matched = sum(ours == theirs for _key, ours, theirs in sides)
    row.save(update_fields=["matched"])


def _require_may(who: User) -> None:
    if not who.is_active or not who.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to compare statements of other banks."))
