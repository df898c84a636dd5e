"""Cycles: opened at the end of the day before, marked late after their grace, and the reminder before."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from apps.audit_trail import operations as audit_trail
from apps.chamas.events import ContributionLate, CycleClosed, CycleOpened, FineGiven
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    Cycle,
    Fine,
    GroupStatus,
    RoundStatus,
    Turn,
)
from apps.chamas.operations import books
from apps.chamas.operations.ahead import use_what_was_paid_ahead
from apps.chamas.operations.propose import in_force
from apps.chamas.rules.dues import Period, period_from
from apps.kernel import events
from apps.kernel.clock import day_start, local_date
from apps.users.queries import system_user


def open_due(*, day: date, at: datetime) -> str:
    """Open the cycles that begin on `day`, the bank's next one; run again it opens none twice. Says how many."""
    rows = ChamaGroup.objects.filter(status=GroupStatus.ACTIVE).exclude(cycles__ends_on__gte=day)
    opened = [open_cycle(group=group, day=day, at=at) for group in rows.order_by("pk")]
    return f"{sum(one is not None for one in opened)} cycles opened"


@transaction.atomic
def open_cycle(*, group: ChamaGroup, day: date, at: datetime) -> Cycle | None:
    """Open a group's next cycle when its period has begun on `day`, by the constitution in force; else None.

    Every member but an auditor owes it; the merry-go-round's part only who has a turn in the running round, whose next
    turn it pays. What was paid ahead is used at once.
    """
    held = books.locked(group)
    last = Cycle.objects.filter(group=held).order_by("-number").first()
    if held.status != GroupStatus.ACTIVE or held.began_at is None or (last and last.ends_on >= day):
        return None
    version = in_force(held)
    period = period_from(version.terms, began_on=local_date(held.began_at), day=day)
    if period.starts_on > day:
        return None
    if last is not None and last.closed_at is None:
        Cycle.objects.filter(pk=last.pk).update(closed_at=at)
        events.publish(CycleClosed(group_id=held.pk, cycle_id=last.pk))
    number = (Cycle.objects.filter(group=held).aggregate(last=Max("number"))["last"] or 0) + 1
    late_at = day_start(period.due_on + timedelta(days=1)) + timedelta(minutes=version.terms.grace_minutes)
    cycle = Cycle.objects.create(
        group=held,
        version=version,
        number=number,
        opens_on=max(period.starts_on, day),
        ends_on=period.ends_on,
        due_on=period.due_on,
        late_at=late_at,
        opened_at=at,
    )
    turn = _next_turn(cycle)
    _owe(cycle, period, turn)
    audit_trail.record("chamas.cycle.opened", on=cycle, by=system_user(), at=at, after={"due_on": period.due_on})
    events.publish(CycleOpened(group_id=held.pk, cycle_id=cycle.pk))
    use_what_was_paid_ahead(group=held, cycle=cycle, at=at)
    return cycle


def _next_turn(cycle: Cycle) -> Turn | None:
    """The turn that this cycle's merry-go-round money is for."""
    waiting = Turn.objects.filter(round__group=cycle.group_id, round__status=RoundStatus.RUNNING, cycle=None)
    turn = waiting.order_by("position").first()
    if turn is not None:
        Turn.objects.filter(pk=turn.pk).update(cycle=cycle)
    return turn


_OWE = """
INSERT INTO chamas_contribution (cycle_id, group_id, member_id, currency, amount_minor, welfare_minor, rotation_minor,
    savings_minor, paid_welfare_minor, paid_rotation_minor, paid_savings_minor, due_on, late_at, status)
SELECT %(cycle)s, m.group_id, m.id, %(currency)s, %(welfare)s + %(savings)s + r.minor, %(welfare)s, r.minor,
       %(savings)s, 0, 0, 0, %(due_on)s, %(late_at)s, 'DUE'
  FROM chamas_membership m
 CROSS JOIN LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM chamas_turn t WHERE t.round_id = %(round)s
                                                AND t.member_id = m.id) THEN %(rotation)s ELSE 0 END AS minor) r
 WHERE m.group_id = %(group)s AND m.status = 'ACTIVE' AND m.role <> 'AUDITOR' AND m.joined_at < %(opened)s
   AND %(welfare)s + %(savings)s + r.minor > 0
 ORDER BY m.id
"""


