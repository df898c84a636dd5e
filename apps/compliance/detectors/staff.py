"""What stands out in a day of the audit trail: one statement a rule, each naming who, how often and which records."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from apps.compliance.models import StaffRule
from apps.kernel.clock import day_start

# The bank's own figures: no law names any. Looks are counted by customer, the rest by record.
THRESHOLDS: dict[str, int] = {
    StaffRule.LOOKS_WITHOUT_WORK: 15,
    StaffRule.CONNECTED: 1,
    StaffRule.EXPORTS_AT_NIGHT: 3,
    StaffRule.REFUSALS: 10,
}
OPENS, CLOSES = 7, 20  # working hours in East Africa Time; Sunday has none

_LOOKS = """
SELECT look.actor_id, count(DISTINCT look.customer_id), array_agg(look.id ORDER BY look.id)
  FROM audit_trail_auditlog look JOIN users_user who ON who.id = look.actor_id AND who.is_staff
 WHERE look.at >= %(first)s AND look.at < %(last)s AND look.customer_id <> look.actor_id
   AND look.action IN ('users.customer.viewed', 'kernel.row.viewed') AND NOT EXISTS (
       SELECT FROM audit_trail_auditlog work
        WHERE work.actor_id = look.actor_id AND work.customer_id = look.customer_id
          AND work.at >= %(first)s AND work.at < %(last)s AND work.action NOT LIKE '%%viewed')
 GROUP BY look.actor_id HAVING count(DISTINCT look.customer_id) >= %(threshold)s
"""
_CONNECTED = """
SELECT look.actor_id, count(DISTINCT look.customer_id), array_agg(DISTINCT look.id ORDER BY look.id)
  FROM audit_trail_auditlog look
  JOIN users_staffconnection kin ON kin.staff_id = look.actor_id AND kin.customer_id = look.customer_id
   AND kin.declared_at <= look.at AND (kin.ended_at IS NULL OR kin.ended_at > look.at)
 WHERE look.at >= %(first)s AND look.at < %(last)s AND look.action LIKE '%%.viewed'
 GROUP BY look.actor_id HAVING count(DISTINCT look.customer_id) >= %(threshold)s
"""
_EXPORTS = """
SELECT done.actor_id, count(*), array_agg(done.id ORDER BY done.id)
  FROM audit_trail_auditlog done JOIN users_user who ON who.id = done.actor_id AND who.is_staff
 WHERE done.at >= %(first)s AND done.at < %(last)s AND done.action LIKE '%%.exported'
   AND (extract(hour FROM done.at AT TIME ZONE 'Africa/Nairobi') NOT BETWEEN %(opens)s AND %(closes)s - 1
        OR extract(dow FROM done.at AT TIME ZONE 'Africa/Nairobi') = 0)
 GROUP BY done.actor_id HAVING count(*) >= %(threshold)s
"""
_REFUSALS = """
SELECT no.actor_id, count(*), array_agg(no.id ORDER BY no.id)
  FROM audit_trail_auditlog no
 WHERE no.at >= %(first)s AND no.at < %(last)s AND no.action = 'kernel.door.refused'
 GROUP BY no.actor_id HAVING count(*) >= %(threshold)s
"""
_RULES = {
    StaffRule.LOOKS_WITHOUT_WORK: _LOOKS,
    StaffRule.CONNECTED: _CONNECTED,
    StaffRule.EXPORTS_AT_NIGHT: _EXPORTS,
    StaffRule.REFUSALS: _REFUSALS,
}
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A rule, a member of staff, how often, and the records that show it."""

    rule: str
    staff_id: int
    count: int
    threshold: int
    records: list[int]


def look(day: date) -> list[Found]:
    """Everything that stands out in one day of the bank."""
    facts: dict[str, Any] = {
        "first": day_start(day),
        "last": day_start(day + timedelta(days=1)),
        "opens": OPENS,
        "closes": CLOSES,
    }
    found: list[Found] = []
    for rule, sql in _RULES.items():
        threshold = THRESHOLDS[rule]
        with connection.cursor() as cursor:
            cursor.execute(sql, facts | {"threshold": threshold})
            found += [Found(rule, who, times, threshold, ids[:MOST_NAMED]) for who, times, ids in cursor.fetchall()]
    return found
