"""The end of a day for many savings accounts: what each earned, and what a month pays; against a loop over rows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bench.common import Options, Result, main, settle, timed

DAY = date(2026, 4, 29)
AT = datetime(2026, 4, 30, 0, 5, tzinfo=ZoneInfo("Africa/Nairobi"))
SAMPLE = 1_000  # accounts of the loops, whose time grows with their number
RATE = Decimal("0.075")

_ACCOUNTS = """
INSERT INTO accounts_account (owner_id, product_id, ledger_account_id, number, account_type, currency, nickname, status,
                              frozen_by_bank, frozen_because, opened_at)
SELECT %(owner)s, %(product)s, u.id, lpad((900000000000 + u.nth)::text, 12, '0'), 'SAVINGS', 'KES', '', 'ACTIVE',
       FALSE, '', %(opened)s
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS u (id, nth)
"""
_TIERS = "INSERT INTO accounts_interesttier (terms_id, from_minor, rate) VALUES (%s, %s, %s)"


def run(options: Options) -> list[Result]:
    """Two days: the first makes the rows of what is earned, the second is measured; then the month is paid."""
    from django.db import connection

    from apps.accounts import operations

    count = options.interest_accounts
    _fill(count, options)
    operations.accrue(day=DAY, at=AT)
    settle()
    ours = timed(lambda: operations.accrue(day=DAY + timedelta(days=1), at=AT + timedelta(days=1)))
    base = timed(lambda: _earn_one_by_one(DAY)) * count / SAMPLE
    with connection.cursor() as cursor:  # a month's worth, so that everybody has something to be paid
        cursor.execute("UPDATE accounts_accruedinterest SET parts = parts * 15")
    settle()
    paid = timed(lambda: operations.pay_month(day=DAY + timedelta(days=1), at=AT + timedelta(days=1)))
    pay_base = timed(lambda: _pay_one_by_one(AT)) * count / SAMPLE
    return [
        Result(
            f"a day's interest of {count:,} accounts : a loop over rows with the ORM",
            base / ours,
            at_least=20,
            note=f"{ours:.1f} s : {base:.0f} s, from {SAMPLE:,} accounts",
        ),
        Result(f"  seconds for {count:,} accounts", ours, at_most=10, unit="s"),
        Result(
            f"a month's interest and tax paid to {count:,} accounts : posting one by one",
            pay_base / paid,
            note=f"{paid:.1f} s : {pay_base:.0f} s, from {SAMPLE:,} accounts",
        ),
    ]


def _fill(count: int, options: Options) -> None:
    from dataclasses import replace

    from django.db import connection

    from apps.accounts.models import InterestTerms, Product
    from apps.users.queries import system_user
    from bench.common import open_wallets

    wallets = open_wallets(replace(options, accounts=count), name="savings", balance=5_000_000)
    product = Product.objects.get(code="SAVINGS")
    terms = InterestTerms.objects.create(product=product, valid_from=date(2026, 1, 1), basis="DAILY")
    values: dict[str, Any] = {
        "owner": system_user().pk,
        "product": product.pk,
        "ids": wallets,
        "opened": AT - timedelta(days=30),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, values)
        for row in ((0, "0.03"), (2_000_000, "0.05"), (10_000_000, "0.07")):
            cursor.execute(_TIERS, [terms.pk, *row])
        cursor.execute("ANALYZE")


def _earn_one_by_one(day: date) -> None:
    """What one writes first: each account, its balance, its terms and slices, what it earned; saved one by one."""
    from django.db import transaction

    from apps.accounts import interest
    from apps.accounts.models import Account, AccruedInterest
    from apps.accounts.rules.interest import earned
    from apps.ledger.queries import balance_as_of

    for account in Account.objects.filter(product__code="SAVINGS").order_by("-pk")[:SAMPLE]:
        with transaction.atomic():
            row = AccruedInterest.objects.select_for_update().get(pk=account.pk)
            offer = interest.offer(account.product_id, day)
            assert offer
            held = balance_as_of(account.ledger_account_id, day)
            row.parts += earned(max(held.minor, 0), 1, offer.tiers)
            row.save()


def _pay_one_by_one(at: datetime) -> None:
    """Each account by itself through the same operations, one transfer and two lines at a time."""
    from apps.accounts import operations
    from apps.accounts.models import Account
    from apps.kernel.money import Money
    from apps.ledger import operations as ledger

    gross, tax = Money(4_200, "KES"), Money(630, "KES")
    for account in Account.objects.filter(product__code="SAVINGS").order_by("-pk")[:SAMPLE]:
        operations.post(
            reference=f"bench/interest/{account.pk}",
            kind="INTEREST",
            narrative="Interest",
            movements=[
                operations.into(account, gross, "Interest"),
                operations.out_of(account, tax, "Withholding tax", txn_type="WITHHOLDING_TAX"),
            ],
            legs=[
                ledger.debit(ledger.gl("interest:deposits", "KES"), gross),
                ledger.credit(ledger.gl("tax:withholding", "KES"), tax),
            ],
            at=at,
        )


if __name__ == "__main__":
    main(run)
