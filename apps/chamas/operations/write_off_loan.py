"""A loan that will not come back is written off by decision: what who borrowed has in the group pays first, and what is
then left of the principal is a loss of what was earned together (docs/decisions/0041).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, NotYet
from apps.chamas.events import GroupLoanWrittenOff
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    FundKind,
    GroupLoan,
    GroupLoanRow,
    GroupLoanStatus,
    GroupRepayment,
    Membership,
)
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.propose import in_force
from apps.chamas.operations.repay_loan import open_rows, owed_on, take
from apps.chamas.references import new_receipt
from apps.chamas.rules import loan as rules
from apps.chamas.states import GROUP_LOAN
from apps.kernel import events
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.users.models import User

LATE_FOR = timedelta(days=90)  # as the Central Bank counts a loan that is not performing; before, it may still come
_TAKEN = (FundKind.SAVINGS, FundKind.SHARES, FundKind.ADVANCE)  # what is theirs, in the order in which it pays


def lost_loans(group: ChamaGroup, *, on: date) -> QuerySet[GroupLoan]:
    """Running loans of the group of which an instalment is so late on a day that they may be written off."""
    unpaid = ~Q(paid_principal_minor=F("principal_minor"), paid_interest_minor=F("interest_minor"))
    late = GroupLoanRow.objects.filter(unpaid, loan=OuterRef("pk"), due_on__lte=on - LATE_FOR)
    return GroupLoan.objects.filter(Exists(late), group=group, status=GroupLoanStatus.ACTIVE)


def read_write_off(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`loan` and `reason`; completes `left_minor` with the principal left today. Raises Invalid, NotFound, AlreadyDone,
    NotYet for a loan that is not late enough.
    """
    loan = _loan(group, facts)
    _require_lost(loan, local_date(now()))
    return {"loan": loan.pk, "reason": asked.words(facts, "reason"), "left_minor": loan.left_minor}


def _loan(group: ChamaGroup, facts: Facts) -> GroupLoan:
    return asked.row(GroupLoan.objects.select_related("member__user", "group"), facts, "loan", group=group)


def _require_lost(loan: GroupLoan, today: date) -> None:
    if loan.status != GroupLoanStatus.ACTIVE:
        raise AlreadyDone(
            _("This loan does not run: it is paid back, written off or was never paid out. No money moved.")
        )
    if not lost_loans(loan.group, on=today).filter(pk=loan.pk).exists():
        raise NotYet(
            _("A loan is written off once an instalment is %(days)s days late. This one is not. No money moved.")
            % {"days": LATE_FOR.days}
        )


def concerns_write_off(group: ChamaGroup, facts: Facts) -> set[int]:
    """Who borrowed, and who stands for it, for it sets them free; but not these, when too few officers would be left to
    sign, or a group whose officers stand for each other could never decide.
    """
    loan = _loan(group, facts)
    stand = set(loan.guarantees.filter(agreed_at__isnull=False).values_list("member", flat=True))
    officers = Membership.objects.officers().filter(group=group).exclude(pk__in=stand | {loan.member_id})
    has_enough = officers.count() >= in_force(group).terms.sign_offs
    return {loan.member_id} | (stand if has_enough else set())


def describe_write_off(group: ChamaGroup, facts: Facts) -> str:
    """Whose, how much was left when it was proposed, and who pays it."""
    loan = _loan(group, facts)
    words = {
        "who": asked.called(loan.member),
        "reference": loan.reference,
        "left": Money(int(facts["left_minor"]), group.currency),
        "reason": facts["reason"],
    }
    said = _(
        "Write off loan %(reference)s of %(who)s, of which %(left)s is not paid back (%(reason)s). What they have in"
        " the group pays first; the rest all of you lose together, and who stands for it is free."
    )
    return str(said % words)


@transaction.atomic
def write_off_loan(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Close a running loan: savings, shares and what was paid ahead of who borrowed pay it as far as they go, as any
    payment does (interest before principal); what is left of the principal leaves the group's loans as a loss.

    Interest that is not paid was never in the books and is not owed any more; fines are. A loan that their own pays
    whole is paid back, and nothing is lost.
    Raises as `read_write_off`, and what moving money raises.
    """
    held = books.locked(group)
    member = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=_loan(held, facts).member_id)
    rows = GroupLoan.objects.select_for_update(of=("self",), no_key=True).select_related("member__user", "group")
    loan = rows.get(pk=_loan(held, facts).pk)
    today, receipt = local_date(at), new_receipt()
    _require_lost(loan, today)
    taken = _of_their_own(held, member, owed_on(loan, today).minor)
    own, plan = sum(taken.values()), open_rows(loan)
    parts, rest = rules.pay(own, plan, on=today)
    interest = sum(part.interest for part in parts)
    lost = loan.left_minor - (own - interest)
    moved = books.move(
        group=held,
        changes=_changes(loan, taken, interest, lost),
        kind=EntryKind.LOAN_REPAYMENT,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{held.pk}/written-off/{loan.pk}",
        quoted=receipt,
        action="chamas.loan.loss_shared",
        note=asked.words(facts, "reason"),
        by=by,
        at=at,
    )
    if own:
        take(loan, parts, rest, plan, today, at)
        GroupRepayment.objects.create(
            loan=loan, amount_minor=own, interest_minor=interest, currency=loan.currency, key=f"own/{key}"[:120],
            transfer_id=moved[0].transfer_id, at=at,
        )  # fmt: skip
    if lost:
        GROUP_LOAN.make(loan, GroupLoanStatus.WRITTEN_OFF, left_minor=0, written_off_minor=lost, over_at=at)
    _tell(loan, own, lost, receipt, str(facts.get("reason", "")), by, at)
    return receipt


def _of_their_own(group: ChamaGroup, member: Membership, owed: int) -> dict[FundKind, int]:
    """By fund, what a member's own pays of what is owed (minor units)."""
    there, taken = books.balances(group, member=member), {}
    for fund in _TAKEN:
        taken[fund] = min(there[fund], owed)
        owed -= taken[fund]
    return taken


def _changes(loan: GroupLoan, taken: dict[FundKind, int], interest: int, lost: int) -> list[Change]:
    rows = [
        *((fund, -minor, None) for fund, minor in taken.items()),
        (FundKind.LOANS, sum(taken.values()) - interest, None),
        (FundKind.RESERVE, interest, EntryKind.LOAN_INTEREST),
        (FundKind.LOANS, lost, EntryKind.LOAN_LOSS),
        (FundKind.RESERVE, -lost, EntryKind.LOAN_LOSS),
    ]
    return [Change(fund, Money(minor, loan.currency), loan.member, kind) for fund, minor, kind in rows if minor]


def _tell(loan: GroupLoan, own: int, lost: int, receipt: str, reason: str, by: User, at: datetime) -> None:
    after = {"own": str(Money(own, loan.currency)), "lost": str(Money(lost, loan.currency)), "reference": receipt}
    audit_trail.record(
        "chamas.loan.written_off", on=loan, by=by, at=at, after=after, reason=reason, customer=loan.member.user
    )
    events.publish(
        GroupLoanWrittenOff(group_id=loan.group_id, loan_id=loan.pk, own_minor=own, lost_minor=lost, reference=receipt)
    )
