"""Makers of groups for tests on this floor and above; every shilling comes through the operations."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.db.models import F
from PIL import Image

from apps.accounts.testing import make_account
from apps.chamas import acts, operations
from apps.chamas.models import (
    ChamaGroup,
    Cycle,
    GroupLoan,
    GroupPaper,
    GroupRole,
    Membership,
    Proposal,
    ProposalStatus,
    SignOff,
)
from apps.chamas.models.constitution import VersionStatus
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.notifications.testing import code_sent_to
from apps.users import operations as people
from apps.users.models import User
from apps.users.queries import system_user

RULES: dict[str, Any] = {
    "savings_minor": 100_000,
    "welfare_minor": 20_000,
    "late_fine_minor": 5_000,
    "absent_fine_minor": 10_000,
    "welfare_claims": {"Bereavement": 500_000},
    "share_price_minor": 50_000,
}


def make_person(*, balance: str = "50000") -> User:
    """A customer with money on the account."""
    return make_account(balance=balance).owner


def make_forming(*, chair: User | None = None, **rules: Any) -> ChamaGroup:
    """A group with its chair alone."""
    by = chair or make_person()
    return operations.found_group(name="Umoja Women", kind="SAVINGS", rules={**RULES, **rules}, by=by, at=now())


def join(group: ChamaGroup, *, balance: str = "50000", role: str = GroupRole.MEMBER) -> Membership:
    """Somebody who asked by the code, was taken in by the chair, and accepted the rules; with a role, if given."""
    person, chair = make_person(balance=balance), group.created_by
    member = operations.ask_to_join(join_code=group.join_code, by=person, at=now())
    operations.decide_on_asker(member=member, take_in=True, by=chair, at=now())
    if role != GroupRole.MEMBER:
        operations.give_role(member=member, role=role, by=chair, at=now())
    version = group.versions.filter(status__in=[VersionStatus.PROPOSED, VersionStatus.IN_FORCE]).latest("version")
    operations.accept_constitution(version=version, by=person, at=now())
    return member


def make_group(*, members: int = 5, chair: User | None = None, verified: bool = False, **rules: Any) -> ChamaGroup:
    """A group that has begun, of this many people: chair, treasurer, secretary and members."""
    group = make_forming(chair=chair, **rules)
    if verified:
        ChamaGroup.objects.filter(pk=group.pk).update(is_verified=True)
        group.refresh_from_db()
    for role in [GroupRole.TREASURER, GroupRole.SECRETARY, *[GroupRole.MEMBER] * (members - 3)]:
        join(group, role=role)
    return operations.begin(group=group, by=group.created_by, at=now())


def member_of(group: ChamaGroup, role: str) -> Membership:
    """The first of the group's members with a role."""
    return (
        Membership.objects.active()
        .select_related("user", "account", "group")
        .filter(group=group, role=role)
        .order_by("number")[0]
    )


def open_next(group: ChamaGroup) -> Cycle:
    """The group's next cycle, opened on the first day it can be."""
    last = Cycle.objects.filter(group=group).order_by("-number").first()
    day = (last.ends_on if last else local_date(now())) + timedelta(days=1)
    while True:
        if cycle := operations.open_cycle(group=group, day=day, at=day_start(day)):
            return cycle
        day += timedelta(days=1)


_NAMED = ("_INVESTMENT", "_OFF_LOAN")


def decide(code: str, group: ChamaGroup, facts: dict[str, Any], *, at: datetime, key: str = "1") -> str:
    """Carry an act out as decided, by the bank; what it asks for is read and completed first.

    It has its proposal with the names of two officers under it, as the audit asks of what leaves, is valued, sold or
    lost.
    """
    act = acts.act(code)
    said = act.read(group, facts)
    assert act.describe(group, said)
    row = _agreed(act, group, said, at) if "minor" in said or code.endswith(_NAMED) else None
    try:
        reference = act.carry_out(group, said, key=key, by=system_user(), at=at)
    except DomainError:
        _ended(row, at, status=ProposalStatus.LAPSED)
        raise
    _ended(row, at, status=ProposalStatus.CARRIED_OUT, reference=reference)
    return reference


