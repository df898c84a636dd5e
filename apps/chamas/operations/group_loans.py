"""Table banking: asked for, guaranteed, decided by the group and paid out of the pot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid, NotYet, OverTheLimit
from apps.chamas.events import GuaranteeDeclined
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    FundKind,
    GroupGuarantee,
    GroupLoan,
    GroupLoanRow,
    GroupLoanStatus,
    Membership,
)
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.propose import in_force
from apps.chamas.policies import NOT_THERE
from apps.chamas.references import new_loan_reference, new_receipt
from apps.chamas.rules import loan as rules
from apps.chamas.states import GROUP_LOAN
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import Money
from apps.users.models import User


@transaction.atomic
def ask_loan(
    *,
    group: ChamaGroup,
    amount: Money,
    months: int,
    guarantors: Sequence[int],
    key: str,
    by: User,
    at: datetime,
    purpose: str = "",
) -> GroupLoan:
    """Ask the group for a loan; guarantors (ids of members) must agree before it is decided. Once per `key`.

    Raises NotFound, NotAllowed for guarantors who may not be, Invalid, OverTheLimit, AlreadyDone while one is open,
    NotYet for who has not brought back what the group lost by them.
    """
    held = books.kept_open(group)
    member = policies.membership(by, held)
    earlier = GroupLoan.objects.filter(member=member, key=key[:120]).first()
    if earlier is not None:
        return earlier
    _require_made_good(member)
    version = in_force(held)
    terms = version.terms
    if amount.minor <= 0 or amount.currency != held.currency or not 1 <= months <= terms.loan_most_months:
        raise Invalid(
            _("Ask for an amount and for months that the group lends. Nothing was done."), errors={"amount": ["bounds"]}
        )
    _require_within(member, amount.minor, terms.loan_multiple)
    stand = list(Membership.objects.voters().filter(group=held, pk__in=set(guarantors) - {member.pk}))
    if len(stand) < terms.loan_guarantors or len(stand) != len(set(guarantors)):
        raise NotAllowed(
            _("The group asks for %(count)s other members as guarantors. Nothing was done.")
            % {"count": terms.loan_guarantors}
        )
    loan = GroupLoan(
        group=held,
        member=member,
        version=version,
        reference=new_loan_reference(),
        purpose=purpose[:140],
        principal_minor=amount.minor,
        currency=amount.currency,
        left_minor=amount.minor,
        rate_bps=terms.loan_rate_bps,
        months=months,
        key=key[:120],
        asked_at=at,
    )
    try:
        with transaction.atomic():
            loan.save()
    except IntegrityError as no:
        raise AlreadyDone(_("You have a loan of this group, or wait for one. Nothing was done.")) from no
    GroupGuarantee.objects.bulk_create(GroupGuarantee(loan=loan, member=one) for one in stand)
    audit_trail.record("chamas.loan.asked", on=loan, by=by, at=at, after={"amount": str(amount)}, customer=by)
    return loan


def not_made_good(member: Membership) -> GroupLoan | None:
    """A loan that the group lost by this person and that is not all back: until then they borrow nothing here."""
    rows = GroupLoan.objects.filter(group=member.group_id, member__user=member.user_id)
    return rows.filter(written_off_minor__gt=F("recovered_minor")).first()


def _require_made_good(member: Membership) -> None:
    lost = not_made_good(member)
    if lost is not None:
        raise NotYet(
            _("The group wrote off a loan of yours. Pay back %(left)s by %(reference)s first. Nothing was done.")
            % {"left": lost.not_back, "reference": lost.reference}
        )


def _require_within(member: Membership, minor: int, multiple: int) -> None:
    most = rules.limit(books.balances(member.group, member=member)["SAVINGS"], multiple)
    if minor > most:
        raise OverTheLimit(
            _("The group lends them at most %(most)s, by their savings. No money moved.")
            % {"most": Money(most, member.group.currency)},
            most_minor=most,
        )


@transaction.atomic
def agree_to_guarantee(*, loan: GroupLoan, by: User, at: datetime) -> GroupGuarantee:
    """Stand for a loan, by one's own word, while it waits. Raises NotFound, AlreadyDone."""
    row = _unanswered(loan, by)
    row.agreed_at = at
    row.save(update_fields=["agreed_at"])
    audit_trail.record("chamas.loan.guaranteed", on=row.loan, by=by, at=at, customer=by)
    return row


@transaction.atomic
def decline_guarantee(*, loan: GroupLoan, by: User, at: datetime) -> GroupGuarantee:
    """Say no to standing for a loan that waits; the borrower hears it and asks anew with others.

    Raises NotFound, AlreadyDone.
    """
    row = _unanswered(loan, by)
    row.declined_at = at
    row.save(update_fields=["declined_at"])
    audit_trail.record("chamas.loan.not_guaranteed", on=row.loan, by=by, at=at, customer=by)
    events.publish(GuaranteeDeclined(group_id=row.loan.group_id, guarantee_id=row.pk))
    return row


