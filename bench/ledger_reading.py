"""Reading long accounts: deep pages, balances from roll-ups, balances on a day from snapshots.

The account's lines were booked day by day from January on, and it is 3 March: the snapshots of both month ends were
taken when those months were over. Asked is the balance at the end of the day before. A snapshot spares what is older
than it; what came since is added up, at the end of the month a month's lines.
"""

import statistics
from datetime import date, timedelta

from bench.common import AT, Options, Result, main, open_wallets, settle, timed

ASKED = 40
START = date(2026, 1, 1)
MONTH_ENDS = (date(2026, 1, 31), date(2026, 2, 28))
TODAY = date(2026, 3, 3)


def run(options: Options) -> list[Result]:
    """One customer and one system account with as many lines as asked."""
    from apps.ledger import operations as ledger
    from apps.ledger import queries as books

    wallet = open_wallets(Options(accounts=1), name="reading", balance=0)[0]
    fees = ledger.gl("fees:transfer", "KES").id
    lines = _days(options.lines)
    for after, month_end in zip((None, *MONTH_ENDS), (*MONTH_ENDS, TODAY), strict=True):
        _fill(wallet, [day for day in lines if day <= month_end and (after is None or day > after)])
        if month_end != TODAY:
            ledger.take_snapshots(as_of=month_end, at=AT)
    settle()

    first = [books.lines(wallet, limit=20)[0].cursor]
    bottom = books.lines(wallet, before=_entry_at(wallet, 100), limit=1)[0].cursor
    page = _median(lambda: books.lines(wallet, limit=20))
    deep = _median(lambda: books.lines(wallet, before=bottom, limit=20))
    assert first[0] > bottom

    summed = _median(lambda: books.balance(fees), times=5)
    ledger.roll_up_days()
    rolled = _median(lambda: books.balance(fees))

    on = TODAY - timedelta(days=1)
    kept, balance = _median(lambda: books.balance_as_of(wallet, on)), books.balance_as_of(wallet, on)
    _forget_snapshots()
    added = _median(lambda: books.balance_as_of(wallet, on), times=5)
    assert books.balance_as_of(wallet, on) == balance
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


def _days(count: int) -> list[date]:
    """The days of as many lines, evenly from the start to today."""
    return [START + timedelta(days=nth * ((TODAY - START).days + 1) // count) for nth in range(count)]


def _fill(wallet: int, days: list[date]) -> None:
    from apps.kernel.money import Money
    from apps.ledger import operations as ledger

    amount = Money(100, "KES")
    legs = [ledger.credit(wallet, amount), ledger.debit("fees:transfer", amount)]
    ledger.post_many(
        [
            ledger.Posting(
                reference=f"reading/{day}/{nth}",
                kind="REFUND",
                narrative="A line",
                legs=legs,
                booked_on=day,
            )
            for nth, day in enumerate(days)
        ],
        at=AT,
        chunk=10_000,
    )


def _forget_snapshots() -> None:
    from apps.ledger.models import Snapshot, SnapshotRun

    Snapshot.objects.all().delete()
    SnapshotRun.objects.all().delete()


def _entry_at(wallet: int, seq: int) -> int:
    from apps.ledger.models import Entry

    return Entry.objects.get(account_id=wallet, seq=seq).pk


def _median(act: object, times: int = ASKED) -> float:
    assert callable(act)
    act()
    return statistics.median(timed(act) for _ in range(times))


if __name__ == "__main__":
    main(run)
