"""Batches of 1,000 by one client, against the ORM form one by one by one client."""

import random
from functools import partial

from bench.common import AT, Options, Result, alternate, main, open_wallets, settle, timed

BATCH = 1000


def run(options: Options) -> list[Result]:
    """Transfers a second."""
    from apps.kernel.money import Money
    from apps.ledger import operations as ledger
    from bench import orm

    wallets = open_wallets(options, name="batch")
    orm.make_tables()
    accounts = orm.fill(options.accounts)
    chance, count = random.Random(7), iter(range(10**12))

    def post(pairs: list[list[int]], amount: Money) -> None:
        ledger.post_many(
            [
                ledger.Posting(
                    reference=f"salaries/{next(count)}",
                    kind="SALARY",
                    narrative="Salary for March",
                    legs=[ledger.debit(payer, amount), ledger.credit(payee, amount)],
                )
                for payer, payee in pairs
            ],
            at=AT,
        )

    def batches() -> float:
        done, spent = 0, 0.0
        while spent < options.seconds:
            amount = Money(chance.randint(1, 1000), "KES")
            pairs = [chance.sample(wallets, 2) for _ in range(BATCH)]
            spent += timed(partial(post, pairs, amount))
            done += BATCH
        return done / spent

    def pay(payer: int, payee: int) -> None:
        orm.transfer(f"salaries/{next(count)}", payer, payee, 1)

    def one_by_one() -> float:
        done, spent = 0, 0.0
        while spent < options.seconds:
            payer, payee = chance.sample(accounts, 2)
            spent += timed(partial(pay, payer, payee))
            done += 1
        return done / spent

    settle()
    fast, base, ratio = alternate(batches, one_by_one, options.rounds)
    return [Result("batch of 1,000 : single ORM", ratio, at_least=50, note=f"{fast:.0f} : {base:.0f} a second")]


if __name__ == "__main__":
    main(run)
