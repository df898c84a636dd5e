"""Rules about the moves of one customer: each a common table `found` over `seen`, bounded by its window."""

# The customer's own usual in a month of money in: the ninety days before the first sight, thirty days' worth.
_USUAL_IN = """
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(round(before.amount_minor * rate.rate)), 0)::bigint / 3 AS month
          FROM accounts_account own
          JOIN accounts_transaction before ON before.account_id = own.id
          JOIN rate ON rate.currency = before.currency
         WHERE own.owner_id = hot.owner_id AND before.amount_minor > 0
           AND before.booked_on BETWEEN hot.first_at::date - 91 AND hot.first_at::date - 1
           AND before.posted_at < hot.first_at AND before.txn_type <> ALL(%(silent)s)
    ) usual ON true
"""

_STRUCTURING = """, hot AS (
    SELECT owner_id, posted_at AS last_at,
           count(*) OVER around AS nth, sum(amount) OVER around AS total, min(posted_at) OVER around AS first_at,
           array_agg(id) OVER around AS ids
      FROM seen WHERE txn_type = 'DEPOSIT' AND amount > 0 AND amount < %(usd_minor)s
    WINDOW around AS (PARTITION BY owner_id ORDER BY posted_at RANGE BETWEEN make_interval(days => %(days)s) PRECEDING
                      AND CURRENT ROW)
), found AS (
    SELECT owner_id AS subject, first_at, last_at, %(usd_minor)s AS threshold, total AS actual,
           NULL::bigint AS usual, total AS amount, ids AS lines,
           jsonb_build_object('count', nth, 'days', %(days)s) AS facts
      FROM hot WHERE last_at >= %(since)s AND nth >= %(count)s AND total >= %(usd_minor)s
)"""

_AROUND_HOURS = """PARTITION BY owner_id ORDER BY posted_at
                      RANGE BETWEEN make_interval(hours => %(hours)s) PRECEDING AND CURRENT ROW"""

_RAPID = """, hot AS (
    SELECT owner_id, posted_at AS last_at, amount, min(posted_at) OVER around AS first_at,
           coalesce(sum(amount) FILTER (WHERE amount > 0) OVER around, 0) AS came,
           coalesce(-sum(amount) FILTER (WHERE amount < 0) OVER around, 0) AS went,
           min(posted_at) FILTER (WHERE amount > 0) OVER around AS came_at,
           array_agg(id) OVER around AS ids
      FROM seen
    WINDOW around AS (@around)
), found AS (
    SELECT hot.owner_id AS subject, hot.first_at, hot.last_at, round(%(share)s::numeric * 1000) AS threshold,
           round(least(went / nullif(came, 0), 1) * 1000) AS actual, usual.month AS usual, came AS amount, ids AS lines,
           jsonb_build_object('came', came, 'went', went, 'hours', %(hours)s,
                              'minutes', ceil(extract(epoch FROM hot.last_at - hot.came_at) / 60)) AS facts
      FROM hot @usual
     WHERE hot.last_at >= %(since)s AND hot.amount < 0 AND came >= %(least_minor)s
       AND went >= came * %(share)s::numeric AND came > usual.month * %(times_usual)s::numeric
)""".replace("@around", _AROUND_HOURS).replace("@usual", _USUAL_IN)

_DORMANT = """, hot AS (
    SELECT account_id, owner_id, booked_on, min(posted_at) AS first_at, max(posted_at) AS last_at,
           sum(abs(amount)) AS total, array_agg(id ORDER BY id) AS ids
      FROM seen WHERE posted_at >= %(since)s
     GROUP BY account_id, owner_id, booked_on HAVING sum(abs(amount)) >= %(least_minor)s
), found AS (
    SELECT hot.owner_id AS subject, hot.first_at, hot.last_at, %(days)s AS threshold,
           hot.booked_on - before.booked_on AS actual, NULL::bigint AS usual, hot.total AS amount, hot.ids AS lines,
           jsonb_build_object('quiet_days', hot.booked_on - before.booked_on) AS facts
      FROM hot
      JOIN LATERAL (
           SELECT line.booked_on FROM accounts_transaction line
            WHERE line.account_id = hot.account_id AND line.booked_on < hot.booked_on
              AND line.txn_type <> ALL(%(silent)s)
            ORDER BY line.booked_on DESC LIMIT 1
      ) before ON hot.booked_on - before.booked_on >= %(days)s
)"""

