"""Money that investments bring: the price of what was sold, with its gain or loss, and what they earn meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.events import InvestmentSold
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    FundKind,
    Investment,
    InvestmentReceipt,
    InvestmentSale,
    InvestmentSaleStatus,
)
from apps.chamas.operations import books
from apps.chamas.operations.books import Change
from apps.chamas.references import new_receipt
from apps.chamas.rules.investments import part_of
from apps.chamas.states import SALE
from apps.kernel import events
from apps.kernel.money import Money
from apps.users.models import User


def require_exact(sale: InvestmentSale, amount: Money, at: datetime) -> None:
    """The whole price, in time. Raises Invalid, AlreadyDone."""
    if sale.status != InvestmentSaleStatus.OPEN or at > sale.open_until:
        raise AlreadyDone(_("This sale is over. No money moved. Ask the group for the reference of a new one."))
    if amount != sale.price:
        said = _("The group sells it for %(price)s: pay just that. No money moved.") % {"price": sale.price}
        raise Invalid(said, errors={"amount": [said]})


@transaction.atomic
def pay_for_sale(
    *, sale: InvestmentSale, amount: Money, key: str, by: User, at: datetime, legs: Sequence[Any]
) -> InvestmentReceipt:
    """The buyer's money out of `legs` in the books; once per `key`. What the units had cost goes back to the pot, what
    is more (or less) to what was earned together. Raises Invalid, AlreadyDone, and what moving money raises.
    """
    books.kept_open(sale.investment.group)
    Investment.objects.select_for_update(no_key=True).get(pk=sale.investment_id)
    held = InvestmentSale.objects.select_for_update(of=("self",)).select_related("investment__group").get(pk=sale.pk)
    earlier = InvestmentReceipt.objects.filter(sale=held, key=key[:120]).first()
    if earlier is not None:
        return earlier
    require_exact(held, amount, at)
    return settle_sale(held, key=key, by=by, at=at, legs=legs)


def settle_sale(sale: InvestmentSale, *, key: str, by: User, at: datetime, legs: Sequence[Any]) -> InvestmentReceipt:
    """Units leave at their price, within the caller's transaction and locks."""
    row = Investment.objects.select_related("group").get(pk=sale.investment_id)
    cost = part_of(row.cost_left_minor, sale.units, row.units_left)
    gain = sale.price_minor - cost
    changes = [
        Change(fund, Money(minor, row.currency))
        for fund, minor in ((FundKind.INVESTMENTS, cost), (FundKind.RESERVE, gain))
        if minor
    ]
    transfer_id = _moved(row.group, changes, row, f"sale/{sale.pk}", "chamas.investment.sold", by, at, legs)
    SALE.make(sale, InvestmentSaleStatus.DONE, over_at=at)
    left = row.units_left - sale.units
    row.units_left, row.cost_left_minor = left, row.cost_left_minor - cost
    row.over_at = None if left else at
    row.save(update_fields=["units_left", "cost_left_minor", "over_at"])
    made = InvestmentReceipt.objects.create(
        investment=row, sale=sale, amount_minor=sale.price_minor, cost_minor=cost, currency=row.currency,
        key=key[:120], transfer_id=transfer_id, at=at,
    )  # fmt: skip
    events.publish(InvestmentSold(group_id=row.group_id, investment_id=row.pk, minor=sale.price_minor, gain_minor=gain))
    return made


@transaction.atomic
def receive_earnings(
    *, investment: Investment, amount: Money, key: str, by: User, at: datetime, legs: Sequence[Any]
) -> InvestmentReceipt:
    """Rent, interest or a dividend that an investment pays, out of `legs` in the books; once per `key`.

    Raises Invalid, and what moving money raises.
    """
    if amount.minor <= 0 or amount.currency != investment.currency:
        raise Invalid(_("Write an amount of more than zero. No money moved."), errors={"amount": ["not_positive"]})
    group = books.kept_open(investment.group)
    held = Investment.objects.select_for_update(no_key=True).get(pk=investment.pk)
    earlier = InvestmentReceipt.objects.filter(investment=held, sale=None, key=key[:120]).first()
    if earlier is not None:
        return earlier
    changes = [Change(FundKind.RESERVE, amount)]
    what = f"earned/{held.pk}/{key[:80]}"
    transfer_id = _moved(group, changes, held, what, "chamas.investment.earned", by, at, legs)
    made = InvestmentReceipt.objects.create(
        investment=held, amount_minor=amount.minor, cost_minor=0, currency=amount.currency,
        key=key[:120], transfer_id=transfer_id, at=at,
    )  # fmt: skip
    audit_trail.record("chamas.investment.paid", on=held, by=by, at=at, after={"amount": str(amount)})
    return made


def _moved(
    group: ChamaGroup, changes: list[Change], row: Investment, what: str, action: str, by: User, at: datetime, legs: Any
) -> int:
    moved = books.move(
        group=group,
        changes=changes,
        kind=EntryKind.INVESTMENT_RETURN,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{group.pk}/{what}",
        quoted=new_receipt(),
        action=action,
        legs=legs,
        note=row.name,
        by=by,
        at=at,
    )
    return moved[0].transfer_id
