"""Two shops of the demo: three days of sales by code and by number, two of them paid out, and one sale given back."""

from datetime import datetime, timedelta

from apps.fraud.errors import PaymentBlocked
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.payments import operations as payments
from apps.payments.models import Merchant, Payment
from apps.payments.operations.confirm import bound_to
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge

NAMES = (("Duka la Achieng", "5411", "Kisumu"), ("Mwanga Hardware", "5251", "Nakuru"))
GOODS = (("Sukari", 180), ("Unga na mafuta", 640), ("", 95), ("Rangi", 1_250), ("Misumari", 220), ("Soda", 140))


def open_shops(households: list[Household], *, end: datetime) -> int:
    """The first customer and the sixth keep shops; others buy there. Returns how many sales were paid."""
    keepers, buyers = (households[0], households[5]), households[6:]
    at = end - timedelta(days=3)
    shops = [_open(keeper, *names, at=at) for keeper, names in zip(keepers, NAMES, strict=True)]
    made: list[Payment] = []
    for days in (2, 1, 0):
        moment = end - timedelta(days=days, hours=1)
        for nth, (goods, shillings) in enumerate(GOODS):
            buyer = buyers[(nth + 2 * days) % len(buyers)]
            paid = _buy(shops[nth % 2], buyer, goods, shillings, at=moment + timedelta(minutes=6 * nth))
            made += [paid] if paid else []
        if days:
            payments.pay_out_merchants(day=local_date(moment), at=moment + timedelta(hours=2))
    _give_back(made, at=end)
    return len(made)


def _open(keeper: Household, name: str, trade: str, town: str, *, at: datetime) -> Merchant:
    owner = keeper.account.owner
    shop = payments.become_merchant(
        trading_name=name, trade=trade, town=town, account=keeper.account, key="demo-shop", by=owner, at=at
    )
    payments.add_terminal(merchant=shop, label="Kaunta kuu", code="K1", by=owner, at=at)
    return shop


def _buy(shop: Merchant, buyer: Household, goods: str, shillings: int, *, at: datetime) -> Payment | None:
    """By the code of a sale, or by the shop's number when nothing is said; None when it could not be paid."""
    amount, to, key = Money(shillings * 100, "KES"), shop.till, f"demo-sale-{shop.pk}-{at:%d%H%M}"
    if buyer.left < amount.minor + 500_00 or buyer.account.status != "ACTIVE":
        return None
    if goods:
        sale = payments.ask_sale(merchant=shop, amount=amount, note=goods, key=key, by=shop.created_by, at=at)
        to = payments.code_of_sale(sale)
    payer = buyer.account.owner
    payment = payments.start(payer=payer, from_account=buyer.account, to=to, amount=amount, key=key, at=at)
    asked = people.challenge(user=payer, at=at, method=StepUpChallenge.Method.SMS, **bound_to(payment))
    people.answer(challenge_id=asked.pk, user=payer, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
    try:
        payment = payments.confirm(payment=payment, challenge_id=asked.pk, by=payer, at=at)
    except PaymentBlocked:  # the screen finds some of these people odd, as it would any day
        return None
    buyer.left -= amount.minor
    return payment


def _give_back(made: list[Payment], *, at: datetime) -> None:
    """A part of one that was not paid out yet."""
    shops = Payment.objects.filter(pk__in=[one.pk for one in made], status="COMPLETED", settlement=None)
    payment = shops.select_related("merchant__created_by").order_by("-pk").first()
    if payment is None or payment.merchant is None:
        return
    payments.refund_by_merchant(
        payment=payment,
        amount=Money(payment.amount_minor // 2, payment.currency),
        reason="Half of it was broken",
        key="demo-give-back",
        by=payment.merchant.created_by,
        at=at,
    )
