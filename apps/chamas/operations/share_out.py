"""The share-out at the end of a year, which closes the pot to the cent, and of a group, which shares all there is."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, NotYet
from apps.chamas.events import GroupClosed
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    ContributionStatus,
    Cycle,
    EntryKind,
    FundKind,
    GroupEntry,
    GroupRole,
    GroupStatus,
    Investment,
    InvestmentSale,
    InvestmentSaleStatus,
    Membership,
    Round,
    RoundStatus,
    Sharing,
    SharingKind,
)
from apps.chamas.operations import books
from apps.chamas.operations.books import Change
from apps.chamas.operations.propose import in_force
from apps.chamas.operations.share import begins_on, held_over, require_still
from apps.chamas.queries.investments import holdings
from apps.chamas.references import new_receipt
from apps.chamas.rules.sharing import share, shared_out
from apps.chamas.states import GROUP
from apps.kernel import events
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.money import Money
from apps.users.models import User

_OWN = (FundKind.SAVINGS, FundKind.SHARES, FundKind.ADVANCE)


def hindrances(group: ChamaGroup, *, on: date, dissolve: bool = False) -> list[str]:
    """Why the pot cannot be closed now, as codes: money of it is out working.

    A group whose rules keep investments shares out beside them, once each was valued within a quarter, none is being
    sold, and what was paid for them is not more than members' savings, which stay for it.
    """
    own = books.balances(group)
    found = ["loans"] if own["LOANS"] else []
    if own["INVESTMENTS"]:
        found += _held_up(group, own, on) if _keeps(group) and not dissolve else ["investments"]
    if dissolve and (own["ROTATION"] or Round.objects.filter(group=group, status=RoundStatus.RUNNING).exists()):
        found.append("rotation")
    return found


def _keeps(group: ChamaGroup) -> bool:
    return in_force(group).terms.share_out_investments == "KEEP"


def _held_up(group: ChamaGroup, own: dict[str, int], on: date) -> list[str]:
    found = []
    if not all(one.is_valued(on) for one in holdings(group, on=on)):
        found.append("investments_not_valued")
    if InvestmentSale.objects.filter(
        investment__group=group, status=InvestmentSaleStatus.OPEN, open_until__gte=day_start(on)
    ).exists():
        found.append("investments_being_sold")
    if _cost_over_shares(group, own["SHARES"], -own["INVESTMENTS"]) > own["SAVINGS"]:
        found.append("investments_over_savings")
    return found


def _cost_over_shares(group: ChamaGroup, shares: int, cost: int) -> int:
    """Of what kept investments cost, what stands in savings: all but what was brought in, which stands in the share
    capital that it became, as far as members still have it.
    """
    brought = Investment.objects.filter(group=group, is_brought=True).aggregate(sum=Sum("cost_left_minor"))["sum"] or 0
    return cost - min(brought, shares)


_IN_THE_WAY = {
    "loans": _("Loans of members are not paid back."),
    "investments": _("Investments are not sold: sell them, or vote for rules that keep them."),
    "investments_not_valued": _("Investments were not valued within three months: say what they are worth first."),
    "investments_being_sold": _("A sale waits for the buyer's money."),
    "investments_over_savings": _("Investments cost more than all members have saved: sell some first."),
    "rotation": _("The merry-go-round is not over."),
}


def read_share_out(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """Nothing to ask; completes `minor` with what the pot holds today. Raises NotYet naming what is out working."""
    return _read(group, dissolve=False)


def read_dissolution(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """As a share-out, with welfare; the merry-go-round must be over. Raises NotYet."""
    return _read(group, dissolve=True)


def _read(group: ChamaGroup, *, dissolve: bool, on: date | None = None) -> dict[str, Any]:
    if codes := hindrances(group, on=on or local_date(now()), dissolve=dissolve):
        said = " ".join(str(_IN_THE_WAY[code]) for code in codes)
        raise NotYet(_("Money of the group is still out. %(what)s Nothing was done.") % {"what": said}, because=codes)
    own = books.balances(group)
    funds = ("SAVINGS", "SHARES", "ADVANCE", "FINES", "RESERVE", *(("WELFARE",) if dissolve else ("INVESTMENTS",)))
    lost = -(own["FINES"] + own["RESERVE"])
    return {"minor": sum(own[fund] for fund in funds), **({"lost_minor": lost} if lost > 0 else {})}


def describe_share_out(group: ChamaGroup, facts: Facts) -> str:
    """How much there is, and what was lost."""
    return _described(_("Share the pot of %(amount)s out among the members"), group, facts)


def describe_dissolution(group: ChamaGroup, facts: Facts) -> str:
    """What ends, how much there is, and what was lost."""
    return _described(_("End the group and share out all it has, %(amount)s"), group, facts)


def _described(words: Promise, group: ChamaGroup, facts: Facts) -> str:
    said = str(words % {"amount": Money(int(facts["minor"]), group.currency)})
    if not (lost := int(facts.get("lost_minor", 0))):
        return said
    off = _("More was lost than earned together: %(lost)s comes off what members own")
    return f"{said}. {off % {'lost': Money(lost, group.currency)}}"


@transaction.atomic
def share_out(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay every member their savings, shares and what they paid ahead, and their part of what was earned together.

    By the constitution's `share_out_by`; funds of the pot end at nothing, but for investments that the rules keep and
    the savings and shares that stand in them. Welfare and the merry-go-round stay. Raises NotYet naming what
    stands in the way, AlreadyDone for a second one on a day, and what moving money raises.
    """
    return _close_pot(group, by, at, dissolve=False)