_ROUND_AMOUNTS = """, hot AS (
    SELECT owner_id, posted_at AS last_at, count(*) OVER around AS nth, sum(abs(amount)) OVER around AS total,
           min(posted_at) OVER around AS first_at, array_agg(id) OVER around AS ids
      FROM seen WHERE abs(amount) >= %(least_minor)s AND amount %% %(multiple_minor)s = 0
    WINDOW around AS (PARTITION BY owner_id ORDER BY posted_at RANGE BETWEEN make_interval(days => %(days)s) PRECEDING
                      AND CURRENT ROW)
), found AS (
    SELECT owner_id AS subject, first_at, last_at, %(count)s AS threshold, nth AS actual, NULL::bigint AS usual,
           total AS amount, ids AS lines, jsonb_build_object('count', nth, 'days', %(days)s) AS facts
      FROM hot WHERE last_at >= %(since)s AND nth >= %(count)s
)"""

_VELOCITY = """, hot AS (
    SELECT owner_id, booked_on, count(*) AS nth, -sum(amount) AS total, min(posted_at) AS first_at,
           max(posted_at) AS last_at, array_agg(id ORDER BY id) AS ids
      FROM seen WHERE amount < 0
     GROUP BY owner_id, booked_on HAVING count(*) >= %(count)s
), found AS (
    SELECT hot.owner_id AS subject, hot.first_at, hot.last_at, %(count)s AS threshold, hot.nth AS actual,
           round(usual.nth) AS usual, hot.total AS amount, hot.ids AS lines,
           jsonb_build_object('count', hot.nth) AS facts
      FROM hot
      LEFT JOIN LATERAL (
           SELECT count(*) / 90.0 AS nth FROM accounts_account own
             JOIN accounts_transaction before ON before.account_id = own.id
            WHERE own.owner_id = hot.owner_id AND before.amount_minor < 0
              AND before.booked_on BETWEEN hot.booked_on - 90 AND hot.booked_on - 1
              AND before.txn_type <> ALL(%(silent)s)
      ) usual ON true
     WHERE hot.last_at >= %(since)s AND hot.nth >= usual.nth * %(times_usual)s::numeric
)"""

# The law counts the cash of a day, in and out each by itself; a day on which both are over is one sight of both.
_CASH_OVER = """, cash AS (
    SELECT seen.id, seen.owner_id, seen.booked_on, seen.posted_at, abs(seen.amount) AS amount,
           sum(abs(seen.amount)) OVER (PARTITION BY seen.owner_id, seen.booked_on, sign(seen.amount)) AS total
      FROM seen JOIN accounts_cashmovement moved
        ON moved.transfer_id = seen.transfer_id AND moved.account_id = seen.account_id
     WHERE seen.posted_at >= %(since)s
), found AS (
    SELECT owner_id AS subject, min(posted_at) AS first_at, max(posted_at) AS last_at, %(usd_minor)s AS threshold,
           max(total) AS actual, NULL::bigint AS usual, sum(amount) AS amount, array_agg(id ORDER BY id) AS lines,
           jsonb_build_object('count', count(*)) AS facts
      FROM cash WHERE total >= %(usd_minor)s GROUP BY owner_id, booked_on
)"""

# The other side is a customer of the bank where the transfer has one, else the name that was written.
_OTHERS = """, sided AS (
    SELECT seen.*, coalesce(other.owner_id::text, seen.counterparty) AS party
      FROM seen
      LEFT JOIN LATERAL (
           SELECT own.owner_id FROM accounts_transaction twin JOIN accounts_account own ON own.id = twin.account_id
            WHERE twin.transfer_id = seen.transfer_id AND sign(twin.amount_minor) = -sign(seen.amount)
              AND own.owner_id <> seen.owner_id
            LIMIT 1
      ) other ON true
     WHERE seen.txn_type IN ('P2P_TRANSFER', 'MOBILE_MONEY', 'EXTERNAL_TRANSFER', 'QR_PAYMENT')
       AND sign(seen.amount) = {sign}
)"""

