"""Exchange in the demo: a month of rates, and a few people who keep dollars, euros or pounds."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product
from apps.fx import operations as fx
from apps.fx.models import FixedSide
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.payments import operations as payments
from apps.portals.demo.year import Household

DAYS = 30
# Shillings for one, around which the month's rates move by less than a per cent.
AROUND = {
    "USD": Decimal("129.24"),
    "EUR": Decimal("140.26"),
    "GBP": Decimal("164.20"),
    "UGX": Decimal("0.035234"),
    "TZS": Decimal("0.049479"),
    "RWF": Decimal("0.093788"),
    "ZAR": Decimal("7.1325"),
}
WANTED = ["USD", "USD", "EUR", "USD", "GBP", "UGX", "USD", "EUR", "TZS"]


def tell_rates(*, end: datetime, dice: Random) -> None:
    """Rates of each of the last thirty mornings, and of a minute before the end: that of the provider comes after."""
    today = local_date(end)
    mornings = [day_start(today - timedelta(days=back)) + timedelta(hours=8) for back in range(DAYS, -1, -1)]
    for at in [*(moment for moment in mornings if moment < end), end - timedelta(minutes=1)]:
        moved = {code: rate * (1 + Decimal(dice.randrange(-40, 41)) / 10_000) for code, rate in AROUND.items()}
        table = {code: rate.quantize(Decimal("0.0000000001")) for code, rate in moved.items()}
        fx.record_rates(table=table, source="demo", as_of=at, at=at)


def keep_foreign_money(households: list[Household], *, end: datetime, dice: Random) -> int:
    """Some open an account in another currency with shillings they have left, and sell a part again. Returns deals."""
    made = 0
    able = [one for one in households if one.who.salary >= 31_000 or one is households[0]]
    for nth, (household, currency) in enumerate(zip(able, WANTED, strict=False)):
        shillings = min(household.left // 3, 15_000_00) // 100_00 * 100_00
        if shillings < 1_000_00:
            continue
        at = day_start(local_date(end) - timedelta(days=20 - nth)) + timedelta(hours=11, minutes=nth)
        product = Product.objects.get(code=f"{currency}_CURRENT")
        owner = household.account.owner
        foreign = accounts.open_account(owner=owner, product=product, by=owner, at=at)
        got = _exchange(household.account, foreign, Money(shillings, "KES"), at, f"demo-buy-{nth}")
        household.left -= shillings
        made += 1
        if dice.randrange(2) or household is households[0]:
            part = Money(got.minor // 4, currency)
            back = _exchange(foreign, household.account, part, at + timedelta(days=3, hours=2), f"demo-sell-{nth}")
            household.left += back.minor
            made += 1
    return made


def _exchange(giver: Account, getter: Account, amount: Money, at: datetime, key: str) -> Money:
    """One exchange at the rates of the moment; returns what was got."""
    quote = fx.give_quote(user=giver.owner, amount=amount, other=getter.currency, fixed=FixedSide.GIVE, at=at)
    at += timedelta(seconds=20)
    payments.exchange(owner=giver.owner, from_account=giver, to_account=getter, quote=quote, key=key, at=at)
    return quote.get