def _unanswered(loan: GroupLoan, by: User) -> GroupGuarantee:
    """One's own part of a loan that waits, locked. Raises NotFound, AlreadyDone."""
    rows = GroupGuarantee.objects.select_for_update(of=("self",), no_key=True).select_related("loan")
    row = rows.filter(loan=loan, member__user_id=by.pk, member__status="ACTIVE").first()
    if row is None:
        raise NotFound(NOT_THERE)
    if row.loan.status != GroupLoanStatus.ASKED or row.agreed_at is not None or row.declined_at is not None:
        raise AlreadyDone(_("You have answered, or the loan does not wait any more. Nothing was done."))
    return row


@transaction.atomic
def cancel_loan(*, loan: GroupLoan, by: User, at: datetime) -> GroupLoan:
    """Ask no more, before it is paid out. Raises NotFound, IllegalMove."""
    if loan.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    GROUP_LOAN.make(loan, GroupLoanStatus.CANCELLED, over_at=at)
    audit_trail.record("chamas.loan.cancelled", on=loan, by=by, at=at, customer=by)
    return loan


def free_savings(member: Membership) -> int:
    """Savings that neither one's own loan nor a guarantee needs (minor units)."""
    savings = books.balances(member.group, member=member)["SAVINGS"]
    own = GroupLoan.objects.filter(member=member, status=GroupLoanStatus.ACTIVE).first()
    needed = rules.needed_savings(own.left_minor, own.version.terms.loan_multiple) if own else 0
    stands = [GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE]  # from their word on, or nothing is behind the loan
    for row in GroupGuarantee.objects.filter(
        member=member, agreed_at__isnull=False, loan__status__in=stands
    ).select_related("loan"):
        needed += -(-row.loan.left_minor // max(row.loan.guarantees.count(), 1))
    return max(savings - needed, 0)


# ---- paid out by an act ----


def read_loan(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`loan`; completes `minor`. Raises Invalid, NotFound, AlreadyDone, NotYet, OverTheLimit."""
    loan = asked.row(GroupLoan.objects.select_related("member__group", "version"), facts, "loan", group=group)
    _require_ready(loan)
    return {"loan": loan.pk, "minor": loan.principal_minor}


def _require_ready(loan: GroupLoan) -> None:
    if loan.status != GroupLoanStatus.ASKED:
        raise AlreadyDone(_("This loan was paid out, or is not wanted any more. No money moved."))
    if loan.guarantees.filter(declined_at__isnull=False).exists():
        raise NotYet(_("A guarantor said no. No money moved. Take it back and ask again with somebody else."))
    if loan.guarantees.filter(agreed_at=None).exists():
        raise NotYet(_("Not every guarantor has agreed. No money moved."))
    _require_within(loan.member, loan.principal_minor, loan.version.terms.loan_multiple)


def concerns_loan(group: ChamaGroup, facts: Facts) -> set[int]:
    """Who borrows."""
    return {asked.row(GroupLoan.objects.all(), facts, "loan", group=group).member_id}


def describe_loan(group: ChamaGroup, facts: Facts) -> str:
    """How much, to whom, for how long."""
    loan = asked.row(GroupLoan.objects.select_related("member__user"), facts, "loan", group=group)
    words = {"amount": loan.principal, "who": asked.called(loan.member), "months": loan.months}
    return str(_("Lend %(amount)s to %(who)s for %(months)s months") % words)


@transaction.atomic
def lend(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay a loan out of the pot and plan its instalments. Raises what `read_loan` and moving money raise."""
    rows = GroupLoan.objects.select_related("member__account__owner", "member__group", "member__user", "version")
    loan = asked.row(rows, facts, "loan", group=group)
    books.hold_payee(loan.member)
    held = books.locked(group)
    loan = rows.select_for_update(of=("self",), no_key=True).get(pk=loan.pk)
    _require_ready(loan)
    receipt = new_receipt()
    books.move(
        group=held,
        changes=[Change(FundKind.LOANS, -loan.principal, loan.member)],
        kind=EntryKind.LOAN,
        line=TransactionType.PAYOUT,
        reference=f"chama/{held.pk}/loan/{loan.pk}",
        quoted=receipt,
        action="chamas.loan.paid_out",
        movements=[accounts.into(loan.member.account, loan.principal, held.name, category="group")],
        note=loan.purpose,
        by=by,
        at=at,
    )
    GROUP_LOAN.make(loan, GroupLoanStatus.ACTIVE, paid_out_at=at)
    plan = rules.instalments(loan.principal_minor, rate_bps=loan.rate_bps, months=loan.months, on=local_date(at))
    write_rows(loan, plan, after=0)
    return receipt


def write_rows(loan: GroupLoan, plan: Sequence[rules.Instalment], *, after: int) -> None:
    """Instalments of a plan, numbered on from `after`."""
    GroupLoanRow.objects.bulk_create(
        GroupLoanRow(
            loan=loan,
            number=after + row.number,
            due_on=row.due_on,
            principal_minor=row.principal,
            interest_minor=row.interest,
        )
        for row in plan
    )
