"""Share capital: bought by members, and the dividend that the group decides to pay on it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.chamas import policies
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import ChamaGroup, EntryKind, FundKind, GroupEntry, Membership, Sharing, SharingKind
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.contribute import locked_member
from apps.chamas.operations.propose import in_force
from apps.chamas.references import new_receipt
from apps.chamas.rules.sharing import dividends, minor_days
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.models import User

MOST_SHARES = 100_000


@transaction.atomic
def buy_shares(*, group: ChamaGroup, count: int, key: str, by: User, at: datetime) -> list[GroupEntry]:
    """Buy whole shares at the constitution's price from one's account; once per `key`.

    Raises NotFound, GroupNotOpen, Invalid for a group without shares or no whole number, and what posting raises.
    """
    member = policies.membership(by, group)
    price = in_force(group).terms.share_price_minor
    if not price or not 1 <= count <= MOST_SHARES:
        raise Invalid(_("Choose how many shares; some groups have none. No money moved."), errors={"count": ["bounds"]})
    amount = Money(count * price, group.currency)
    movements = [accounts.out_of(member.account, amount, group.name, category="group")]
    accounts.lock(movements, with_siblings=False)
    member = locked_member(member)  # who was settled with while the account was waited for owns no shares any more
    return books.move(
        group=group,
        changes=[Change(FundKind.SHARES, amount, member)],
        kind=EntryKind.SHARE_PURCHASE,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{group.pk}/shares/{member.pk}/{key[:100]}",
        quoted=new_receipt(),
        action="chamas.shares.bought",
        movements=movements,
        by=by,
        at=at,
    )


def held_over(group: ChamaGroup, fund: FundKind, *, first: date, last: date) -> dict[int, int]:
    """What each member held of a fund, weighed by days (minor units times days), both days included."""
    rows = GroupEntry.objects.filter(group=group, fund=fund, member__isnull=False, booked_on__lte=last)
    changes: dict[int, list[tuple[date, int]]] = {}
    for member_id, day, minor in rows.values_list("member_id", "booked_on", "amount_minor").order_by("pk"):
        changes.setdefault(member_id, []).append((day, minor))
    return {member_id: minor_days(one, first=first, last=last) for member_id, one in changes.items()}


def read_dividend(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`minor` to share, before tax, and `until`, the last day of what is looked back on. Raises Invalid, NotYet."""
    minor, until = asked.number(facts, "minor"), asked.day(facts, "until")
    own = books.balances(group)
    there = own["RESERVE"] + own["FINES"]
    if minor > there:
        raise NotYet(
            _("The group has earned %(there)s that can be shared. No money moved.")
            % {"there": Money(there, group.currency)}
        )
    return {"minor": minor, "until": until.isoformat()}


def concerns_nobody(group: ChamaGroup, facts: Facts) -> set[int]:
    """It is everybody's alike."""
    return set()


def describe_dividend(group: ChamaGroup, facts: Facts) -> str:
    """How much, for the time until when."""
    words = {"amount": Money(asked.number(facts, "minor"), group.currency), "day": asked.day_said(facts, "until")}
    return str(_("Pay a dividend of %(amount)s on shares held until %(day)s") % words)


@transaction.atomic
def pay_dividend(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Share what was earned by shares and the days they were held, since the last dividend; once for a last day.

    5 % withholding tax of residents is kept back for the revenue authority (Income Tax Act, Cap. 470). Raises NotYet,
    AlreadyDone, Invalid for a day to come, and what moving money raises.
    """
    until = asked.day(facts, "until")
    members = list(Membership.objects.active().filter(group=group).select_related("account__owner").order_by("number"))
    accounts.lock([accounts.into(one.account, Money(1, group.currency), "") for one in members], with_siblings=False)
    held = books.locked(group)
    require_still(held, members)
    minor = read_dividend(held, facts)["minor"]
    first = begins_on(held, SharingKind.DIVIDEND)
    if until > local_date(at):
        raise Invalid(_("That day has not come. Nothing was done."), errors={"until": ["in_the_future"]})
    if until < first:
        raise AlreadyDone(_("A dividend was paid for this time. No money moved."))
    weights = held_over(held, FundKind.SHARES, first=first, last=until)
    if not any(weights.get(one.pk) for one in members):
        raise NotYet(_("Nobody held shares in this time. No money moved."))
    rows = list(zip(members, dividends(minor, [weights.get(one.pk, 0) for one in members]), strict=True))
    currency = held.currency
    tax = Money(sum(row.tax for _one, row in rows), currency)
    receipt = new_receipt()
    moved = books.move(
        group=held,
        changes=[*_of_what_was_earned(held, rows)],
        kind=EntryKind.DIVIDEND,
        line=TransactionType.PAYOUT,
        reference=f"chama/{held.pk}/dividend/{until}",
        quoted=receipt,
        action="chamas.dividend.paid",
        movements=[
            accounts.into(one.account, Money(row.net, currency), held.name, category="group")
            for one, row in rows
            if row.net
        ],
        legs=[ledger.credit(ledger.gl("tax:withholding", currency), tax)] if tax else [],
        by=by,
        at=at,
    )
    Sharing.objects.create(
        group=held,
        kind=SharingKind.DIVIDEND,
        by="SHARES",
        first_on=first,
        last_on=until,
        total_minor=minor,
        currency=currency,
        profit_minor=minor,
        tax_minor=tax.minor,
        transfer_id=moved[0].transfer_id,
        at=at,
    )
    return receipt


def require_still(group: ChamaGroup, members: list[Membership]) -> None:
    """Whose accounts were waited for are the members of the locked group: nobody is left out, and nobody is paid after
    they were settled with. Raises NotYet; asked again it is counted anew.
    """
    there = set(Membership.objects.active().filter(group=group).values_list("pk", flat=True))
    if there != {one.pk for one in members}:
        raise NotYet(_("Somebody came into the group or left it just now. No money moved. Carry it out again."))


def _of_what_was_earned(group: ChamaGroup, rows: list[tuple[Membership, Any]]) -> list[Change]:
    """Each member's dividend out of what was earned together, then out of fines."""
    reserve, changes = max(books.balances(group)["RESERVE"], 0), []
    for member, row in rows:
        first = min(row.gross, reserve)
        reserve -= first
        for fund, minor in ((FundKind.RESERVE, first), (FundKind.FINES, row.gross - first)):
            if minor:
                changes.append(Change(fund, Money(-minor, group.currency), member))
    return changes


def begins_on(group: ChamaGroup, kind: str, *, until: date = date.max) -> date:
    """The first day that was not looked back on by an earlier sharing of this kind; as it was on the day `until`."""
    last = Sharing.objects.filter(group=group, kind=kind, last_on__lt=until).order_by("-last_on").first()
    if last is not None:
        return last.last_on + timedelta(days=1)
    return local_date(group.began_at or group.created_at)
