"""End-of-day interest for every account, set-based, against bulk_create and bulk_update."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from bench.common import AT, Options, Result, main, open_wallets, settle, timed

RATE = Decimal("0.07") / 365


def run(options: Options) -> list[Result]:
    """Reading balances, working out interest, posting it with running balances: one transfer an account."""
    from bench import orm

    count = options.interest_accounts
    wallets = open_wallets(replace(options, accounts=count), name="interest")
    orm.make_tables()
    orm.fill(count)
    settle()
    ours = min(timed(partial(_accrue, wallets, day)) for day in range(2))
    base = timed(lambda: _accrue_with_the_orm(count))
    return [
        Result(
            f"end-of-day interest for {count:,} accounts : bulk_create and bulk_update",
            base / ours,
            at_least=20,
            note=f"{ours:.1f} s : {base:.1f} s",
        ),
        Result(f"  seconds for {count:,} accounts", ours, at_most=10, unit="s"),
    ]


def _accrue(wallets: list[int], day: int) -> None:
    """What an app above the ledger does: ask for the balances, do the arithmetic (the same as below), post to each."""
    from apps.ledger import operations as ledger
    from apps.ledger import queries as books

    balances = books.balances(wallets)
    posted = ledger.credit_each(
        {wallet: int((balances[wallet].posted_minor * RATE).to_integral_value()) for wallet in wallets},
        reference=f"interest/{day}",
        kind="INTEREST",
        narrative="Interest",
        against="interest:deposits",
        currency="KES",
        at=AT,
    )
    assert len(posted) == len(wallets)


def _accrue_with_the_orm(count: int) -> None:
    """The usual fast form: two bulk_create, one bulk_update, in batches, in one transaction."""
    from django.db import transaction

    from bench import orm

    with transaction.atomic():
        accounts = list(orm.Account.objects.select_for_update().order_by("-pk")[:count])
        paid = orm.Account.objects.create(currency="KES", balance=0)
        moved, entries, total = [], [], 0
        for account in accounts:
            interest = int((account.balance * RATE).to_integral_value())
            total += interest
            account.balance += interest
            account.seq += 1
            moved.append(
                orm.Transfer(
                    reference=f"interest/{account.pk}",
                    kind="INTEREST",
                    narrative="Interest",
                    booked_on=AT.date(),
                    created_at=AT,
                )
            )
        orm.Transfer.objects.bulk_create(moved, batch_size=5000)
        for account, transfer in zip(accounts, moved, strict=True):
            shown = {"transfer": transfer, "booked_on": AT.date(), "seq": account.seq}
            entries.append(orm.Entry(account=account, amount=1, balance_after=account.balance, **shown))
            entries.append(orm.Entry(account=paid, amount=-1, balance_after=0, **shown))
        orm.Entry.objects.bulk_create(entries, batch_size=5000)
        orm.Account.objects.bulk_update(accounts, ["balance", "seq"], batch_size=2000)
        orm.Account.objects.filter(pk=paid.pk).update(balance=-total)


if __name__ == "__main__":
    main(run)
