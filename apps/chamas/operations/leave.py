"""Leaving: notice is given, and after its days the group settles with the member by an act."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, GroupNotOpen, NotYet
from apps.chamas.events import MemberLeft
from apps.chamas.models import (
    OFFICERS,
    ChamaGroup,
    Contribution,
    ContributionStatus,
    EntryKind,
    Fine,
    FineStatus,
    FundKind,
    GroupGuarantee,
    GroupInvitation,
    GroupInvitationStatus,
    GroupLoan,
    GroupLoanStatus,
    GroupRole,
    GroupStatus,
    LeaveNotice,
    Membership,
    MembershipStatus,
    RoundStatus,
    Turn,
)
from apps.chamas.operations import asked, books, repay_loan
from apps.chamas.operations.books import Change
from apps.chamas.operations.propose import in_force
from apps.chamas.references import new_receipt
from apps.chamas.rules.settlement import Settlement, settle
from apps.chamas.states import GROUP, MEMBERSHIP
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.money import Money
from apps.users.models import User


@transaction.atomic
def leave_forming(*, group: ChamaGroup, by: User, at: datetime) -> None:
    """Leave a group that has not begun, at once: there is nothing to settle. Who is alone in it closes it by leaving.

    The chair gives the chair to somebody else first. Raises NotFound, GroupNotOpen once it has begun, NotAllowed.
    """
    held = books.locked(group)
    member = policies.membership(by, held)
    if held.status != GroupStatus.FORMING:
        raise GroupNotOpen(_("This group has begun. Give notice, and the group settles with you. Nothing was done."))
    is_alone = _is_alone(member)
    if member.role == GroupRole.CHAIR and not is_alone:
        raise NotAllowed(_("Give the chair to somebody else first, then leave. Nothing was done."))
    MEMBERSHIP.make(member, MembershipStatus.LEFT, left_at=at)
    if is_alone:
        rows = Membership.objects.filter(group=held, status=MembershipStatus.ASKED)
        rows.update(status=MembershipStatus.DECLINED, decided_by=by)
        invitations = GroupInvitation.objects.filter(group=held, status=GroupInvitationStatus.OPEN)
        invitations.update(status=GroupInvitationStatus.WITHDRAWN, decided_at=at)
        GROUP.make(held, GroupStatus.CLOSED, closed_at=at)
    audit_trail.record("chamas.member.left", on=held, by=by, at=at, after={"closed": is_alone}, customer=by)
    events.publish(MemberLeft(group_id=held.pk, member_id=member.pk, user_id=by.pk))


def _is_alone(member: Membership) -> bool:
    return not Membership.objects.active().filter(group=member.group_id).exclude(pk=member.pk).exists()


@transaction.atomic
def give_notice(*, group: ChamaGroup, by: User, at: datetime) -> LeaveNotice:
    """Say that one will leave; the days of notice are the constitution's.

    Raises NotFound, GroupNotOpen, AlreadyDone.
    """
    held = books.kept_open(group)
    member = policies.membership(by, held)
    leaves_from = local_date(at) + timedelta(days=in_force(held).terms.exit_notice_days)
    try:
        with transaction.atomic():
            notice = LeaveNotice.objects.create(member=member, given_at=at, leaves_from=leaves_from)
    except IntegrityError as no:
        raise AlreadyDone(_("You have given notice already.")) from no
    audit_trail.record("chamas.notice.given", on=held, by=by, at=at, after={"leaves_from": leaves_from}, customer=by)
    return notice


@transaction.atomic
def withdraw_notice(*, group: ChamaGroup, by: User, at: datetime) -> None:
    """Stay after all. Raises NotFound, AlreadyDone."""
    member = policies.membership(by, group)
    rows = LeaveNotice.objects.filter(member=member, withdrawn_at=None, settled_at=None)
    if not rows.update(withdrawn_at=at):
        raise AlreadyDone(_("There is no notice to take back. Nothing was done."))
    audit_trail.record("chamas.notice.withdrawn", on=group, by=by, at=at, customer=by)


def settlement_of(member: Membership, *, at: datetime) -> Settlement:
    """What a member would take along now: savings, shares and what was paid ahead, less loan, fines and fee; nothing
    before the group has begun.
    """
    is_forming = member.group.status == GroupStatus.FORMING
    own = books.balances(member.group, member=member)
    loan = GroupLoan.objects.filter(member=member, status=GroupLoanStatus.ACTIVE).first()
    fines = Fine.objects.filter(member=member, status=FineStatus.OPEN)
    return settle(
        savings=own["SAVINGS"],
        shares=own["SHARES"],
        ahead=own["ADVANCE"],
        principal=loan.left_minor if loan else 0,
        interest=repay_loan.interest_until(loan, local_date(at)) if loan else 0,
        fines=sum(fine.open_minor for fine in fines),
        fee_bps=0 if is_forming else in_force(member.group).terms.exit_fee_bps,
    )


def hindrances(member: Membership, *, at: datetime) -> list[str]:
    """Why a member cannot leave now, as codes; none when they can. Before it began, a group keeps its chair alone."""
    if member.group.status == GroupStatus.FORMING:
        return ["officer"] if member.role == GroupRole.CHAIR and not _is_alone(member) else []
    notice = LeaveNotice.objects.filter(member=member, withdrawn_at=None, settled_at=None).first()
    found = []
    if notice is None or notice.leaves_from > local_date(at):
        found.append("notice")
    if member.role in OFFICERS:
        found.append("officer")
    standing = GroupGuarantee.objects.filter(member=member, agreed_at__isnull=False)
    if standing.filter(loan__status__in=[GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE]).exists():
        found.append("guarantor")
    if Turn.objects.filter(member=member).exclude(round__status=RoundStatus.DONE).exists():
        found.append("merry_go_round")
    if Fine.objects.filter(member=member, status=FineStatus.APPEALED).exists():
        found.append("appeal")
    if settlement_of(member, at=at).net < 0:
        found.append("owes_more_than_saved")
    return found


def read_exit(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`member`; `minor` is what they own today, of which dues are taken when it is carried out. Raises NotFound."""
    member = asked.member(group, facts)
    own = books.balances(group, member=member)
    return {"member": member.pk, "minor": own["SAVINGS"] + own["SHARES"] + own["ADVANCE"]}


