"""A savings group of the customer's with something of everything in it."""

from datetime import timedelta
from typing import Any

from apps.accounts.testing import kes, make_account
from apps.chamas import operations
from apps.chamas.models import GroupEntry, Investment
from apps.chamas.testing import bring_paper, decide, make_group, member_of, members_of, open_next, pay_all
from apps.kernel.clock import now
from apps.users.models import User

MEMBERS_OF_A_BODY: dict[str, list[Any]] = {
    "member": [1, 2, 4],
    "guarantors": [[2], [2, 3]],
    "act": ["WITHDRAW_SAVINGS", "ROLE", "SHARE_OUT"],
    "kind": ["SAVINGS", "SACCO"],
    "vote": ["YES", "NO"],
    "count": [1, 2],
    "rules": [{"savings_minor": 100_000}, {"sign_offs": 1}, {"savings_minor": "x"}],
    "presence": ["PRESENT", "APOLOGY"],
}


def make_circle(chair: User) -> dict[str, Any]:
    """A group whose chair is the customer; the ids in its addresses, by the part before them."""
    group = make_group(
        members=4, chair=chair, rotation="DRAWN", rotation_minor=10_000, loan_guarantors=1, other_fines={"Phone": 500}
    )
    at = now()
    round_ = operations.start_round(group=group, by=chair, at=at, until=at + timedelta(days=1))
    pay_all(open_next(group))
    second, *_others = members_of(group)[1:]
    treasurer = member_of(group, "TREASURER").user
    asked: dict[str, Any] = {"group": group, "by": second.user, "at": at, "key": "circle"}
    proposal = operations.propose(act="WITHDRAW_SAVINGS", facts={"member": second.pk, "minor": 10_000}, **asked)
    loan = operations.ask_loan(amount=kes("100"), months=1, guarantors=[members_of(group)[0].pk], **asked)
    meeting = operations.call_meeting(
        group=group, starts_at=at + timedelta(days=3), place="Kondele", agenda=["Loans"], by=chair, at=at
    )
    own = GroupEntry.objects.filter(group=group, member__user=chair)[0]
    dispute = operations.dispute_row(entry=own, text="I gave more", by=second.user, at=at)
    fine = operations.give_fine(
        member=members_of(group)[0], why="NAMED", name="Phone", cause="today", by=treasurer, at=at
    )
    bought = {"kind": "LAND", "name": "Plot", "units": "1", "custodian": "Lands", "custody_reference": "LR 1"}
    decide("BUY_INVESTMENT", group, bought | {"account": make_account().number, "minor": 5_000}, at=at)
    owned = Investment.objects.get(group=group)
    note = operations.record_cash(member=members_of(group)[0], amount=kes("5"), key="circle", by=treasurer, at=at)
    return {
        "slug": group.slug,
        "approvals": str(proposal.public_id),
        "loans": loan.reference,
        "meetings": str(meeting.public_id),
        "disputes": str(dispute.public_id),
        "rounds": str(round_.public_id),
        "fines": str(fine.public_id),
        "cash": str(note.public_id),
        "investments": str(owned.public_id),
        "papers": str(bring_paper(group).public_id),
        "members": 2,
        "constitution": 1,
        "swaps": 2,
    }
