"""Reading long accounts: deep pages, balances from roll-ups, balances on a day from snapshots."""

import statistics
from datetime import date, timedelta

from bench.common import AT, Options, Result, main, open_wallets, settle, timed

ASKED = 40


def run(options: Options) -> list[Result]:
    """One customer and one system account with as many lines as asked, over three months."""
    from apps.ledger import operations as ledger
    from apps.ledger import queries as books

    wallet = open_wallets(Options(accounts=1), name="reading")[0]
    fees = ledger.gl("fees:transfer", "KES").id
    start = date(2026, 1, 1)
    _fill(wallet, options.lines, start)
    settle()

    first = [books.lines(wallet, limit=20)[0].cursor]
    bottom = books.lines(wallet, before=_entry_at(wallet, 100), limit=1)[0].cursor
    page = _median(lambda: books.lines(wallet, limit=20))
    deep = _median(lambda: books.lines(wallet, before=bottom, limit=20))
    assert first[0] > bottom

    summed = _median(lambda: books.balance(fees), times=5)
    ledger.roll_up_days()
    rolled = _median(lambda: books.balance(fees))

    on = start + timedelta(days=60)
    added = _median(lambda: books.balance_as_of(wallet, on), times=5)
    for month_end in (date(2026, 1, 31), date(2026, 2, 28)):
        ledger.take_snapshots(as_of=month_end, at=AT)
    settle()
    kept = _median(lambda: books.balance_as_of(wallet, on))
    return [
        Result("deep keyset page : first page", deep / page, at_most=2, note=f"{deep * 1e3:.2f} : {page * 1e3:.2f} ms"),
        Result(
            f"summing {options.lines:,} entries : the roll-up",
            summed / rolled,
            at_least=5,
            note=f"{summed * 1e3:.1f} : {rolled * 1e3:.2f} ms, grows with the entries",
        ),
        Result(
            f"summing {options.lines:,} entries to a day : the snapshot",
            added / kept,
            at_least=5,
            note=f"{added * 1e3:.1f} : {kept * 1e3:.2f} ms, grows with the entries",
        ),
    ]


def _fill(wallet: int, count: int, start: date) -> None:
    from apps.kernel.money import Money
    from apps.ledger import operations as ledger

    amount = Money(100, "KES")
    legs = [ledger.debit(wallet, amount), ledger.credit("fees:transfer", amount)]
    ledger.post_many(
        [
            ledger.Posting(
                reference=f"reading/{nth}",
                kind="FEE",
                narrative="A line",
                legs=legs,
                booked_on=start + timedelta(days=nth * 90 // count),
            )
            for nth in range(count)
        ],
        at=AT,
        chunk=10_000,
    )


def _entry_at(wallet: int, seq: int) -> int:
    from apps.ledger.models import Entry

    return Entry.objects.get(account_id=wallet, seq=seq).pk


def _median(act: object, times: int = ASKED) -> float:
    assert callable(act)
    act()
    return statistics.median(timed(act) for _ in range(times))


if __name__ == "__main__":
    main(run)
