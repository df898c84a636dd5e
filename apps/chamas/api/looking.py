"""What the doors of the API read of groups, set-based: each question is asked once for a page, not once for a row."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Sum

from apps.chamas.api import shapes
from apps.chamas.models import (
    ChamaGroup,
    ConstitutionAcceptance,
    ConstitutionVersion,
    GroupDispute,
    GroupDisputeStatus,
    GroupEntry,
    GroupStatus,
    Membership,
    Proposal,
    ProposalStatus,
    VersionStatus,
)
from apps.chamas.operations import books
from apps.chamas.operations.found import missing_to_begin
from apps.chamas.policies import is_officer
from apps.chamas.queries import standing_of, waiting_for
from apps.chamas.rules import funds as purses
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.users.models import User


def groups(page: Sequence[ChamaGroup], user: User) -> list[dict[str, Any]]:
    """Groups of one page as their member `user` sees them, in three queries."""
    ids = [group.pk for group in page]
    own = Membership.objects.active().filter(user=user, group__in=ids).select_related("group")
    mine = {row.group_id: row for row in own}
    held: dict[int, dict[str, int]] = {}
    rows = GroupEntry.objects.filter(member__in=[row.pk for row in mine.values()])
    for group_id, fund, minor in rows.values_list("group_id", "fund").annotate(Sum("amount_minor")).order_by():
        held.setdefault(group_id, {})[fund] = minor
    counted = Membership.objects.active().filter(group__in=ids).values_list("group_id").annotate(Count("pk"))
    counts = dict(counted.order_by())
    return [
        {
            "group": group,
            "own": mine[group.pk],
            "my_funds": shapes.funds(held.get(group.pk, {}), group.currency),
            "members": counts.get(group.pk, 0),
        }
        for group in page
        if group.pk in mine
    ]


def one(group: ChamaGroup, user: User) -> dict[str, Any]:
    """A group with its money, to its member `user`."""
    found, own = groups([group], user)[0], books.balances(group)
    standing = standing_of(found["own"])
    lying = {purse: Money(purses.cash_of(purse, own), group.currency) for purse in purses.PURSES}
    return found | {
        "funds": shapes.funds(own, group.currency),
        "purses": {purse: amount for purse, amount in lying.items() if amount},
        "due": standing.total,
        "next_due_on": standing.due_on,
        "waiting": waiting_for(user, group_id=group.pk, at=now()),
        "join_code": group.join_code if is_officer(found["own"]) else None,
        "missing": missing_to_begin(group) if group.status == GroupStatus.FORMING else [],
        "proposals_open": Proposal.objects.filter(group=group, status=ProposalStatus.OPEN).count(),
        "disputes_open": GroupDispute.objects.filter(group=group, status=GroupDisputeStatus.OPEN).count(),
    }


def accepted_by(group: ChamaGroup, versions: Sequence[ConstitutionVersion]) -> dict[int, set[int]]:
    """By version, which members of today agreed to it."""
    found: dict[int, set[int]] = {}
    rows = ConstitutionAcceptance.objects.filter(version__in=versions, member__in=Membership.objects.active())
    for version_id, member_id in rows.filter(version__group=group).values_list("version_id", "member_id"):
        found.setdefault(version_id, set()).add(member_id)
    return found


def constitution(group: ChamaGroup) -> dict[str, Any]:
    """The version in force and the one that waits; either may be missing."""
    wanted = [VersionStatus.IN_FORCE, VersionStatus.PROPOSED]
    rows = {row.status: row for row in ConstitutionVersion.objects.filter(group=group, status__in=wanted)}
    return {"in_force": rows.get(VersionStatus.IN_FORCE), "proposed": rows.get(VersionStatus.PROPOSED)}
