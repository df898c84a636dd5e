"""Money that passes through a group of savers: many pay in, one who hardly saved there takes it out.

Turns of a merry-go-round are left out: there everybody takes once what everybody paid. So is a group's own usual: what
comes in each month and goes out again is how it lives. What somebody takes of their own savings is not layering either.
"""

CHAMA_THROUGH = """, paid AS (
    SELECT seen.id, seen.owner_id, seen.posted_at, seen.amount, entry.group_id
      FROM seen
      JOIN LATERAL (SELECT group_id, kind FROM chamas_groupentry
                     WHERE transfer_id = seen.transfer_id AND amount_minor < 0 LIMIT 1) entry ON entry.kind <> 'PAYOUT'
     WHERE seen.txn_type = 'PAYOUT' AND seen.amount > 0
), hot AS (
    SELECT owner_id, group_id, max(posted_at) AS last_at, sum(amount) AS took, array_agg(id ORDER BY id) AS ids
      FROM paid GROUP BY owner_id, group_id
    HAVING max(posted_at) >= %(since)s AND sum(amount) >= %(least_minor)s
), came_in AS (
    SELECT hot.owner_id, entry.group_id, entry.transfer_id, min(entry.at) AS at, max(member.user_id) AS payer_id,
           round(sum(entry.amount_minor) * max(rate.rate)) AS amount
      FROM hot
      JOIN chamas_groupentry entry ON entry.group_id = hot.group_id AND entry.at <= hot.last_at
      JOIN rate ON rate.currency = entry.currency
      LEFT JOIN chamas_membership member ON member.id = entry.member_id
     GROUP BY hot.owner_id, entry.group_id, entry.transfer_id HAVING sum(entry.amount_minor) > 0
), found AS (
    SELECT hot.owner_id AS subject, came.first_at, hot.last_at, round(%(share)s::numeric * 1000) AS threshold,
           round(least(hot.took / came.amount, 1) * 1000) AS actual, came.month AS usual, hot.took AS amount,
           hot.ids || came.ids AS lines,
           jsonb_build_object('group', chama.name, 'payers', came.payers, 'came', came.amount, 'own', came.own,
                              'days', %(days)s) AS facts
      FROM hot
      JOIN chamas_chamagroup chama ON chama.id = hot.group_id
      JOIN LATERAL (
           SELECT min(came_in.at) FILTER (WHERE of_others) AS first_at,
                  coalesce(sum(came_in.amount) FILTER (WHERE of_others), 0) AS amount,
                  count(DISTINCT coalesce(payer_id, 0)) FILTER (WHERE of_others) AS payers,
                  coalesce(sum(came_in.amount) FILTER (WHERE payer_id = hot.owner_id), 0) AS own,
                  coalesce(sum(came_in.amount) FILTER (WHERE NOT is_near AND came_in.at > hot.last_at
                           - make_interval(days => %(days)s + 90)), 0)::bigint / 3 AS month,
                  coalesce(array_agg(line.id ORDER BY line.id) FILTER (WHERE of_others AND line.id IS NOT NULL),
                           '{}') AS ids
             FROM came_in
             CROSS JOIN LATERAL (SELECT came_in.at > hot.last_at - make_interval(days => %(days)s) AS is_near) near
             CROSS JOIN LATERAL (SELECT is_near AND payer_id IS DISTINCT FROM hot.owner_id AS of_others) other
             LEFT JOIN accounts_transaction line
                    ON of_others AND line.transfer_id = came_in.transfer_id AND line.amount_minor < 0
            WHERE came_in.owner_id = hot.owner_id AND came_in.group_id = hot.group_id
      ) came ON came.amount >= %(least_minor)s
     WHERE hot.took >= came.amount * %(share)s::numeric AND hot.took >= came.own * %(times_own)s::numeric
       AND came.amount > came.month * %(times_usual)s::numeric
)"""