def concerns_member(group: ChamaGroup, facts: Facts) -> set[int]:
    """The member it is about."""
    return {asked.member(group, facts).pk}


def describe_exit(group: ChamaGroup, facts: Facts) -> str:
    """Who leaves."""
    return str(_("Settle with %(who)s, who leaves the group") % {"who": asked.called(asked.member(group, facts))})


@transaction.atomic
def carry_out_exit(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay a member out and let them go. Welfare and the merry-go-round are not taken along; open dues lapse.

    Raises NotYet naming what stands in the way, NotFound for who has left, and what moving money raises.
    """
    member = asked.member(group, facts)
    books.hold_payee(member)
    held = books.locked(group)
    rows = Membership.objects.active().select_for_update(no_key=True, of=("self",))
    member = rows.select_related("group", "user", "account__owner").get(pk=member.pk)
    # Anybody may pay a loan back by its reference, and waits for no account of who borrowed.
    list(GroupLoan.objects.select_for_update(no_key=True).filter(member=member, status=GroupLoanStatus.ACTIVE))
    if codes := hindrances(member, at=at):
        raise NotYet(_("They cannot leave yet. No money moved. See what stands in the way."), because=codes)
    done = settlement_of(member, at=at)
    receipt = new_receipt()
    changes = _changes(member, done)
    net = Money(done.net, held.currency)
    if changes:
        books.move(
            group=held,
            changes=changes,
            kind=EntryKind.EXIT,
            line=TransactionType.PAYOUT,
            reference=f"chama/{held.pk}/exit/{member.pk}",
            quoted=receipt,
            action="chamas.member.settled",
            movements=[accounts.into(member.account, net, held.name, category="group")] if net else [],
            by=by,
            at=at,
        )
    _close_rows(member, at)
    MEMBERSHIP.make(member, MembershipStatus.LEFT, left_at=at)
    audit_trail.record("chamas.member.left", on=held, by=by, at=at, after={"net": str(net)}, customer=member.user)
    events.publish(MemberLeft(group_id=held.pk, member_id=member.pk, user_id=member.user_id))
    return receipt


def _changes(member: Membership, done: Settlement) -> list[Change]:
    rows = (
        (FundKind.SAVINGS, -done.savings, None),
        (FundKind.SHARES, -done.shares, None),
        (FundKind.ADVANCE, -done.ahead, None),
        (FundKind.LOANS, done.principal, EntryKind.LOAN_REPAYMENT),
        (FundKind.RESERVE, done.interest, EntryKind.LOAN_INTEREST),
        (FundKind.RESERVE, done.fee, EntryKind.EXIT_FEE),
        (FundKind.FINES, done.fines, EntryKind.FINE),
    )
    return [Change(fund, Money(minor, member.group.currency), member, kind) for fund, minor, kind in rows if minor]


def _close_rows(member: Membership, at: datetime) -> None:
    """What the settlement paid is paid, what fell due is not owed any more."""
    for loan in GroupLoan.objects.filter(member=member, status=GroupLoanStatus.ACTIVE):
        repay_loan.close(loan, at)
    GroupLoan.objects.filter(member=member, status=GroupLoanStatus.ASKED).update(
        status=GroupLoanStatus.CANCELLED, over_at=at
    )
    for fine in Fine.objects.filter(member=member, status=FineStatus.OPEN):
        Fine.objects.filter(pk=fine.pk).update(paid_minor=fine.amount_minor, status=FineStatus.PAID, over_at=at)
    unpaid = Contribution.objects.unpaid().filter(member=member)
    unpaid.update(status=ContributionStatus.WAIVED, settled_at=at)
    LeaveNotice.objects.filter(member=member, withdrawn_at=None).update(settled_at=at)
