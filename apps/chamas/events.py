"""What groups tell the floors above (amounts in minor units)."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFounded(Event):
    """Somebody started a group."""

    name = "chamas.group.founded"
    group_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBegan(Event):
    """It has its officers, its members and its constitution: money may come in."""

    name = "chamas.group.began"
    group_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedToJoin(Event):
    """Somebody gave the group's code and waits for an officer."""

    name = "chamas.member.asked"
    group_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """Somebody belongs to the group now."""

    name = "chamas.member.joined"
    group_id: int
    member_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Event):
    """A member does something else for the group from now on."""

    name = "chamas.member.role_given"
    group_id: int
    member_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstitutionProposed(Event):
    """A new version of the rules waits."""

    name = "chamas.constitution.proposed"
    group_id: int
    version_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstitutionInForce(Event):
    """The group is run by this version from now on."""

    name = "chamas.constitution.in_force"
    group_id: int
    version_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMoneyMoved(Event):
    """Money of the group moved: every member is told. `minor` is what came into (+) or left (−) the group."""

    name = "chamas.money.moved"
    group_id: int
    transfer_id: int
    kind: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade(Event):
    """The group is asked to decide on something."""

    name = "chamas.proposal.made"
    group_id: int
    proposal_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided(Event):
    """It is done, agreed on but not done, turned down, lapsed or withdrawn."""

    name = "chamas.proposal.decided"
    group_id: int
    proposal_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCalled(Event):
    """Members are called to a meeting, or it is called off."""

    name = "chamas.meeting.called"
    group_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(Event):
    """It is over, and who came is written down."""

    name = "chamas.meeting.held"
    group_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesWritten(Event):
    """There are minutes to read and sign."""

    name = "chamas.minutes.written"
    group_id: int
    meeting_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDisputed(Event):
    """A member says that a row is wrong."""

    name = "chamas.row.disputed"
    group_id: int
    dispute_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDisputeAnswered(Event):
    """An officer has answered."""

    name = "chamas.row.dispute_answered"
    group_id: int
    dispute_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDisputed(Event):
    """A member says that minutes are wrong."""

    name = "chamas.minutes.disputed"
    group_id: int
    dispute_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDisputeAnswered(Event):
    """An officer has answered."""

    name = "chamas.minutes.dispute_answered"
    group_id: int
    dispute_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOpened(Event):
    """A turn of paying in began."""

    name = "chamas.cycle.opened"
    group_id: int
    cycle_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleClosed(Event):
    """The next one began; what is unpaid of it stays owed."""

    name = "chamas.cycle.closed"
    group_id: int
    cycle_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionPaid(Event):
    """A member paid all of a cycle."""

    name = "chamas.contribution.paid"
    group_id: int
    contribution_id: int
    member_id: int
    user_id: int
    on_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionLate(Event):
    """The day and its grace went by."""

    name = "chamas.contribution.late"
    group_id: int
    contribution_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRecorded(Event):
    """The treasurer wrote down cash of a member, who must confirm it."""

    name = "chamas.cash.recorded"
    group_id: int
    note_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGiven(Event):
    """A member was fined."""

    name = "chamas.fine.given"
    group_id: int
    fine_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FineAppealed(Event):
    """A member asks the group to look at a fine again."""

    name = "chamas.fine.appealed"
    group_id: int
    fine_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawOpened(Event):
    """The bank committed to a seed: members may add a word until the deadline."""

    name = "chamas.draw.opened"
    group_id: int
    round_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBegan(Event):
    """The order of a round is known."""

    name = "chamas.round.began"
    group_id: int
    round_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutMade(Event):
    """A member had their turn (minor units)."""

    name = "chamas.payout.made"
    group_id: int
    turn_id: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """Somebody left, and the group settled with them."""

    name = "chamas.member.left"
    group_id: int
    member_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRestrictionSet(Event):
    """The bank stopped money from leaving the group, or lets it leave again."""

    name = "chamas.group.restriction_set"
    group_id: int
    is_restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupClosed(Event):
    """The group ended; nothing is left in it."""

    name = "chamas.group.closed"
    group_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestmentBought(Event):
    """The group owns something more (minor units)."""

    name = "chamas.investment.bought"
    group_id: int
    investment_id: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestmentBrought(Event):
    """Something that was the group's or its members' before stands in its books (minor units)."""

    name = "chamas.investment.brought"
    group_id: int
    investment_id: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestmentSold(Event):
    """Units were sold or written off, for so much, with so much of gain (below zero: loss)."""

    name = "chamas.investment.sold"
    group_id: int
    investment_id: int
    minor: int
    gain_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCheckDecided(Event):
    """The bank has looked at a group's papers."""

    name = "chamas.check.decided"
    group_id: int
    check_id: int
    is_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyNotTaken(Event):
    """Money came for a group that may hold no more; it is on the member's account (minor units)."""

    name = "chamas.money.not_taken"
    group_id: int
    member_id: int
    minor: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeDeclined(Event):
    """A member who was asked to stand for a loan said no."""

    name = "chamas.guarantee.declined"
    group_id: int
    guarantee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLoanWrittenOff(Event):
    """A loan was closed by decision: so much of who borrowed paid it, so much the group lost (minor units)."""

    name = "chamas.loan.written_off"
    group_id: int
    loan_id: int
    own_minor: int
    lost_minor: int
    reference: str
