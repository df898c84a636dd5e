"""One posting from Django, against the ORM form of the same work, and against two packages where they are installed."""

import random
from collections.abc import Callable

from bench import others
from bench.common import AT, Options, Result, alternate, clients, main, open_wallets, settle


def run(options: Options) -> list[Result]:
    """Postings a second with all clients."""
    from bench import orm

    wallets = open_wallets(options, name="django")
    orm.make_tables()
    accounts = orm.fill(options.accounts)
    settle()
    fast, base, ratio = alternate(
        lambda: clients(_ledger(wallets), options), lambda: clients(_orm(accounts), options), options.rounds
    )
    results = [
        Result(
            "single posting from Django : the ORM form of the same work",
            ratio,
            at_least=5,
            note=f"{fast:.0f} : {base:.0f} a second, {options.clients} clients",
        )
    ]
    return results + others.compare(lambda: clients(_ledger(wallets), options), options)


def _ledger(wallets: list[int]) -> Callable[[int], Callable[[], None]]:
    def make(nth: int) -> Callable[[], None]:
        from apps.kernel.money import Money
        from apps.ledger import operations as ledger

        chance, run_id = random.Random(), f"{random.random()}/{nth}"
        done = iter(range(10**12))

        def act() -> None:
            payer, payee = chance.sample(wallets, 2)
            amount = Money(chance.randint(1, 1000), "KES")
            ledger.post(
                reference=f"payments/{run_id}/{next(done)}",
                kind="P2P_TRANSFER",
                narrative="Rent for May",
                legs=[ledger.debit(payer, amount), ledger.credit(payee, amount)],
                at=AT,
            )

        return act

    return make


def _orm(accounts: list[int]) -> Callable[[int], Callable[[], None]]:
    def make(nth: int) -> Callable[[], None]:
        from bench import orm

        chance, run_id = random.Random(), f"{random.random()}/{nth}"
        done = iter(range(10**12))

        def act() -> None:
            payer, payee = chance.sample(accounts, 2)
            orm.transfer(f"payments/{run_id}/{next(done)}", payer, payee, chance.randint(1, 1000))

        return act

    return make


if __name__ == "__main__":
    main(run)
