"""Questions of the audit about paying in: cycles, dues and fines against the constitution of their own cycle."""

from collections.abc import Mapping

IN: Mapping[str, str] = {
    # A cycle is run by the constitution that was in force when it opened, whatever came after.
    "rules_of_the_day": """
        SELECT y.group_id, y.opens_on,
               format('cycle %s runs by version %s, which was not in force when it opened', y.number, v.version)
          FROM chamas_cycle y JOIN chamas_constitutionversion v ON v.id = y.version_id
         WHERE v.group_id <> y.group_id OR v.in_force_at IS NULL OR v.in_force_at > y.opened_at
            OR v.over_at < y.opened_at
    """,
    "amount_due": """
        SELECT c.group_id, c.due_on,
               format('member %s owes %s for cycle %s, by the rules it is another amount', m.number,
                      round(c.amount_minor / 100.0, 2), y.number)
          FROM chamas_contribution c
          JOIN chamas_cycle y ON y.id = c.cycle_id
          JOIN chamas_constitutionversion v ON v.id = y.version_id
          JOIN chamas_membership m ON m.id = c.member_id
          LEFT JOIN chamas_turn own ON own.member_id = c.member_id
           AND own.round_id = (SELECT t.round_id FROM chamas_turn t WHERE t.cycle_id = y.id)
         WHERE c.welfare_minor <> (v.rules->>'welfare_minor')::bigint
            OR c.savings_minor <> (v.rules->>'savings_minor')::bigint
            OR (c.rotation_minor <> CASE WHEN own.id IS NULL THEN 0 ELSE (v.rules->>'rotation_minor')::bigint END
                AND NOT EXISTS (SELECT FROM chamas_turn t WHERE t.cycle_id = y.id AND t.skipped_at IS NOT NULL
                                   AND c.rotation_minor = c.paid_rotation_minor))
            OR c.late_at <> y.late_at OR c.due_on <> y.due_on
    """,
    "everybody_owes": """
        SELECT y.group_id, y.opens_on, format('member %s was asked for nothing in cycle %s', m.number, y.number)
          FROM chamas_cycle y
          JOIN chamas_constitutionversion v ON v.id = y.version_id
          JOIN chamas_membership m ON m.group_id = y.group_id AND m.role <> 'AUDITOR' AND m.joined_at < y.opened_at
           AND (m.left_at IS NULL OR m.left_at > y.opened_at) AND m.status IN ('ACTIVE', 'LEFT')
         WHERE (v.rules->>'savings_minor')::bigint + (v.rules->>'welfare_minor')::bigint > 0
           AND NOT EXISTS (SELECT FROM chamas_contribution c WHERE c.cycle_id = y.id AND c.member_id = m.id)
    """,
    # Late is who had not paid all at the cut-off; cash that the treasurer held by then and paid in later is in time.
    "late_without_fine": """
        SELECT c.group_id, c.due_on, format('member %s was late for cycle %s and was not fined', m.number, y.number)
          FROM chamas_contribution c
          JOIN chamas_cycle y ON y.id = c.cycle_id
          JOIN chamas_constitutionversion v ON v.id = y.version_id
          JOIN chamas_membership m ON m.id = c.member_id
         WHERE (v.rules->>'late_fine_minor')::bigint > 0 AND c.status <> 'WAIVED'
           AND COALESCE(c.settled_at, %(at)s) > c.late_at + interval '1 day'
           AND NOT EXISTS (SELECT FROM chamas_fine f WHERE f.member_id = c.member_id AND f.why = 'LATE'
                              AND f.cause = 'cycle/' || c.cycle_id)
           AND NOT EXISTS (SELECT FROM chamas_cashnote n
                            WHERE n.member_id = c.member_id AND n.recorded_at <= c.late_at
                              AND (n.status IN ('RECORDED', 'CONFIRMED')
                                   AND n.recorded_at > %(at)s::timestamptz - interval '3 days'
                                   OR n.banked_at <= n.recorded_at + interval '3 days'))
    """,
    "fined_in_time": """
        SELECT f.group_id, f.due_on, format('member %s was fined as late for cycle %s and had paid in time', m.number,
               y.number)
          FROM chamas_fine f
          JOIN chamas_cycle y ON f.why = 'LATE' AND f.cause = 'cycle/' || y.id
          JOIN chamas_contribution c ON c.cycle_id = y.id AND c.member_id = f.member_id
          JOIN chamas_membership m ON m.id = f.member_id
         WHERE f.given_at < c.late_at OR (c.status = 'PAID' AND c.settled_at < c.late_at)
    """,
    "amount_of_fine": """
        SELECT f.group_id, f.due_on, format('member %s was fined %s (%s), by the rules it is another amount', m.number,
               round(f.amount_minor / 100.0, 2), lower(f.why))
          FROM chamas_fine f
          JOIN chamas_membership m ON m.id = f.member_id
          LEFT JOIN chamas_cycle y ON f.why = 'LATE' AND f.cause = 'cycle/' || y.id
          LEFT JOIN chamas_grouploan l ON f.why = 'LATE' AND f.cause LIKE 'loan/' || l.id || '/%%'
         WHERE NOT EXISTS (
               SELECT FROM chamas_constitutionversion v
                WHERE v.group_id = f.group_id
                  AND CASE WHEN f.why = 'LATE' THEN v.id = COALESCE(y.version_id, l.version_id)
                           ELSE v.in_force_at <= f.given_at AND COALESCE(v.over_at, f.given_at) >= f.given_at END
                  AND f.amount_minor = CASE f.why WHEN 'LATE' THEN (v.rules->>'late_fine_minor')::bigint
                                                  WHEN 'ABSENT' THEN (v.rules->>'absent_fine_minor')::bigint
                                                  ELSE (v.rules->'other_fines'->>f.name)::bigint END)
    """,
    "cash_not_paid_in": """
        SELECT n.group_id, n.recorded_at, format('cash of %s of member %s was not paid in within three days',
               round(n.amount_minor / 100.0, 2), m.number)
          FROM chamas_cashnote n JOIN chamas_membership m ON m.id = n.member_id
         WHERE n.status IN ('RECORDED', 'CONFIRMED', 'BANKED')
           AND COALESCE(n.banked_at, %(at)s) > n.recorded_at + interval '3 days'
    """,
}
