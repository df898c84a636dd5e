"""Something is bought for the group: money of the pot to the seller's account, and the thing into the register."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.chamas.acts import Facts
from apps.chamas.errors import Invalid, NotEnoughInPurse
from apps.chamas.events import InvestmentBought
from apps.chamas.models import ChamaGroup, EntryKind, FundKind, Membership
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.register import registered, thing
from apps.chamas.references import new_receipt
from apps.chamas.rules.funds import cash_of
from apps.chamas.rules.investments import units_text
from apps.kernel import events
from apps.kernel.money import Money
from apps.users.models import User
from apps.users.rules import half_name


def read_purchase(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`kind`, `name`, `units`, `custodian`, `custody_reference`, `minor` and `account`, the number of the seller's
    account at this bank. Raises Invalid, NotEnoughInPurse.
    """
    what, minor = thing(facts), asked.number(facts, "minor")
    seller = _seller(group, facts)
    cash = Money(cash_of("POT", books.balances(group)), group.currency)
    if minor > cash.minor:
        raise NotEnoughInPurse(
            _("The group has %(cash)s for this, and it takes more. No money moved.") % {"cash": cash},
            purse="POT",
            cash=str(cash.amount),
        )
    return what | {"account": seller.number, "minor": minor}


def _seller(group: ChamaGroup, facts: Facts) -> Account:
    """The account that is paid, as people write its number. Raises Invalid."""
    number = "".join(str(facts.get("account") or "").split())
    rows = Account.objects.to_pay_from().select_related("owner")
    found = rows.filter(number=number, currency=group.currency).first() if number else None
    if found is None:
        raise Invalid(
            _("There is no such account here in the group's currency. Ask the seller for their account number."),
            errors={"account": [_("There is no such account here in the group's currency.")]},
        )
    return found


def concerns_seller(group: ChamaGroup, facts: Facts) -> set[int]:
    """Members who own the account that is paid: who sells to the group does not decide on it."""
    rows = Membership.objects.active().filter(group=group, user=_seller(group, facts).owner_id)
    return set(rows.values_list("pk", flat=True))


def seller_called(group: ChamaGroup, facts: Facts) -> str:
    """Who is paid, as an officer reads it who signs."""
    seller = _seller(group, facts)
    return f"{half_name(seller.owner.full_name)} {seller.masked_number}"


def describe_purchase(group: ChamaGroup, facts: Facts) -> str:
    """What, for how much, from whom."""
    words = {
        "units": units_text(asked.units(facts)),
        "name": facts["name"],
        "amount": Money(asked.number(facts, "minor"), group.currency),
        "who": seller_called(group, facts),
        "custodian": facts["custodian"],
        "reference": facts["custody_reference"],
    }
    said = _("Buy %(units)s of %(name)s for %(amount)s from %(who)s; kept by %(custodian)s, %(reference)s")
    return str(said % words)


@transaction.atomic
def buy_investment(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay the seller out of the pot and write the investment down. Raises Invalid, NotEnoughInPurse, PayeeLimit, and
    what moving money raises.
    """
    seller, amount = _seller(group, facts), Money(asked.number(facts, "minor"), group.currency)
    accounts.lock([accounts.into(seller, amount, "")], with_siblings=True)
    held = books.locked(group)
    moved = books.move(
        group=held,
        changes=[Change(FundKind.INVESTMENTS, -amount)],
        kind=EntryKind.INVESTMENT,
        line=TransactionType.PAYOUT,
        reference=f"chama/{held.pk}/investment/{key[:100]}",
        quoted=new_receipt(),
        action="chamas.investment.bought",
        movements=[accounts.into(seller, amount, held.name, category="group")],
        note=str(facts["name"]),
        by=by,
        at=at,
    )
    row = registered(held, facts, cost=amount, entry=moved[0], payee=seller, by=by, at=at)
    events.publish(InvestmentBought(group_id=held.pk, investment_id=row.pk, minor=amount.minor))
    return row.receipt