def _owe(cycle: Cycle, period: Period, turn: Turn | None) -> None:
    terms = cycle.version.terms
    values: dict[str, Any] = {
        "cycle": cycle.pk,
        "group": cycle.group_id,
        "currency": cycle.group.currency,
        "welfare": terms.welfare_minor,
        "savings": terms.savings_minor,
        "rotation": terms.rotation_minor,
        "round": turn.round_id if turn else 0,
        "due_on": period.due_on,
        "late_at": cycle.late_at,
        "opened": cycle.opened_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE, values)


# Cash that the treasurer noted in time keeps a member from being late, as long as the note stands and covers it.
_LATE = """
WITH due AS (
    SELECT c.id
      FROM chamas_contribution c
      JOIN chamas_chamagroup g ON g.id = c.group_id AND g.status = 'ACTIVE'
     WHERE c.status = 'DUE' AND c.late_at <= %(at)s
       AND c.amount_minor - c.paid_welfare_minor - c.paid_rotation_minor - c.paid_savings_minor >
           COALESCE((SELECT sum(n.amount_minor) FROM chamas_cashnote n
                      WHERE n.member_id = c.member_id AND n.status IN ('RECORDED', 'CONFIRMED')
                        AND n.recorded_at <= c.late_at AND n.recorded_at > %(at)s::timestamptz - interval '3 days'), 0)
     ORDER BY c.id FOR NO KEY UPDATE OF c),
late AS (
    UPDATE chamas_contribution c SET status = 'LATE' FROM due WHERE c.id = due.id
    RETURNING c.id, c.cycle_id, c.group_id, c.member_id, c.currency),
fined AS (
    INSERT INTO chamas_fine (group_id, member_id, why, name, cause, amount_minor, paid_minor, currency, status,
        given_at, due_on, appeal)
    SELECT l.group_id, l.member_id, 'LATE', '', 'cycle/' || l.cycle_id, (v.rules->>'late_fine_minor')::bigint, 0,
           l.currency, 'OPEN', %(at)s, %(today)s, ''
      FROM late l
      JOIN chamas_cycle y ON y.id = l.cycle_id
      JOIN chamas_constitutionversion v ON v.id = y.version_id
     WHERE (v.rules->>'late_fine_minor')::bigint > 0
    ON CONFLICT (member_id, why, cause) DO NOTHING
    RETURNING id, member_id, cause)
SELECT l.id, l.group_id, l.member_id, f.id
  FROM late l LEFT JOIN fined f ON f.member_id = l.member_id AND f.cause = 'cycle/' || l.cycle_id
 ORDER BY l.id
"""


@transaction.atomic
def mark_late(*, at: datetime) -> int:
    """Whoever has not paid all by the end of the grace is late and fined by the cycle's rules; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, {"at": at, "today": local_date(at)})
        rows = cursor.fetchall()
    fines = {fine for *_ids, fine in rows if fine}
    for contribution_id, group_id, member_id, _fine in rows:
        events.publish(ContributionLate(group_id=group_id, contribution_id=contribution_id, member_id=member_id))
    for fine in Fine.objects.filter(pk__in=fines).order_by("pk"):
        events.publish(FineGiven(group_id=fine.group_id, fine_id=fine.pk))
    if rows:
        facts = {"contributions": len(rows), "fines": len(fines)}
        audit_trail.record("chamas.contributions.late", on=f"chamas/{at:%F}", by=system_user(), at=at, after=facts)
    return len(rows)


def due_in(*, days: int, at: datetime) -> list[Contribution]:
    """What falls due in so many days and is not paid; with the member's person."""
    rows = Contribution.objects.filter(status="DUE", due_on=local_date(at) + timedelta(days=days))
    return list(rows.select_related("member__user", "group").order_by("pk"))
