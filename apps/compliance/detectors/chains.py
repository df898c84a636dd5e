"""Money that comes back to its owner through others: the transfers inside the bank, followed for a few steps.

Bounded three ways: only transfers of the rule's least amount are steps, at most `hops` of them, within its days.
"""

ROUND_TRIP = """, step AS MATERIALIZED (
    SELECT gave.owner_id AS giver, took.owner_id AS taker, gave.posted_at, -gave.amount AS amount,
           gave.id AS out_id, took.id AS in_id
      FROM seen gave
      JOIN LATERAL (
           SELECT twin.id, own.owner_id
             FROM accounts_transaction twin JOIN accounts_account own ON own.id = twin.account_id
            WHERE twin.transfer_id = gave.transfer_id AND twin.amount_minor > 0 AND own.owner_id <> gave.owner_id
            LIMIT 1
      ) took ON true
     WHERE gave.amount <= -%(least_minor)s::bigint
), chain AS (
    SELECT giver AS root, taker, posted_at AS first_at, posted_at AS last_at, amount AS first_amount, amount,
           ARRAY[giver, taker] AS people, ARRAY[out_id, in_id] AS ids, 1 AS steps
      FROM step
    UNION ALL
    SELECT chain.root, step.taker, chain.first_at, step.posted_at, chain.first_amount, step.amount,
           chain.people || step.taker, chain.ids || step.out_id || step.in_id, chain.steps + 1
      FROM chain JOIN step ON step.giver = chain.taker
     WHERE chain.taker <> chain.root AND chain.steps < %(hops)s
       AND step.posted_at > chain.last_at AND step.posted_at <= chain.first_at + make_interval(days => %(days)s)
       AND step.amount BETWEEN chain.amount * %(share)s::numeric AND chain.amount * 1.05
       AND (step.taker = chain.root OR step.taker <> ALL(chain.people))
), found AS (
    SELECT root AS subject, first_at, last_at, round(%(share)s::numeric * 1000) AS threshold,
           round(amount::numeric / first_amount * 1000) AS actual, NULL::bigint AS usual, first_amount AS amount,
           ids AS lines,
           jsonb_build_object('steps', steps, 'back', amount, 'others', steps - 1,
                              'days', ceil(extract(epoch FROM last_at - first_at) / 86400)) AS facts
      FROM chain WHERE taker = root AND steps >= 2 AND last_at >= %(since)s
)"""