@transaction.atomic
def dissolve(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Share out all there is, welfare in equal parts, and close the group. Raises as `share_out`."""
    receipt = _close_pot(group, by, at, dissolve=True)
    held = ChamaGroup.objects.select_for_update().get(pk=group.pk)
    Contribution.objects.unpaid().filter(group=held).update(status=ContributionStatus.WAIVED, settled_at=at)
    Cycle.objects.filter(group=held, closed_at=None).update(closed_at=at)
    GROUP.make(held, GroupStatus.CLOSED, closed_at=at)
    audit_trail.record("chamas.group.closed", on=held, by=by, at=at)
    events.publish(GroupClosed(group_id=held.pk))
    return receipt


def _close_pot(group: ChamaGroup, by: User, at: datetime, *, dissolve: bool) -> str:
    members = list(Membership.objects.active().filter(group=group).select_related("account__owner").order_by("number"))
    accounts.lock([accounts.into(one.account, Money(1, group.currency), "") for one in members], with_siblings=False)
    # Nobody pays in between what is counted and what is paid out: a share-out waits for them, and they for it.
    held = ChamaGroup.objects.select_for_update().get(pk=group.pk)
    require_still(held, members)
    first, today = begins_on(held, SharingKind.SHARE_OUT), local_date(at)
    _read(held, dissolve=dissolve, on=today)
    if today < first:
        raise AlreadyDone(_("The pot was shared out today. No money moved."))
    changes, paid = _shares(held, members, first, today, dissolve=dissolve)
    receipt = new_receipt()
    if not changes:
        return receipt
    moved = books.move(
        group=held,
        changes=changes,
        kind=EntryKind.SHARE_OUT,
        line=TransactionType.PAYOUT,
        reference=f"chama/{held.pk}/share-out/{today}",
        quoted=receipt,
        action="chamas.share_out.paid",
        movements=[
            accounts.into(one.account, Money(paid[one.pk], held.currency), held.name, category="group")
            for one in members
            if paid[one.pk]
        ],
        by=by,
        at=at,
    )
    profit = -sum(change.amount.minor for change in changes if change.fund in (FundKind.FINES, FundKind.RESERVE))
    Sharing.objects.create(
        group=held,
        kind=SharingKind.SHARE_OUT,
        by=in_force(held).terms.share_out_by,
        first_on=first,
        last_on=today,
        total_minor=sum(paid.values()),
        currency=held.currency,
        profit_minor=profit,
        transfer_id=moved[0].transfer_id,
        at=at,
    )
    return receipt


def _shares(
    group: ChamaGroup, members: list[Membership], first: date, last: date, *, dissolve: bool
) -> tuple[list[Change], dict[int, int]]:
    """What each fund gives, and what each member (by id) is paid. Raises NotYet when a loss eats more than is owned."""
    whole = books.balances(group)
    own = _owned(group, members)
    profit = whole["FINES"] + whole["RESERVE"]
    cost = -whole["INVESTMENTS"]
    in_savings = _cost_over_shares(group, whole["SHARES"], cost)
    for fund, part in ((FundKind.SAVINGS, in_savings), (FundKind.SHARES, cost - in_savings)):
        for pk, minor in _stays(own, fund, part).items():
            own[pk][fund] -= minor
    paid = shared_out(
        {pk: sum(funds[fund] for fund in _OWN) for pk, funds in own.items()},
        profit,
        weights(group, members, first, last),
    )
    if any(minor < 0 for minor in paid.values()):
        raise NotYet(_("A loss is larger than what a member owns. Nothing was done."), because=["loss"])
    changes = [
        Change(fund, Money(-own[one.pk][fund], group.currency), one)
        for one in members
        for fund in _OWN
        if own[one.pk][fund]
    ]
    together = [FundKind.FINES, FundKind.RESERVE]
    if dissolve:
        together.append(FundKind.WELFARE)
        alike = [int(one.role != GroupRole.AUDITOR) for one in members]
        for one, part in zip(members, share(whole["WELFARE"], alike), strict=True):
            paid[one.pk] += part
    changes += [Change(fund, Money(-whole[fund], group.currency)) for fund in together if whole[fund]]
    return changes, paid


def _owned(group: ChamaGroup, members: list[Membership]) -> dict[int, dict[str, int]]:
    """By member's id, what of each fund is their own; one query."""
    own = {one.pk: {str(fund): 0 for fund in _OWN} for one in members}
    rows = GroupEntry.objects.filter(group=group, member__in=own, fund__in=_OWN)
    for pk, fund, minor in rows.values_list("member", "fund").annotate(Sum("amount_minor")).order_by():
        own[pk][fund] = minor
    return own


def _stays(own: dict[int, dict[str, int]], fund: str, cost: int) -> dict[int, int]:
    """By member's id, what of a fund stays for investments which the group keeps: by what each has of it."""
    return dict(zip(own, share(cost, [funds[fund] for funds in own.values()]), strict=True)) if cost else {}


def weights(group: ChamaGroup, members: list[Membership], first: date, last: date) -> dict[int, int]:
    """By member's id, what their part of the earnings is measured by, as the constitution in force says."""
    by = in_force(group).terms.share_out_by
    if by == "TIME_WEIGHTED":
        return held_over(group, FundKind.SAVINGS, first=first, last=last)
    fund = FundKind.SHARES if by == "SHARES" else FundKind.SAVINGS
    return held_over(group, fund, first=last, last=last)  # as it stands today
