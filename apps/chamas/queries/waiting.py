"""What waits for a person in their groups: to vote on, to sign, to answer. One query for all groups together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from apps.chamas.models import GroupInvitation
from apps.kernel.clock import now
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing. `what` is VOTE, SIGN, DO, ACCEPT, CASH, GUARANTEE, ASKER, SWAP, DISPUTE, DISPUTED_MINUTES, MINUTES
    or INVITE; `key` finds it.
    """

    what: str
    group_id: int
    slug: str
    group: str
    key: str
    act: str
    since: datetime


# Who is concerned neither votes nor signs; who said something already is not asked again.
_WAITING = """
WITH me AS (
    SELECT m.id, m.group_id, m.role
      FROM chamas_membership m JOIN chamas_chamagroup g ON g.id = m.group_id AND g.status <> 'CLOSED'
     WHERE m.user_id = %(user)s AND m.status = 'ACTIVE' AND (%(group)s::bigint IS NULL OR m.group_id = %(group)s)),
found AS (
    SELECT 'VOTE' AS what, me.group_id, p.public_id::text AS key, p.act, p.made_at AS since
      FROM me JOIN chamas_proposal p ON p.group_id = me.group_id AND p.status = 'OPEN' AND p.is_voted_on
     WHERE me.role <> 'AUDITOR' AND p.closes_at > %(at)s AND NOT me.id = ANY(p.concerned)
       AND NOT EXISTS (SELECT FROM chamas_vote v WHERE v.proposal_id = p.id AND v.member_id = me.id)
     UNION ALL
    SELECT 'SIGN', me.group_id, p.public_id::text, p.act, p.made_at
      FROM me JOIN chamas_proposal p ON p.group_id = me.group_id AND p.status = 'OPEN' AND p.sign_offs_needed > 0
     WHERE me.role IN ('CHAIR', 'TREASURER', 'SECRETARY') AND p.lapses_at > %(at)s AND NOT me.id = ANY(p.concerned)
       AND NOT EXISTS (SELECT FROM chamas_signoff s WHERE s.proposal_id = p.id AND s.member_id = me.id)
     UNION ALL
    SELECT 'DO', me.group_id, p.public_id::text, p.act, p.made_at
      FROM me JOIN chamas_proposal p ON p.group_id = me.group_id AND p.status = 'PASSED' AND p.lapses_at > %(at)s
     WHERE me.role IN ('CHAIR', 'TREASURER', 'SECRETARY')
     UNION ALL
    SELECT 'ACCEPT', me.group_id, v.version::text, '', v.proposed_at
      FROM me JOIN chamas_constitutionversion v ON v.group_id = me.group_id AND v.status IN ('PROPOSED', 'IN_FORCE')
     WHERE NOT EXISTS (SELECT FROM chamas_constitutionacceptance a WHERE a.version_id = v.id AND a.member_id = me.id)
     UNION ALL
    SELECT 'CASH', me.group_id, n.id::text, '', n.recorded_at
      FROM me JOIN chamas_cashnote n ON n.member_id = me.id AND n.status = 'RECORDED'
     UNION ALL
    SELECT 'GUARANTEE', me.group_id, l.reference, '', l.asked_at
      FROM me JOIN chamas_groupguarantee q ON q.member_id = me.id AND q.agreed_at IS NULL AND q.declined_at IS NULL
              JOIN chamas_grouploan l ON l.id = q.loan_id AND l.status = 'ASKED'
     UNION ALL
    SELECT 'ASKER', me.group_id, o.id::text, '', o.asked_at
      FROM me JOIN chamas_membership o ON o.group_id = me.group_id AND o.status = 'ASKED'
     WHERE me.role IN ('CHAIR', 'TREASURER', 'SECRETARY')
     UNION ALL
    SELECT 'SWAP', me.group_id, s.id::text, '', s.asked_at
      FROM me JOIN chamas_turn t ON t.member_id = me.id
              JOIN chamas_swap s ON s.other_id = t.id AND s.status = 'ASKED'
     UNION ALL
    SELECT 'DISPUTE', me.group_id, d.public_id::text, '', d.raised_at
      FROM me JOIN chamas_groupdispute d ON d.group_id = me.group_id AND d.status = 'OPEN' AND d.raised_by_id <> me.id
              JOIN chamas_groupentry e ON e.id = d.entry_id AND e.member_id IS DISTINCT FROM me.id
     WHERE me.role IN ('CHAIR', 'TREASURER', 'SECRETARY')
     UNION ALL
    SELECT 'DISPUTED_MINUTES', me.group_id, g.public_id::text, '', d.raised_at
      FROM me JOIN chamas_groupdispute d ON d.group_id = me.group_id AND d.status = 'OPEN' AND d.raised_by_id <> me.id
              JOIN chamas_minutes n ON n.id = d.minutes_id AND n.written_by_id <> %(user)s
              JOIN chamas_meeting g ON g.id = n.meeting_id
     WHERE me.role IN ('CHAIR', 'TREASURER', 'SECRETARY')
     UNION ALL
    SELECT 'MINUTES', me.group_id, g.public_id::text, '', n.written_at
      FROM me JOIN chamas_meeting g ON g.group_id = me.group_id AND g.status = 'HELD'
              JOIN chamas_attendance a ON a.meeting_id = g.id AND a.member_id = me.id AND a.presence = 'PRESENT'
              JOIN LATERAL (SELECT i.id, i.written_at FROM chamas_minutes i WHERE i.meeting_id = g.id
                             ORDER BY i.version DESC LIMIT 1) n ON true
     WHERE me.role IN ('CHAIR', 'SECRETARY')
       AND NOT EXISTS (SELECT FROM chamas_minutessignature s
                        WHERE s.minutes_id = n.id AND (s.member_id = me.id OR s.role = me.role))
     UNION ALL
    SELECT 'INVITE', i.group_id, i.public_id::text, '', i.created_at
      FROM chamas_groupinvitation i
     WHERE i.phone_print = ANY(%(phones)s) AND i.status = 'OPEN' AND i.expires_at > %(at)s
       AND %(group)s::bigint IS NULL)
SELECT found.what, found.group_id, g.slug, g.name, found.key, found.act, found.since
  FROM found JOIN chamas_chamagroup g ON g.id = found.group_id AND g.status <> 'CLOSED'
 ORDER BY found.since, found.what, found.key
 LIMIT %(most)s
"""


def waiting_for(user: User, *, group_id: int | None = None, at: datetime | None = None, most: int = 100) -> list[Wait]:
    """What a person is asked in all their groups, or in one; the oldest first."""
    phones = list(GroupInvitation._meta.get_field("phone_print").digest(str(user.phone or "")).any_of)
    values: dict[str, Any] = {"user": user.pk, "phones": phones, "group": group_id, "at": at or now(), "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, values)
        return [Wait(*row) for row in cursor.fetchall()]
