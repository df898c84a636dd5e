"""Questions of the audit about money that leaves: turns, loans, welfare, leavers, dividends and share-outs."""

from collections.abc import Mapping

_SAVED = """(SELECT COALESCE(sum(e.amount_minor), 0) FROM chamas_groupentry e
              WHERE e.member_id = l.member_id AND e.fund = 'SAVINGS' AND e.at <= l.paid_out_at)"""

OUT: Mapping[str, str] = {
    # Whatever left was decided: by as many officers as the rules ask for, none of them for their own.
    "too_few_approvals": """
        SELECT e.group_id, min(e.booked_on), format('%s of %s left without the approvals of the rules',
               round(-sum(e.amount_minor) / 100.0, 2), e.reference)
          FROM chamas_groupentry e
         WHERE e.amount_minor < 0 AND e.kind IN ('PAYOUT', 'LOAN', 'WELFARE_CLAIM', 'WITHDRAWAL', 'EXIT', 'REFUND',
                                                 'DIVIDEND', 'SHARE_OUT', 'EXPENSE', 'INVESTMENT')
           AND NOT EXISTS (
               SELECT FROM chamas_proposal p
                WHERE p.group_id = e.group_id AND p.reference = e.reference AND p.status = 'CARRIED_OUT'
                  AND p.sign_offs_needed <= (SELECT count(*) FROM chamas_signoff s
                                              WHERE s.proposal_id = p.id AND s.is_approval AND s.at <= p.decided_at
                                                AND NOT s.member_id = ANY(p.concerned)))
         GROUP BY e.group_id, e.reference
    """,
    "out_of_turn": """
        SELECT r.group_id, e.booked_on, format('turn %s of round %s was paid while turn %s had nothing', t.position,
               r.number, o.position)
          FROM chamas_turn t
          JOIN chamas_round r ON r.id = t.round_id
          JOIN chamas_turn o ON o.round_id = r.id AND o.position < t.position
         CROSS JOIN LATERAL (SELECT min(e.booked_on) AS booked_on, min(e.at) AS at FROM chamas_groupentry e
                              WHERE e.member_id = t.member_id AND e.kind = 'PAYOUT' AND e.at >= r.ordered_at) e
         WHERE t.paid_minor > 0
           AND (o.paid_minor + o.shared_minor = 0
                OR e.at < (SELECT min(p.at) FROM chamas_groupentry p WHERE p.member_id = o.member_id
                              AND p.kind = 'PAYOUT' AND p.at >= r.ordered_at))
    """,
    "turn_without_cycle": """
        SELECT r.group_id, r.started_at, format('turn %s of round %s was paid more than its cycle brought', t.position,
               r.number)
          FROM chamas_turn t JOIN chamas_round r ON r.id = t.round_id
         WHERE t.paid_minor + t.shared_minor > (SELECT COALESCE(sum(c.paid_rotation_minor), 0)
                                                  FROM chamas_contribution c WHERE c.cycle_id = t.cycle_id)
    """,
    "payout_without_turn": """
        SELECT e.group_id, min(e.booked_on), format('the merry-go-round paid %s, its turns say %s',
               round(-sum(e.amount_minor) / 100.0, 2), round(COALESCE(max(t.minor), 0) / 100.0, 2))
          FROM chamas_groupentry e
          LEFT JOIN (SELECT r.group_id, sum(t.paid_minor + t.shared_minor) AS minor
                       FROM chamas_turn t JOIN chamas_round r ON r.id = t.round_id GROUP BY 1) t
            ON t.group_id = e.group_id
         WHERE e.kind = 'PAYOUT' AND e.fund = 'ROTATION'
         GROUP BY e.group_id HAVING -sum(e.amount_minor) <> COALESCE(max(t.minor), 0)
    """,
    "loan_over_multiple": f"""
        SELECT l.group_id, l.paid_out_at, format('loan %s of %s was more than %s times the savings of member %s',
               l.reference, round(l.principal_minor / 100.0, 2), v.rules->>'loan_multiple', m.number)
          FROM chamas_grouploan l
          JOIN chamas_constitutionversion v ON v.id = l.version_id
          JOIN chamas_membership m ON m.id = l.member_id
         WHERE l.paid_out_at IS NOT NULL AND l.principal_minor > {_SAVED} * (v.rules->>'loan_multiple')::bigint
    """,  # noqa: S608  # both are constants of this module
    "loan_terms": """
        SELECT l.group_id, l.paid_out_at, format('loan %s is not at the rate or within the months of the rules',
               l.reference)
          FROM chamas_grouploan l JOIN chamas_constitutionversion v ON v.id = l.version_id
         WHERE l.paid_out_at IS NOT NULL AND (l.rate_bps <> (v.rules->>'loan_rate_bps')::int
                                              OR l.months > (v.rules->>'loan_most_months')::int)
    """,
    "loan_guarantors": """
        SELECT l.group_id, l.paid_out_at, format('loan %s was paid out with %s guarantors, the rules ask for %s',
               l.reference, count(g.id), v.rules->>'loan_guarantors')
          FROM chamas_grouploan l
          JOIN chamas_constitutionversion v ON v.id = l.version_id
          LEFT JOIN chamas_groupguarantee g ON g.loan_id = l.id AND g.agreed_at <= l.paid_out_at
         WHERE l.paid_out_at IS NOT NULL
         GROUP BY l.id, v.id HAVING count(g.id) < (v.rules->>'loan_guarantors')::int
    """,
    "loan_late_without_fine": """
        SELECT l.group_id, r.due_on, format('an instalment of loan %s is late and was not fined', l.reference)
          FROM chamas_grouploan l
          JOIN chamas_grouploanrow r ON r.loan_id = l.id
          JOIN chamas_constitutionversion v ON v.id = l.version_id
         WHERE l.status = 'ACTIVE' AND (v.rules->>'late_fine_minor')::bigint > 0
           AND r.principal_minor + r.interest_minor > r.paid_principal_minor + r.paid_interest_minor
           AND r.due_on < %(at)s::date - 1
           AND NOT EXISTS (SELECT FROM chamas_fine f WHERE f.member_id = l.member_id AND f.why = 'LATE'
                              AND f.cause = 'loan/' || l.id || '/' || r.due_on)
    """,
    "written_off_without_decision": """
        SELECT e.group_id, e.booked_on, format('loan of member %s was written off without a decision', m.number)
          FROM chamas_groupentry e JOIN chamas_membership m ON m.id = e.member_id
         WHERE e.kind = 'LOAN_LOSS' AND e.fund = 'RESERVE'
           AND NOT EXISTS (SELECT FROM chamas_proposal p
                            WHERE p.group_id = e.group_id AND p.act = 'WRITE_OFF_LOAN' AND p.status = 'CARRIED_OUT'
                              AND p.reference = e.reference AND e.member_id = ANY(p.concerned))
    """,
    "welfare_by_the_rules": """
        SELECT w.group_id, w.at, format('welfare of %s to member %s for %s is not what the rules pay',
               round(w.amount_minor / 100.0, 2), m.number, w.what)
          FROM chamas_welfareclaim w JOIN chamas_membership m ON m.id = w.member_id
         WHERE NOT EXISTS (
               SELECT FROM chamas_constitutionversion v
                WHERE v.group_id = w.group_id AND v.in_force_at <= w.at AND COALESCE(v.over_at, w.at) >= w.at
                  AND (v.rules->'welfare_claims'->>w.what)::bigint = w.amount_minor
                  AND ((m.joined_at AT TIME ZONE 'Africa/Nairobi')
                       + make_interval(months => (v.rules->>'welfare_waiting_months')::int))::date <= w.happened_on)
    """,
    "welfare_without_claim": """
        SELECT e.group_id, e.booked_on, format('welfare %s was paid without a claim', e.reference)
          FROM chamas_groupentry e
         WHERE e.kind = 'WELFARE_CLAIM'
           AND NOT EXISTS (SELECT FROM chamas_welfareclaim w WHERE w.transfer_id = e.transfer_id
                              AND w.member_id = e.member_id AND w.amount_minor = -e.amount_minor)
    """,
    "left_without_notice": """
        SELECT m.group_id, m.left_at, format('member %s left before the days of notice', m.number)
          FROM chamas_membership m
         WHERE m.status = 'LEFT'
           AND NOT EXISTS (SELECT FROM chamas_leavenotice n WHERE n.member_id = m.id AND n.settled_at = m.left_at
                              AND n.leaves_from <= (m.left_at AT TIME ZONE 'Africa/Nairobi')::date)
    """,
    "left_with_something": """
        SELECT m.group_id, m.left_at, format('member %s left, and %s of %s is theirs', m.number,
               round(sum(e.amount_minor) / 100.0, 2), e.fund)
          FROM chamas_membership m
          JOIN chamas_groupentry e ON e.member_id = m.id AND e.fund IN ('SAVINGS', 'SHARES', 'ADVANCE', 'LOANS')
         WHERE m.status = 'LEFT'
         GROUP BY m.id, e.fund HAVING sum(e.amount_minor) <> 0
    """,
    "dividend_tax": """
        SELECT s.group_id, s.last_on, format('of a dividend of %s, %s was withheld as tax',
               round(s.total_minor / 100.0, 2), round(s.tax_minor / 100.0, 2))
          FROM chamas_sharing s
         WHERE s.kind = 'DIVIDEND'
           AND abs(s.tax_minor * 20 - s.total_minor) > 10 * (SELECT count(*) FROM chamas_membership m
                                                              WHERE m.group_id = s.group_id)
    """,
    "share_out_to_nothing": """
        SELECT s.group_id, s.last_on, format('after the share-out of %s, %s was left of %s', s.last_on,
               round(sum(e.amount_minor) / 100.0, 2), f.name)
          FROM chamas_sharing s
          JOIN chamas_groupentry e ON e.group_id = s.group_id AND e.at <= s.at
           AND e.fund NOT IN ('WELFARE', 'ROTATION')
         CROSS JOIN LATERAL (SELECT CASE WHEN e.fund IN ('SAVINGS', 'SHARES', 'INVESTMENTS')
                                         THEN 'SAVINGS and SHARES less INVESTMENTS' ELSE e.fund END AS name) f
         WHERE s.kind = 'SHARE_OUT'
         GROUP BY s.id, f.name HAVING sum(e.amount_minor) <> 0
    """,
}
