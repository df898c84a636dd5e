"""A group with something on each of its pages."""

from datetime import timedelta
from typing import Any

from apps.accounts.testing import kes, make_account
from apps.chamas import operations
from apps.chamas.models import (
    ChamaGroup,
    GroupEntry,
    GroupLoan,
    GroupPaper,
    GroupRole,
    Investment,
    Meeting,
    Membership,
    Proposal,
    Swap,
    Turn,
)
from apps.chamas.testing import RULES, bring_paper, decide, join, members_of, open_next, pay_all
from apps.kernel.clock import now
from apps.users.models import User

POSTS_ONLY = (
    *("chama-invitation", "chama-begin", "chama-cash", "chama-member", "chama-uninvite", "chama-dispute"),
    *("chama-meeting-act", "chama-vote", "chama-proposal-act", "chama-sign-code", "chama-round-act", "chama-swap"),
    *("chama-swap-answer", "chama-appeal", "chama-bank", "chama-papers-hand-in", "chama-roll", "chama-hear"),
    *("chama-confirm", "chama-swap-take-back", "chama-join-code"),
)


def make_circle(user: User) -> ChamaGroup:
    """Of this person as chair, treasurer after it began: savings, a loan, a round, meetings, disputes, proposals."""
    rules = RULES | {"rotation": "FIXED", "rotation_minor": 10_000, "other_fines": {"Phone rings": 5_000}}
    rules |= {"loan_guarantors": 1, "vote_above_minor": 10_000}
    name = "Kikundi cha Wanawake wa Umoja na Maendeleo ya Kariobangi"
    group = operations.found_group(name=name, kind="SAVINGS", rules=rules, by=user, at=now())
    for role in (GroupRole.TREASURER, GroupRole.SECRETARY, GroupRole.MEMBER, GroupRole.MEMBER):
        join(group, role=role)
    operations.begin(group=group, by=user, at=now())
    operations.start_round(group=group, by=user, at=now())
    cycle = open_next(group)
    pay_all(cycle, but=members_of(group)[:1], at=now())
    _invest(group)
    _decide(group, user)
    _meet(group, user)
    return group


def _decide(group: ChamaGroup, user: User) -> None:
    """A loan asked for, savings to be paid out, a row that is disputed, cash, a fine, a swap, somebody who asks."""
    chair, treasurer, secretary, one, other = members_of(group)
    asked: dict[str, Any] = {"group": group, "at": now(), "key": "1"}
    loan = operations.ask_loan(amount=kes("500"), months=2, guarantors=[chair.pk], by=one.user, **asked)
    operations.agree_to_guarantee(loan=loan, by=user, at=now())
    facts = {"member": other.pk, "minor": 20_000}
    operations.propose(act="WITHDRAW_SAVINGS", facts=facts, by=other.user, why="School fees", **asked)
    entry = GroupEntry.objects.filter(group=group, member=secretary)[0]
    operations.dispute_row(entry=entry, text="I paid more than that", by=one.user, at=now())
    operations.record_cash(member=chair, amount=kes("100"), key="1", by=treasurer.user, at=now())
    operations.give_fine(member=chair, why="NAMED", name="Phone rings", cause="x", by=treasurer.user, at=now())
    mine, theirs = Turn.objects.get(member=other), Turn.objects.get(member=one)
    operations.ask_swap(turn=mine, other=theirs, by=other.user, at=now())
    operations.invite(group=group, phone="0799123123", by=user, at=now())


def _invest(group: ChamaGroup) -> None:
    """Shares of a company that the group owns."""
    facts = {
        "kind": "SHARES",
        "name": "Safaricom PLC",
        "units": "20",
        "custodian": "CDSC",
        "custody_reference": "123/LI",
    }
    decide("BUY_INVESTMENT", group, facts | {"account": make_account().number, "minor": 40_000}, at=now())
    row = Investment.objects.get(group=group)
    bring_paper(group)
    told = {"investment": row.pk, "valued_on": str(row.bought_on), "value_minor": 44_000, "says": "CDSC"}
    decide("VALUE_INVESTMENT", group, told, at=now())


def _meet(group: ChamaGroup, user: User) -> None:
    """A meeting that was held, with minutes, and one to come."""
    at = now()
    meeting = operations.call_meeting(
        group=group, starts_at=at, place="Kariobangi", agenda=["Money", "Other"], by=user, at=at - timedelta(1)
    )
    people = {one.pk: "PRESENT" for one in members_of(group)}
    operations.hold_meeting(meeting=meeting, presences=people, by=user, at=at)
    operations.write_minutes(meeting=meeting, body="1. Money\n\nAll was well.", by=user, at=at)
    operations.call_meeting(
        group=group, starts_at=at + timedelta(7), place="Kariobangi", agenda=["Money"], by=user, at=at
    )


def pages_of(group: ChamaGroup) -> dict[str, list[Any]]:
    """The arguments of each page by its name."""
    loan, asked = GroupLoan.objects.get(group=group), Proposal.objects.get(group=group, act="WITHDRAW_SAVINGS")
    held = Meeting.objects.filter(group=group, status="HELD").latest("pk")
    called = Meeting.objects.filter(group=group, status="CALLED").latest("pk")
    entry = GroupEntry.objects.filter(disputes__isnull=False, group=group)[0]
    alone = ("group", "rules", "rules-new", "contribute", "mpesa", "members", "leave", "ledger", "loans", "loan-new")
    alone += ("meetings", "meeting-new", "approvals", "rounds", "fines", "shares", "statement", "investments", "papers")
    return {f"chama-{name}": [group.slug] for name in alone} | {
        "chama-found": ["table-banking"],
        "chama-row": [group.slug, entry.pk],
        "chama-loan": [group.slug, loan.reference],
        "chama-meeting": [group.slug, held.public_id],
        "chama-attendance": [group.slug, called.public_id],
        "chama-minutes": [group.slug, held.public_id],
        "chama-minutes-pdf": [group.slug, held.public_id],
        "chama-propose": [group.slug, "withdraw_savings"],
        "chama-proposal": [group.slug, asked.public_id],
        "chama-sign": [group.slug, asked.public_id],
        "chama-paper": [group.slug, GroupPaper.objects.get(group=group).public_id],
        "chama-investment": [group.slug, Investment.objects.get(group=group).public_id],
        "chama-sheet": [group.slug],
        "chama-loan-pay": [group.slug, loan.reference],
    }


def swap_of(group: ChamaGroup) -> Swap:
    """The one that waits."""
    return Swap.objects.get(asker__round__group=group)


def make_treasurer(group: ChamaGroup, user: User) -> Membership:
    """The person as treasurer instead."""
    own = Membership.objects.get(group=group, user=user)
    Membership.objects.filter(group=group, role="TREASURER").update(role="MEMBER")
    Membership.objects.filter(pk=own.pk).update(role="TREASURER")
    return own
