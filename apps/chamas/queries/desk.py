"""Groups as the bank's staff see them: a list with its figures, and one group whole. Fixed numbers of queries."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    ContributionStatus,
    Cycle,
    FundKind,
    GroupDispute,
    GroupDisputeStatus,
    GroupLoan,
    GroupLoanStatus,
    Membership,
    MembershipStatus,
    Proposal,
    ProposalStatus,
)
from apps.chamas.queries.investments import Holding, holdings
from apps.kernel.money import Money
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Figures:
    """One group in a list: members of today, what all its funds hold, and what is not as it should be."""

    group: ChamaGroup
    members: int
    held: Money
    late: int
    disputes: int


_FIGURES = """
SELECT g.id,
       (SELECT count(*) FROM chamas_membership m WHERE m.group_id = g.id AND m.status = 'ACTIVE'),
       (SELECT COALESCE(sum(e.amount_minor), 0) FROM chamas_groupentry e WHERE e.group_id = g.id)::bigint,
       (SELECT count(*) FROM chamas_contribution c WHERE c.group_id = g.id AND c.status = 'LATE'),
       (SELECT count(*) FROM chamas_groupdispute d WHERE d.group_id = g.id AND d.status = 'OPEN')
  FROM chamas_chamagroup g WHERE g.id = ANY(%s)
"""


def found_by(text: str) -> Any:
    """Groups by name, address, a member's or a loan's reference, or the phone of a member of today."""
    rows = ChamaGroup.objects.order_by("-pk")
    if not text:
        return rows
    people = User.objects.customers().found_by(text)
    own = Q(user__in=people, status=MembershipStatus.ACTIVE) | Q(reference=text.upper())
    members = Membership.objects.filter(own).values("group")
    loans = GroupLoan.objects.filter(reference=text.upper()).values("group")
    return rows.filter(Q(name__icontains=text) | Q(slug=text.lower()) | Q(pk__in=members) | Q(pk__in=loans))


def figures(groups: list[ChamaGroup]) -> list[Figures]:
    """One query for a page of them."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [[group.pk for group in groups]])
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        Figures(group, members, Money(held, group.currency), late, disputes)
        for group in groups
        for members, held, late, disputes in [found[group.pk]]
    ]


@dataclass(frozen=True, slots=True)
class FundOfGroup:
    """One fund by the group's rows and by its account in the books; they are the same, or the checks say so."""

    name: str
    kept: Money
    booked: Money

    @property
    def agrees(self) -> bool:
        """Whether they are."""
        return self.kept == self.booked


@dataclass(frozen=True, slots=True)
class LostLoan:
    """A loan that was written off, and the decision that did it: none is a finding of the audit."""

    loan: GroupLoan
    decision: Proposal | None


@dataclass(frozen=True, slots=True)
class Whole:
    """One group. `loans` are asked for or run; `lost` were written off, the newest first."""

    group: ChamaGroup
    members: tuple[Membership, ...]
    funds: tuple[FundOfGroup, ...]
    cycles: tuple[Cycle, ...]
    late: tuple[Contribution, ...]
    loans: tuple[GroupLoan, ...]
    lost: tuple[LostLoan, ...]
    proposals: tuple[Proposal, ...]
    disputes: tuple[GroupDispute, ...]
    investments: tuple[Holding, ...]


_FUNDS = """
SELECT f.kind,
       (SELECT COALESCE(sum(e.amount_minor), 0) FROM chamas_groupentry e
         WHERE e.group_id = f.group_id AND e.fund = f.kind)::bigint,
       (SELECT -COALESCE(sum(l.amount_minor), 0) FROM ledger_entry l
         WHERE l.account_id = f.ledger_account_id)::bigint
  FROM chamas_fund f WHERE f.group_id = %s
"""


def whole(group: ChamaGroup, *, on: date) -> Whole:
    """Everything the desk asks about a group; what its audit finds is asked beside it."""
    members = Membership.objects.filter(group=group).exclude(status=MembershipStatus.DECLINED).select_related("user")
    cycles = Cycle.objects.filter(group=group).select_related("version")
    paid, late = Q(contributions__status="PAID"), Q(contributions__status="LATE")
    disputes = GroupDispute.objects.filter(group=group, status=GroupDisputeStatus.OPEN)
    loans = GroupLoan.objects.filter(group=group, status__in=[GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE])
    unpaid = Contribution.objects.filter(group=group, status=ContributionStatus.LATE)
    return Whole(
        group=group,
        members=tuple(members.order_by("number")),
        funds=_funds(group),
        cycles=tuple(
            cycles.annotate(
                owe=Count("contributions"),
                paid=Count("contributions", filter=paid),
                late=Count("contributions", filter=late),
            ).order_by("-number")[:6]
        ),
        late=tuple(unpaid.select_related("member__user", "cycle").order_by(F("due_on"), "pk")[:20]),
        loans=tuple(loans.select_related("member__user").order_by("-pk")[:20]),
        lost=_lost(group),
        proposals=tuple(Proposal.objects.filter(group=group).select_related("made_by__user").order_by("-pk")[:10]),
        disputes=tuple(disputes.select_related("raised_by__user", "entry", "minutes__meeting").order_by("pk")[:20]),
        investments=tuple(holdings(group, on=on)),
    )


def _lost(group: ChamaGroup) -> tuple[LostLoan, ...]:
    rows = GroupLoan.objects.filter(group=group, status=GroupLoanStatus.WRITTEN_OFF).select_related("member__user")
    found = list(rows.order_by("-over_at", "-pk")[:20])
    if not found:
        return ()
    decided = Proposal.objects.filter(
        group=group,
        act="WRITE_OFF_LOAN",
        status=ProposalStatus.CARRIED_OUT,
        facts__loan__in=[loan.pk for loan in found],
    )
    by_loan = {row.facts["loan"]: row for row in decided}
    return tuple(LostLoan(loan, by_loan.get(loan.pk)) for loan in found)


def _funds(group: ChamaGroup) -> tuple[FundOfGroup, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_FUNDS, [group.pk])
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return tuple(
        FundOfGroup(
            str(FundKind(kind).label), Money(found[kind][0], group.currency), Money(found[kind][1], group.currency)
        )
        for kind in FundKind.values
        if kind in found
    )


def groups_of(person: User) -> list[Membership]:
    """Where a customer belongs or waits to be taken in, the newest first."""
    rows = Membership.objects.filter(user=person, status__in=[MembershipStatus.ASKED, MembershipStatus.ACTIVE])
    return list(rows.select_related("group").order_by("-pk"))