_MANY = """, hot AS (
    SELECT base.owner_id, base.posted_at AS last_at, near.*
      FROM (SELECT owner_id, posted_at, count(*) OVER around AS nth, sum(abs(amount)) OVER around AS total
              FROM sided
            WINDOW around AS (PARTITION BY owner_id ORDER BY posted_at
                              RANGE BETWEEN make_interval(hours => %(hours)s) PRECEDING AND CURRENT ROW)) base
      JOIN LATERAL (
           SELECT count(DISTINCT party) AS parties, sum(abs(amount)) AS total, min(posted_at) AS first_at,
                  max(abs(amount)) AS largest, array_agg(id ORDER BY id) AS ids
             FROM sided WHERE sided.owner_id = base.owner_id
              AND sided.posted_at BETWEEN base.posted_at - make_interval(hours => %(hours)s) AND base.posted_at
      ) near ON near.parties >= %(count)s AND near.total >= %(least_minor)s
     WHERE base.nth >= %(count)s AND base.total >= %(least_minor)s AND base.posted_at >= %(since)s
), found AS (
    SELECT owner_id AS subject, first_at, last_at, %(count)s AS threshold, parties AS actual, NULL::bigint AS usual,
           total AS amount, ids AS lines,
           jsonb_build_object('parties', parties, 'hours', %(hours)s, 'largest', largest,
                              'minutes', ceil(extract(epoch FROM last_at - first_at) / 60)) AS facts
      FROM hot
)"""

_DRAIN = """, hot AS (
    SELECT owner_id, account_id, posted_at AS last_at, balance, min(posted_at) OVER around AS first_at,
           -sum(amount) FILTER (WHERE amount < 0) OVER around AS went, max(balance - amount) OVER around AS most,
           coalesce(sum(amount) FILTER (WHERE amount > 0) OVER around, 0) AS came,
           array_agg(id) FILTER (WHERE amount < 0) OVER around AS ids, amount
      FROM seen
    WINDOW around AS (PARTITION BY account_id ORDER BY posted_at
                      RANGE BETWEEN make_interval(hours => %(hours)s) PRECEDING AND CURRENT ROW)
), found AS (
    SELECT hot.owner_id AS subject, hot.first_at, hot.last_at, round(%(share)s::numeric * 1000) AS threshold,
           round((most - balance)::numeric / nullif(most, 0) * 1000) AS actual, usual.month AS usual, went AS amount,
           ids AS lines,
           jsonb_build_object('went', went, 'had', most, 'hours', %(hours)s) AS facts
      FROM hot @usual
     WHERE hot.last_at >= %(since)s AND hot.amount < 0 AND went - came >= %(least_minor)s AND most > 0
       AND most - balance >= most * %(share)s::numeric AND went > usual.month * %(times_usual)s::numeric
)""".replace("@usual", _USUAL_IN)

_CORRIDOR = """, found AS (
    SELECT seen.owner_id AS subject, min(seen.posted_at) AS first_at, max(seen.posted_at) AS last_at,
           %(least_minor)s AS threshold, -sum(seen.amount) AS actual, NULL::bigint AS usual,
           -sum(seen.amount) AS amount, array_agg(seen.id ORDER BY seen.id) AS lines,
           jsonb_build_object('countries', string_agg(DISTINCT corridor.country, ', ')) AS facts
      FROM seen
      JOIN payments_payment paid ON paid.transfer_id = seen.transfer_id
      JOIN payments_remittancequote priced ON priced.quote_id = paid.quote_id
      JOIN payments_corridor corridor ON corridor.id = priced.corridor_id
     WHERE seen.amount < 0 AND seen.posted_at >= %(since)s
       AND corridor.country = ANY(string_to_array(%(countries)s, ','))
     GROUP BY seen.owner_id HAVING -sum(seen.amount) >= %(least_minor)s
)"""

BY_CODE = {
    "STRUCTURING": _STRUCTURING,
    "RAPID_IN_OUT": _RAPID,
    "DORMANT_ACTIVE": _DORMANT,
    "ROUND_AMOUNTS": _ROUND_AMOUNTS,
    "VELOCITY": _VELOCITY,
    "CASH_OVER": _CASH_OVER,
    "MANY_TO_ONE": _OTHERS.format(sign="1") + _MANY,
    "ONE_TO_MANY": _OTHERS.format(sign="-1") + _MANY,
    "DRAIN": _DRAIN,
    "CORRIDOR": _CORRIDOR,
}
