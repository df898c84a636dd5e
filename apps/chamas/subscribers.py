"""What groups do when money comes in for them, and what members are told."""

from typing import Any

from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.chamas import telling
from apps.chamas.events import (
    CashRecorded,
    ContributionLate,
    DrawOpened,
    FineGiven,
    GroupCheckDecided,
    GroupLoanWrittenOff,
    GroupMoneyMoved,
    GuaranteeDeclined,
    MeetingCalled,
    MinutesDisputeAnswered,
    MinutesDisputed,
    MinutesWritten,
    MoneyNotTaken,
    ProposalDecided,
    ProposalMade,
    RowDisputeAnswered,
    RowDisputed,
)
from apps.chamas.models import CashNote, Contribution, Fine, GroupGuarantee, Membership, PaidBy, Round
from apps.chamas.operations import incoming
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.users.rules import half_name


@subscribe(DepositReceived)
def use_cash(event: DepositReceived) -> None:
    """Cash at a till for a member's reference; once for each deposit."""
    came = Money(event.minor, event.currency)
    incoming.receive_for(
        purpose=event.purpose, amount=came, key=f"deposit/{event.cash_id}", source=PaidBy.CASH, at=now()
    )


@subscribe(MoneyCameIn)
def use_money(event: MoneyCameIn) -> None:
    """Money by a rail for a member's reference; once for each receipt."""
    came, source = Money(event.minor, event.currency), PaidBy.MPESA if event.rail == "mpesa" else PaidBy.BANK
    incoming.receive_for(
        purpose=event.purpose, amount=came, key=f"{event.rail}/{event.receipt}", source=source, at=now()
    )


@subscribe(ContributionLate)
def tell_who_is_late(event: ContributionLate) -> None:
    """What is still to be paid."""
    row = Contribution.objects.select_related("member__user", "group").get(pk=event.contribution_id)
    if row.open_minor:
        left = Money(row.open_minor, row.currency)
        _tell("late", row.member, {"group": row.group.name, "left": str(left)}, key=f"contribution/{row.pk}/late")


@subscribe(FineGiven)
def tell_who_is_fined(event: FineGiven) -> None:
    """How much, and that they may ask the group to look again."""
    fine = Fine.objects.select_related("member__user", "group").get(pk=event.fine_id)
    words = {"group": fine.group.name, "amount": str(fine.amount)}
    _tell("fined", fine.member, words, key=f"fine/{fine.pk}")


@subscribe(CashRecorded)
def ask_who_gave_cash(event: CashRecorded) -> None:
    """They must say whether it is so."""
    note = CashNote.objects.select_related("member__user", "group").get(pk=event.note_id)
    words = {"group": note.group.name, "amount": str(note.amount)}
    _tell("cash_recorded", note.member, words, key=f"cash/{note.pk}")


@subscribe(DrawOpened)
def tell_of_the_draw(event: DrawOpened) -> None:
    """Everybody in the round: the bank has committed, they may add a word."""
    row = Round.objects.select_related("group").get(pk=event.round_id)
    for turn in row.turns.select_related("member__user"):
        words = {"group": row.group.name, "sign": row.seed_hash[:12] or "-"}
        _tell("draw_open", turn.member, words, key=f"round/{row.pk}/{turn.member_id}")


@subscribe(GuaranteeDeclined)
def tell_who_borrows(event: GuaranteeDeclined) -> None:
    """Who said no, so that they ask somebody else."""
    rows = GroupGuarantee.objects.select_related("loan__member__user", "loan__group", "member__user")
    row = rows.get(pk=event.guarantee_id)
    who = telling.short(half_name(row.member.user.full_name))
    words = {"group": telling.short(row.loan.group.name), "who": who}
    _tell("guarantee_declined", row.loan.member, words, key=f"guarantee/{row.pk}")


@subscribe(MoneyNotTaken)
def tell_what_was_not_taken(event: MoneyNotTaken) -> None:
    """That it is on their account, and why."""
    member = Membership.objects.select_related("user", "group").get(pk=event.member_id)
    words = {"group": telling.short(member.group.name), "amount": str(Money(event.minor, member.group.currency))}
    _tell("not_taken", member, words, key=f"not-taken/{event.key}")


@subscribe(GroupCheckDecided)
def tell_of_papers(event: GroupCheckDecided) -> None:
    """The officers: accepted, or what to do."""
    telling.tell_of_check(check_id=event.check_id, at=now())


@subscribe(GroupMoneyMoved)
def tell_of_money(event: GroupMoneyMoved) -> None:
    """Everybody when it leaves, who paid and the treasurer when it comes."""
    telling.tell_of_money(group_id=event.group_id, transfer_id=event.transfer_id, minor=event.minor, at=now())


@subscribe(ProposalMade)
def ask_to_decide(event: ProposalMade) -> None:
    """Who must vote or sign."""
    telling.tell_of_proposal(proposal_id=event.proposal_id, at=now())


@subscribe(ProposalDecided)
def tell_what_was_decided(event: ProposalDecided) -> None:
    """How it ended."""
    telling.tell_of_decision(proposal_id=event.proposal_id, status=event.status, at=now())


@subscribe(GroupLoanWrittenOff)
def tell_of_a_loss(event: GroupLoanWrittenOff) -> None:
    """Everybody, for everybody bears it."""
    telling.tell_of_write_off(
        loan_id=event.loan_id, own_minor=event.own_minor, lost_minor=event.lost_minor, reference=event.reference,
        at=now(),
    )  # fmt: skip


@subscribe(MeetingCalled)
def call_members(event: MeetingCalled) -> None:
    """When and where, or that it is off."""
    telling.tell_of_meeting(meeting_id=event.meeting_id, at=now())


@subscribe(MinutesWritten)
def ask_to_sign(event: MinutesWritten) -> None:
    """Chair and secretary."""
    telling.tell_of_minutes(meeting_id=event.meeting_id, version=event.version, at=now())


@subscribe(MinutesDisputed)
def tell_officers_of_disputed_minutes(event: MinutesDisputed) -> None:
    """One of them must answer."""
    telling.tell_of_dispute(dispute_id=event.dispute_id, at=now())


@subscribe(MinutesDisputeAnswered)
def tell_who_disputed_minutes(event: MinutesDisputeAnswered) -> None:
    """That there is an answer."""
    telling.tell_of_dispute(dispute_id=event.dispute_id, at=now())


@subscribe(RowDisputed)
def tell_officers_of_a_dispute(event: RowDisputed) -> None:
    """One of them must answer."""
    telling.tell_of_dispute(dispute_id=event.dispute_id, at=now())


@subscribe(RowDisputeAnswered)
def tell_who_disputed(event: RowDisputeAnswered) -> None:
    """That there is an answer."""
    telling.tell_of_dispute(dispute_id=event.dispute_id, at=now())


def _tell(what: str, member: Membership, context: dict[str, Any], *, key: str) -> None:
    notifications.send(f"chamas.{what}", to=member.user, context=context, at=now(), key=f"chama/{key}")