def _agreed(act: acts.Act, group: ChamaGroup, said: dict[str, Any], at: datetime) -> Proposal:
    """A proposal that two officers have signed, whom it does not concern."""
    concerned = sorted(act.concerns(group, said))
    officers = list(Membership.objects.officers().filter(group=group).exclude(pk__in=concerned).order_by("number")[:2])
    row = Proposal.objects.create(
        group=group, act=act.code, facts=said, amount_minor=said.get("minor", 0), concerned=concerned,
        version=operations.in_force(group), is_voted_on=False, majority_bps=5_001, sign_offs_needed=2,
        made_by=officers[0], key=uuid.uuid4().hex, made_at=at, closes_at=at + timedelta(days=3),
        lapses_at=at + timedelta(days=10),
    )  # fmt: skip
    SignOff.objects.bulk_create(SignOff(proposal=row, member=one, is_approval=True, at=at) for one in officers)
    return row


def _ended(row: Proposal | None, at: datetime, **fields: Any) -> None:
    if row is not None:
        Proposal.objects.filter(pk=row.pk).update(decided_at=at, **fields)


def make_lost_loan(
    amount: str = "2000", *, days: int = 200, members: int = 5, rate: int = 1_000, **rules: Any
) -> GroupLoan:
    """A loan of two months to the last member, with the one before behind it, in a group where each saved 1000; the
    first instalment fell due so many days ago, and none was paid.
    """
    group = make_group(members=members, loan_guarantors=1, loan_rate_bps=rate, **rules)
    pay_all(open_next(group))
    *_others, stand, member = members_of(group)
    loan = operations.ask_loan(
        group=group, amount=Money.of(amount, "KES"), months=2, guarantors=[stand.pk], key="1", by=member.user, at=now()
    )
    operations.agree_to_guarantee(loan=loan, by=stand.user, at=now())
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now())
    first = loan.rows.order_by("number")[0].due_on
    loan.rows.update(due_on=F("due_on") - (first - local_date(now()) + timedelta(days=days)))
    GroupLoan.objects.filter(pk=loan.pk).update(paid_out_at=now() - timedelta(days=days + 31))
    return GroupLoan.objects.select_related("group", "member__user", "member__account").get(pk=loan.pk)


def picture(colour: str = "white") -> bytes:
    """A photo, large enough to be read."""
    out = BytesIO()
    Image.new("RGB", (300, 300), colour).save(out, "JPEG")
    return out.getvalue()


def bring_paper(group: ChamaGroup, kind: str = "INVESTMENT", *, at: datetime | None = None) -> GroupPaper:
    """A paper of the group, brought by its chair."""
    chair = member_of(group, "CHAIR").user
    raw = picture({"REGISTRATION": "red", "CONSTITUTION": "green"}.get(kind, "white"))
    return operations.bring_paper(group=group, kind=kind, raw=raw, name="x.jpg", by=chair, at=at or now())


def members_of(group: ChamaGroup) -> list[Membership]:
    """All members of now, by number."""
    return list(
        Membership.objects.active().filter(group=group).select_related("user", "account", "group").order_by("number")
    )


def pay_all(cycle: Cycle, *, but: Iterable[Membership] = (), at: datetime | None = None) -> None:
    """Everybody pays what they owe for a cycle, but those named."""
    left_out = {one.pk for one in but}
    rows = cycle.contributions.select_related("member__user", "member__account", "member__group").order_by("pk")
    for row in rows:
        if row.member_id not in left_out and row.open_minor:
            operations.contribute(
                member=row.member,
                amount=Money(row.open_minor, row.currency),
                key=f"cycle/{cycle.pk}",
                by=row.member.user,
                at=at or cycle.opened_at + timedelta(hours=9),
            )


def proved(proposal: Proposal, officer: User, *, at: datetime) -> Any:
    """An officer's answered challenge for signing money off."""
    row = operations.challenge_sign_off(proposal=proposal, by=officer, at=at, method="SMS")
    people.answer(challenge_id=row.pk, user=officer, answer=code_sent_to(str(officer.phone)), at=at)
    return row.pk


def sign(proposal: Proposal, officer: User, *, at: datetime | None = None) -> Proposal:
    """An officer's name to a proposal, with the proof that money out wants."""
    moment = at or now()
    challenge_id = proved(proposal, officer, at=moment) if proposal.amount_minor else None
    return operations.sign_off(proposal=proposal, is_approval=True, by=officer, at=moment, challenge_id=challenge_id)
