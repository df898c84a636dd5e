"""How long one score takes, from the lines to the row with its reasons; and many at once, against one by one.

Each customer has a thousand lines of a year: a salary a month, and what it went to. The champion is a card trained on
invented borrowers, with a challenger in its shadow.
"""

import statistics
import time

from bench.common import Options, Result, execute, main, settle, timed

CUSTOMERS, LINES, ALONE = 200, 1_000, 100
_YEAR = """
INSERT INTO accounts_transaction (account_id, transfer_id, seq, txn_type, amount_minor, currency, running_balance_minor,
                                  description, counterparty, merchant, mcc, category, reference, booked_on, posted_at)
SELECT a.id, -n, 1000000 + n, CASE WHEN n %% 80 = 0 THEN 'DEPOSIT' ELSE 'P2P_TRANSFER' END,
       CASE WHEN n %% 80 = 0 THEN 6000000 ELSE -(20000 + (n * 7919 + a.id * 104729) %% 100000) END, 'KES',
       1000000 + (n * 31 + a.id) %% 500000, 'x', 'Customer ' || n %% 97, '', '', '', 'bench/' || a.id || '/' || n,
       d.day, d.day
  FROM generate_series(1, %s) n
 CROSS JOIN unnest(%s::bigint[]) a(id)
 CROSS JOIN LATERAL (SELECT now() - (%s - n) * interval '525 minutes' - interval '1 hour' AS day) d
"""


def run(options: Options) -> list[Result]:
    """Milliseconds of one score, customers a second of many, and the ratio of the two."""
    return measure(CUSTOMERS, LINES, ALONE)


def measure(customers: int, lines: int, alone: int) -> list[Result]:
    """The same for a bank of any size; `alone` customers are scored one by one."""
    from apps.accounts.testing import make_account
    from apps.credit_scoring import operations as credit
    from apps.kernel.clock import now
    from apps.users.queries import system_user

    people = [make_account(balance="1000") for _nth in range(customers)]
    execute(_YEAR, [lines, [one.pk for one in people], lines])
    credit.train_models(dataset="synthetic", rows=3_000, by=system_user(), at=now())
    settle()
    took = []
    for one in people[:alone]:
        began = time.perf_counter()
        credit.score(user=one.owner, at=now(), by=system_user(), fresh=True)
        took.append(time.perf_counter() - began)
    ids = [one.owner_id for one in people]
    together = timed(lambda: credit.score_many(user_ids=ids, at=now())) / customers
    single = statistics.median(took)
    p95 = statistics.quantiles(took, n=20)[-1] * 1000
    return [
        Result(
            "one score, milliseconds at p95", p95, unit="ms", note=f"median {single * 1000:.1f}, {lines:,} lines each"
        ),
        Result(
            "scores of many at once : one by one",
            single / together,
            note=f"{1 / together:.0f} : {1 / single:.0f} a second",
        ),
    ]


if __name__ == "__main__":
    main(run)
