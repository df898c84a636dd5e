"""What a group may do before the bank knows it, and how two of the bank come to know it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.events import MoneyCameIn
from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.chamas import operations, subscribers
from apps.chamas.errors import AlreadyDone, Invalid, NotVerified, NotYet
from apps.chamas.models import ChamaGroup, GroupCheck, GroupEntry, GroupLimit
from apps.chamas.operations.books import balances
from apps.chamas.operations.within import allowances, limits
from apps.chamas.testing import bring_paper, decide, make_group, make_person, member_of, members_of, open_next, pay_all
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.users.models import User
from apps.users.operations.connections import declare_connection
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def limited(kind, amount, *, from_day=date(2026, 1, 2)):
    """A limit of groups that are not verified from a day on (minor units)."""
    return GroupLimit.objects.create(kind=kind, currency="KES", amount_minor=amount, valid_from=from_day, source="Test")


def complete(group):
    """All papers brought, and officers of tier 2."""
    for kind in ("REGISTRATION", "CONSTITUTION", "OFFICIALS"):
        bring_paper(group, kind)
    User.objects.filter(pk__in=[one.user_id for one in members_of(group)]).update(kyc_tier="TIER_2")
    return group


def handed_in(group):
    return operations.hand_in(group=complete(group), is_registered=True, by=group.created_by, at=now())


def test_what_is_missing_is_said_and_what_is_whole_is_handed_in_once():
    group = make_group(members=4)
    chair = group.created_by
    User.objects.filter(pk=chair.pk).update(kyc_tier="TIER_1")
    asked = {"group": group, "by": chair, "at": now()}
    with pytest.raises(NotYet, match="certificate of registration") as no:
        operations.hand_in(is_registered=True, **asked)
    assert set(no.value.facts["because"]) == {"REGISTRATION", "CONSTITUTION", "OFFICIALS", "officers_papers"}
    with pytest.raises(NotYet) as no:
        operations.hand_in(is_registered=False, **asked)
    assert "REGISTRATION" not in no.value.facts["because"]
    complete(group)
    row = operations.hand_in(is_registered=False, **asked)
    assert operations.hand_in(is_registered=True, **asked) == row
    assert sorted(row.papers.values_list("kind", flat=True)) == ["CONSTITUTION", "OFFICIALS"]
    with pytest.raises(NotAllowed):
        operations.hand_in(group=group, is_registered=True, by=member_of(group, "MEMBER").user, at=now())
    with pytest.raises(NotFound):
        operations.hand_in(group=group, is_registered=True, by=make_person(), at=now())


def test_two_of_the_bank_verify_it_and_its_limits_end():
    group = make_group(members=3)
    check = handed_in(group)
    first, second, other = make_staff("KYC_OFFICER"), make_staff("KYC_OFFICER"), make_staff("TELLER")
    with pytest.raises(NotAllowed):
        operations.ask_to_verify(check=check, reason="Seen", by=other, at=now())
    request = operations.ask_to_verify(check=check, reason="Seen", by=first, at=now())
    with pytest.raises(AlreadyDone):
        operations.ask_to_verify(check=check, reason="Seen", by=second, at=now())
    with pytest.raises(AlreadyDone):
        operations.refuse_papers(check=check, reason="No", by=second, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=first, at=now())
    approvals.approve(approval=request, by=second, at=now())
    group.refresh_from_db()
    assert (group.is_verified, allowances(group, on=local_date(now()))) == (True, [])
    deliver_events()
    assert "verified" in messages_to(str(group.created_by.phone))[-1].body
    with pytest.raises(AlreadyDone):
        operations.hand_in(group=group, is_registered=True, by=group.created_by, at=now())
    with pytest.raises(IllegalMove):
        operations.refuse_papers(check=check, reason="No", by=first, at=now())


def test_papers_that_will_not_do_are_said_why_and_handed_in_anew():
    group = make_group(members=3)
    check, staff = handed_in(group), make_staff("KYC_OFFICER")
    with pytest.raises(Invalid):
        operations.refuse_papers(check=check, reason=" ", by=staff, at=now())
    paper = check.papers.first()
    assert operations.look_at_handed_in(check=check, paper=paper, by=staff, at=now()).startswith(b"\xff\xd8")
    assert AuditLog.objects.filter(action="chamas.paper.looked_at", actor=staff).count() == 1
    with pytest.raises(NotFound):
        operations.look_at_handed_in(check=check, paper=bring_paper(group), by=staff, at=now())
    with pytest.raises(Invalid):
        operations.refuse_papers(check=check, reason="No", kinds=["INVESTMENT"], by=staff, at=now())
    User.objects.filter(pk=member_of(group, "SECRETARY").user_id).update(language="sw")
    operations.refuse_papers(check=check, reason="The list has no names", kinds=["OFFICIALS"], by=staff, at=now())
    deliver_events()
    assert "not accepted: List of officials." in messages_to(str(group.created_by.phone))[-1].body
    assert "Orodha ya viongozi" in messages_to(str(member_of(group, "SECRETARY").user.phone))[-1].body
    again = operations.hand_in(group=group, is_registered=True, by=group.created_by, at=now())
    assert again != check
    request = operations.ask_to_verify(check=again, reason="Seen", by=staff, at=now())
    approvals.send_back(approval=request, by=make_staff("KYC_OFFICER"), at=now(), reason="Look again")
    assert GroupCheck.objects.get(pk=again.pk).asked_by is None
    group.refresh_from_db()
    assert not group.is_verified


def test_nobody_of_the_bank_decides_on_a_group_they_were_ever_in():
    group = make_group(members=3)
    check, staff = handed_in(group), make_staff("KYC_OFFICER")
    type(member_of(group, "CHAIR")).objects.filter(group=group, role="SECRETARY").update(user=staff)
    for act in (operations.ask_to_verify, operations.refuse_papers):
        with pytest.raises(NotAllowed):
            act(check=check, reason="Seen", by=staff, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupCheck.objects.filter(pk=check.pk).update(
            status="APPROVED", asked_by=staff, decided_by=staff, decided_at=now()
        )


def test_nobody_of_the_bank_decides_on_a_group_that_somebody_near_them_is_in():
    group = make_group(members=4)
    check, kin, other = handed_in(group), make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    member = member_of(group, "MEMBER").user
    declare_connection(staff=kin, customer=member, kind="SELF", by=kin, at=now())
    for act in (operations.ask_to_verify, operations.refuse_papers):
        with pytest.raises(NotAllowed):
            act(check=check, reason="Seen", by=kin, at=now())
    with pytest.raises(NotAllowed):
        operations.look_at_handed_in(check=check, paper=check.papers.first(), by=kin, at=now())
    with pytest.raises(NotAllowed):
        operations.ask_restriction(group=group, restrict=True, reason="A quarrel", by=kin, at=now())
    for request in (
        operations.ask_to_verify(check=check, reason="Seen", by=other, at=now()),
        operations.ask_restriction(group=group, restrict=True, reason="A quarrel", by=other, at=now()),
    ):
        with pytest.raises(NotAllowed):
            approvals.approve(approval=request, by=kin, at=now())
    group.refresh_from_db()
    assert (group.is_verified, group.restricted_at) == (False, None)


# ---- limits ----


def test_the_newest_limit_of_a_day_that_has_come_is_in_force():
    today = local_date(now())
    assert limits("KES", on=today)["HELD"] == 500_000_00
    limited("HELD", 100, from_day=today)
    limited("HELD", None, from_day=today + timedelta(1))
    assert limits("KES", on=today)["HELD"] == 100
    assert limits("KES", on=today + timedelta(1))["HELD"] is None
    assert limits("USD", on=today) == {"HELD": None, "MONTH_OUT": None}


def test_a_group_holds_no_more_than_it_may_until_it_is_verified():
    group = make_group(members=3)
    limited("HELD", 250_000)
    first, second, third = members_of(group)
    pay_all(open_next(group), but=[third])
    with pytest.raises(NotVerified, match="Officers hand the papers in"):
        operations.contribute(member=third, amount=kes("101"), key="1", by=third.user, at=now())
    assert (sum(balances(group).values()), balance_of(third.account)) == (240_000, "50000.00")
    subscribers.use_money(
        MoneyCameIn(account_id=third.account_id, purpose=f"chama/{third.reference}", minor=120_000, currency="KES",
                    rail="mpesa", receipt="R1")
    )  # fmt: skip
    assert balance_of(third.account) == "50000.00"  # it stays there, and they are told
    deliver_events()
    assert "on your account" in messages_to(str(third.user.phone))[-1].body
    operations.contribute(member=third, amount=kes("100"), key="2", by=third.user, at=now())
    with pytest.raises(NotVerified):
        operations.buy_shares(group=group, count=1, key="1", by=first.user, at=now())
    ChamaGroup.objects.update(is_verified=True)
    operations.buy_shares(group=group, count=1, key="1", by=second.user, at=now())
    assert_books_balance()


def test_no_more_leaves_in_a_month_than_may():
    group = make_group(members=4)
    pay_all(open_next(group))
    limited("MONTH_OUT", 150_000)
    first, second, *_rest = members_of(group)
    decide("WITHDRAW_SAVINGS", group, {"member": first.pk, "minor": 100_000}, at=now(), key="1")
    with pytest.raises(NotVerified, match="next month"):
        decide("WITHDRAW_SAVINGS", group, {"member": second.pk, "minor": 50_001}, at=now(), key="2")
    assert balances(group)["SAVINGS"] == 300_000
    decide("WITHDRAW_SAVINGS", group, {"member": second.pk, "minor": 50_000}, at=now(), key="3")
    out = next(one for one in allowances(group, on=local_date(now())) if one.kind == "MONTH_OUT")
    assert (out.used, out.left) == (kes("1500"), kes("0"))
    decide("WITHDRAW_SAVINGS", group, {"member": second.pk, "minor": 50_000}, at=now() + timedelta(31), key="4")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_members_who_pay_at_once_do_not_bring_it_over_its_limit():
    group = make_group(members=5)
    limited("HELD", 300_000)
    acts = [
        lambda one=one: operations.contribute(member=one, amount=kes("1000"), key="1", by=one.user, at=now())
        for one in members_of(group)
    ]
    found = at_once(*acts)
    assert [type(one) for one in refusals(found)] == [NotVerified] * 2
    assert sum(row.amount_minor for row in GroupEntry.objects.filter(group=group)) == 300_000
    assert_books_balance()
