"""Units of an investment are sold: agreed on by decision, done when the buyer's money has come, all of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import Invalid
from apps.chamas.models import ChamaGroup, Investment, InvestmentSale, InvestmentSaleStatus
from apps.chamas.operations import asked, books
from apps.chamas.operations.investment_money import settle_sale
from apps.chamas.operations.value_investment import investment_of
from apps.chamas.references import new_sale_reference
from apps.chamas.rules.investments import units_text
from apps.chamas.states import SALE
from apps.kernel.money import Money
from apps.users.models import User

PAID_WITHIN = timedelta(days=60)  # a sale of land takes its weeks


def read_sale(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`investment`, `units` and `price_minor` for all of them; no price for what is lost for good.

    Raises Invalid, NotFound, AlreadyDone.
    """
    row, units = investment_of(group, facts), _units(group, facts)
    return {"investment": row.pk, "units": str(units), "price_minor": asked.amount(facts, "price_minor")}


def _units(group: ChamaGroup, facts: Facts) -> Decimal:
    row, units = investment_of(group, facts), asked.units(facts)
    if units > row.units_left:
        there = {"units": units_text(row.units_left)}
        raise Invalid(
            _("The group has %(units)s of it. Nothing was done.") % there,
            errors={"units": [_("The group has %(units)s of it.") % there]},
        )
    return units


def describe_sale(group: ChamaGroup, facts: Facts) -> str:
    """What, for how much; or that it is given up."""
    row = asked.row(Investment.objects.all(), facts, "investment", group=group)
    price = Money(asked.amount(facts, "price_minor"), group.currency)
    words = {"units": units_text(asked.units(facts)), "name": row.name, "amount": price}
    said = _("Sell %(units)s of %(name)s for %(amount)s") if price else _("Write off %(units)s of %(name)s: it is lost")
    return str(said % words)


@transaction.atomic
def agree_on_sale(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Open a sale: its reference is what the buyer pays by, within 60 days; an open one of before ends by it. Without a
    price it is done at once, and what it had cost is a loss of what was earned together. Raises as `read_sale`.
    """
    held = books.locked(group)
    row = Investment.objects.select_for_update(no_key=True).get(pk=investment_of(held, facts).pk)
    made = InvestmentSale.objects.filter(investment=row, key=key[:120]).first()
    if made is not None:
        return made.reference
    for before in InvestmentSale.objects.select_for_update().filter(investment=row, status=InvestmentSaleStatus.OPEN):
        SALE.make(before, InvestmentSaleStatus.LAPSED, over_at=at)
    sale = InvestmentSale.objects.create(
        investment=row,
        reference=new_sale_reference(),
        units=_units(held, facts),
        price_minor=asked.amount(facts, "price_minor"),
        currency=held.currency,
        key=key[:120],
        agreed_at=at,
        open_until=at + PAID_WITHIN,
    )
    after = {"units": str(sale.units), "price": str(sale.price), "reference": sale.reference}
    audit_trail.record("chamas.investment.to_be_sold", on=row, by=by, at=at, after=after)
    if not sale.price_minor:
        settle_sale(sale, key="written-off", by=by, at=at, legs=())
    return sale.reference
