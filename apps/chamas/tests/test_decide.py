"""Decisions: nobody pays themselves, one officer counts once, a late vote counts not at all, and it is done once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.accounts.testing import balance_of, kes
from apps.chamas import acts, operations
from apps.chamas.errors import AlreadySaid, GroupNotOpen, Invalid, NoSay
from apps.chamas.models import EntryKind, FundKind, GroupEntry, GroupRole, Membership, Proposal, SignOff, Vote
from apps.chamas.operations.books import Change, balances, move
from apps.chamas.testing import join, make_forming, make_group, make_person, member_of, proved, sign
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.users.errors import StepUpRequired

pytestmark = pytest.mark.django_db


def _pay(group, facts, *, key, by, at):
    member = Membership.objects.select_related("account", "user").get(pk=facts["member"])
    amount = kes(str(facts["minor"] // 100))
    rows = move(
        group=group,
        changes=[Change(FundKind.WELFARE, -amount, member)],
        kind=EntryKind.WELFARE_CLAIM,
        line=TransactionType.PAYOUT,
        reference=f"test/{key}",
        quoted="P1",
        action="chamas.welfare.paid",
        movements=[accounts.into(member.account, amount, "Umoja")],
        by=by,
        at=at,
    )
    return rows[0].reference


@pytest.fixture(autouse=True)
def payout(monkeypatch):
    """An act that pays somebody out of the welfare fund."""
    monkeypatch.setitem(
        acts._acts,
        "PAY",
        acts.Act(
            code="PAY",
            name="Pay",
            read=lambda _group, facts: {"member": facts["member"], "minor": facts["minor"]},
            concerns=lambda _group, facts: {facts["member"]},
            describe=lambda _group, facts: str(facts),
            carry_out=_pay,
        ),
    )


def fill(group, amount="1000"):
    member = member_of(group, "CHAIR")
    move(
        group=group,
        changes=[Change(FundKind.WELFARE, kes(amount), member)],
        kind=EntryKind.MOVED,
        line=TransactionType.CONTRIBUTION,
        reference=f"test/fill/{group.pk}",
        quoted="F1",
        action="chamas.contribution.paid",
        movements=[accounts.out_of(member.account, kes(amount), "Umoja")],
        by=member.user,
        at=now(),
    )


def ask(group, to, amount="300", *, by="SECRETARY", key="1", at=None):
    facts = {"member": to.pk, "minor": kes(amount).minor}
    asker = member_of(group, by).user
    return operations.propose(group=group, act="PAY", facts=facts, by=asker, at=at or now(), key=key)


def approve(proposal, role, at=None):
    who = member_of(proposal.group, role).user
    return sign(proposal, who, at=at)


def test_two_officers_pay_a_member_and_one_of_them_twice_does_not():
    group = make_group()
    fill(group)
    proposal = ask(group, member_of(group, "MEMBER"))
    assert ask(group, member_of(group, "MEMBER")) == proposal
    assert approve(proposal, "CHAIR").status == "OPEN"
    with pytest.raises(AlreadySaid):
        approve(proposal, "CHAIR")
    assert not proposal.group.entries.filter(kind="WELFARE_CLAIM").exists()
    done = approve(proposal, "TREASURER")
    assert (done.status, done.reference) == ("CARRIED_OUT", "P1")
    assert balance_of(member_of(group, "MEMBER").account) == "50300.00"
    with pytest.raises(NoSay):
        approve(proposal, "SECRETARY")
    assert_books_balance()


def test_nobody_signs_their_own_payout_and_no_member_signs_for_an_officer():
    group = make_group()
    fill(group)
    proposal = ask(group, member_of(group, "TREASURER"), by="TREASURER")
    with pytest.raises(NoSay):
        approve(proposal, "TREASURER")
    with pytest.raises(NotAllowed):
        approve(proposal, "MEMBER")
    with pytest.raises(NotFound):
        operations.sign_off(proposal=proposal, is_approval=True, by=make_person(), at=now())
    approve(proposal, "CHAIR")
    assert approve(proposal, "SECRETARY").status == "CARRIED_OUT"


def test_the_database_itself_knows_who_has_a_say():
    group, other = make_group(), make_group()
    proposal = ask(group, member_of(group, "TREASURER"))
    for member in (member_of(group, "TREASURER"), member_of(group, "MEMBER"), member_of(other, "CHAIR")):
        with pytest.raises(IntegrityError, match="has no say"), transaction.atomic():
            SignOff.objects.create(proposal=proposal, member=member, is_approval=True, at=now())
    with pytest.raises(IntegrityError, match="has no say"), transaction.atomic():
        Vote.objects.create(
            proposal=proposal, member=member_of(group, "CHAIR"), choice="YES", at=proposal.closes_at + timedelta(1)
        )
    Proposal.objects.filter(pk=proposal.pk).update(status="REJECTED", decided_at=now())
    with pytest.raises(IntegrityError, match="has no say"), transaction.atomic():
        SignOff.objects.create(proposal=proposal, member=member_of(group, "CHAIR"), is_approval=True, at=now())


def test_money_leaves_by_a_name_that_was_proved_for_this_proposal_and_its_amount():
    group = make_group()
    fill(group)
    first, second = (ask(group, member_of(group, "MEMBER"), key=key) for key in "12")
    chair = member_of(group, "CHAIR").user
    for proof in (None, "not-a-proof", proved(second, chair, at=now())):
        with pytest.raises(StepUpRequired):
            operations.sign_off(proposal=first, is_approval=True, by=chair, at=now(), challenge_id=proof)
    assert not SignOff.objects.exists()
    held = proved(first, chair, at=now())
    with pytest.raises(StepUpRequired):
        operations.sign_off(
            proposal=first, is_approval=True, by=member_of(group, "TREASURER").user, at=now(), challenge_id=held
        )
    assert operations.sign_off(proposal=first, is_approval=True, by=chair, at=now(), challenge_id=held).status == "OPEN"
    assert "300" in messages_to(str(chair.phone))[-1].body
    with pytest.raises(AlreadySaid):
        operations.challenge_sign_off(proposal=first, by=chair, at=now())
    with pytest.raises(NoSay):
        operations.challenge_sign_off(
            proposal=ask(group, member_of(group, "SECRETARY"), key="3"), by=member_of(group, "SECRETARY").user, at=now()
        )
    with pytest.raises(NotAllowed):
        operations.challenge_sign_off(proposal=second, by=member_of(group, "MEMBER").user, at=now())
    assert_books_balance()


def test_an_officers_no_ends_it_with_a_reason():
    group = make_group()
    fill(group)
    proposal = ask(group, member_of(group, "MEMBER"))
    who = member_of(group, "CHAIR").user
    with pytest.raises(Invalid):
        operations.sign_off(proposal=proposal, is_approval=False, by=who, at=now())
    ended = operations.sign_off(proposal=proposal, is_approval=False, by=who, at=now(), because="No claim was shown")
    assert ended.status == "REJECTED"
    with pytest.raises(NoSay):
        approve(proposal, "TREASURER")


def test_much_money_needs_the_members_as_well():
    group = make_group(vote_above_minor=50_000)
    fill(group)
    assert not ask(group, member_of(group, "MEMBER"), "500").is_voted_on
    proposal = ask(group, member_of(group, "MEMBER"), "501", key="2")
    approve(proposal, "CHAIR")
    assert approve(proposal, "TREASURER").status == "OPEN"
    for role in ("CHAIR", "SECRETARY"):
        assert (
            operations.vote(proposal=proposal, choice="YES", by=member_of(group, role).user, at=now()).status == "OPEN"
        )
    own = member_of(group, "MEMBER")
    with pytest.raises(NoSay):
        operations.vote(proposal=proposal, choice="YES", by=own.user, at=now())
    with pytest.raises(AlreadySaid):
        operations.vote(proposal=proposal, choice="NO", by=member_of(group, "CHAIR").user, at=now())
    last = operations.vote(proposal=proposal, choice="YES", by=member_of(group, "TREASURER").user, at=now())
    assert last.status == "CARRIED_OUT"


def test_a_vote_after_the_deadline_counts_not_at_all_and_without_a_quorum_nothing_is_decided():
    group = make_group(vote_above_minor=1)
    proposal = ask(group, member_of(group, "MEMBER"))
    operations.vote(proposal=proposal, choice="YES", by=member_of(group, "CHAIR").user, at=now())
    late = proposal.closes_at + timedelta(seconds=1)
    with pytest.raises(NoSay):
        operations.vote(proposal=proposal, choice="YES", by=member_of(group, "SECRETARY").user, at=late)
    assert operations.settle_due(at=late) == 1
    proposal.refresh_from_db()
    assert proposal.status == "LAPSED"
    assert operations.settle_due(at=late) == 0


def test_who_left_counts_neither_as_a_voter_nor_by_the_vote_they_gave():
    group = make_group(members=6, vote_above_minor=1)
    proposal = ask(group, member_of(group, "CHAIR"))
    gone, *rest = Membership.objects.active().filter(group=group, role="MEMBER").order_by("number")
    for one in (gone, rest[0]):
        operations.vote(proposal=proposal, choice="YES", by=one.user, at=now())
    Membership.objects.filter(pk=gone.pk).update(status="LEFT", left_at=now())
    operations.settle_due(at=proposal.closes_at + timedelta(seconds=1))
    proposal.refresh_from_db()
    assert proposal.status == "LAPSED"  # one of four took part


def test_what_was_agreed_on_and_cannot_be_paid_waits_with_its_reason_and_is_tried_again():
    group = make_group()
    proposal = ask(group, member_of(group, "MEMBER"))
    approve(proposal, "CHAIR")
    waiting = approve(proposal, "TREASURER")
    assert waiting.status == "PASSED"
    assert "No money moved" in waiting.because
    assert not GroupEntry.objects.exists()
    fill(group)
    again = operations.carry_out_again(proposal=proposal, by=member_of(group, "SECRETARY").user, at=now())
    assert (again.status, again.because, balances(group)["WELFARE"]) == ("CARRIED_OUT", "", 70_000)
    with pytest.raises(NoSay):
        operations.carry_out_again(proposal=proposal, by=member_of(group, "SECRETARY").user, at=now())


def test_what_nobody_signs_in_time_lapses_and_its_maker_may_take_it_back_before():
    group = make_group()
    first, second = (ask(group, member_of(group, "MEMBER"), key=key) for key in "12")
    with pytest.raises(NotAllowed):
        operations.withdraw_proposal(proposal=second, by=member_of(group, "CHAIR").user, at=now())
    operations.withdraw_proposal(proposal=second, by=member_of(group, "SECRETARY").user, at=now())
    with pytest.raises(IllegalMove):
        operations.withdraw_proposal(proposal=second, by=member_of(group, "SECRETARY").user, at=now())
    operations.settle_due(at=first.lapses_at + timedelta(seconds=1))
    first.refresh_from_db()
    assert first.status == "LAPSED"


def test_strangers_auditors_and_groups_that_have_not_begun_decide_nothing():
    group = make_group()
    auditor = join(group, role=GroupRole.MEMBER)
    Membership.objects.filter(pk=auditor.pk).update(role="AUDITOR")
    facts = {"member": auditor.pk, "minor": 100}
    with pytest.raises(NotAllowed):
        operations.propose(group=group, act="PAY", facts=facts, by=auditor.user, at=now(), key="1")
    with pytest.raises(NotFound):
        operations.propose(group=group, act="PAY", facts=facts, by=make_person(), at=now(), key="1")
    with pytest.raises(NotFound):
        operations.propose(group=group, act="NOTHING", facts=facts, by=group.created_by, at=now(), key="1")
    forming = make_forming()
    with pytest.raises(GroupNotOpen):
        operations.propose(group=forming, act="PAY", facts=facts, by=forming.created_by, at=now(), key="1")


def test_the_rules_and_the_officers_change_by_vote_alone():
    group = make_group()
    version = operations.propose_constitution(
        group=group, rules={"savings_minor": 200_000}, by=group.created_by, at=now()
    )
    member = member_of(group, "MEMBER")
    asked = [
        operations.propose(group=group, act=act, facts=facts, by=group.created_by, at=now(), key=act)
        for act, facts in (
            ("AMENDMENT", {"version": version.version}),
            ("ROLE", {"member": member.pk, "role": "TREASURER"}),
        )
    ]
    assert [one.majority_bps for one in asked] == [6_667, 5_001]
    for proposal in asked:
        with pytest.raises(NoSay):
            approve(proposal, "CHAIR")
        for one in Membership.objects.active().filter(group=group).exclude(role="SECRETARY")[:4]:
            proposal.refresh_from_db()
            if proposal.status == "OPEN":
                operations.vote(proposal=proposal, choice="YES", by=one.user, at=now())
        proposal.refresh_from_db()
        assert proposal.status == "CARRIED_OUT"
    assert operations.in_force(group) == version
    member.refresh_from_db()
    assert member.role == "TREASURER"
    with pytest.raises(Invalid):
        operations.propose(
            group=group, act="AMENDMENT", facts={"version": version.version}, by=group.created_by, at=now(), key="again"
        )


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_sign_at_once_pay_once():
    group = make_group()
    fill(group)
    proposal = ask(group, member_of(group, "MEMBER"))
    answers = at_once(*[lambda role=role: approve(proposal, role) for role in ("CHAIR", "TREASURER", "SECRETARY")])
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    proposal.refresh_from_db()
    assert proposal.status == "CARRIED_OUT"
    assert balances(group)["WELFARE"] == 70_000
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_is_one_proposal():
    group = make_group()
    member = member_of(group, "MEMBER")
    answers = at_once(*[lambda: ask(group, member)] * 4)
    assert {answer.pk for answer in answers} == {Proposal.objects.get().pk}
