"""Groups, their members, their rules and their money."""

from apps.chamas.models.constitution import ConstitutionAcceptance, ConstitutionVersion, VersionStatus
from apps.chamas.models.cycle import (
    CashNote,
    CashNoteStatus,
    Contribution,
    ContributionStatus,
    Cycle,
    PaidBy,
    PayIn,
    PayInPart,
    PayInRefund,
)
from apps.chamas.models.decision import Proposal, ProposalStatus, SignOff, Vote, VoteChoice
from apps.chamas.models.dispute import GroupDispute, GroupDisputeStatus
from apps.chamas.models.fine import Fine, FineStatus, FineWhy
from apps.chamas.models.group import (
    OFFICERS,
    ChamaGroup,
    GroupInvitation,
    GroupInvitationStatus,
    GroupKind,
    GroupRole,
    GroupStatus,
    Membership,
    MembershipStatus,
)
from apps.chamas.models.leaving import LeaveNotice, Sharing, SharingKind, WelfareClaim
from apps.chamas.models.loan import GroupGuarantee, GroupLoan, GroupLoanRow, GroupLoanStatus, GroupRepayment
from apps.chamas.models.meeting import Attendance, Meeting, MeetingStatus, Minutes, MinutesSignature, Presence
from apps.chamas.models.money import EntryKind, Fund, FundKind, GroupEntry
from apps.chamas.models.rotation import Bid, DrawWord, Round, RoundStatus, Swap, SwapStatus, Turn

__all__ = [
    "OFFICERS",
    "Attendance",
    "Bid",
    "CashNote",
    "CashNoteStatus",
    "ChamaGroup",
    "ConstitutionAcceptance",
    "ConstitutionVersion",
    "Contribution",
    "ContributionStatus",
    "Cycle",
    "DrawWord",
    "EntryKind",
    "Fine",
    "FineStatus",
    "FineWhy",
    "Fund",
    "FundKind",
    "GroupDispute",
    "GroupDisputeStatus",
    "GroupEntry",
    "GroupGuarantee",
    "GroupInvitation",
    "GroupInvitationStatus",
    "GroupKind",
    "GroupLoan",
    "GroupLoanRow",
    "GroupLoanStatus",
    "GroupRepayment",
    "GroupRole",
    "GroupStatus",
    "LeaveNotice",
    "Meeting",
    "MeetingStatus",
    "Membership",
    "MembershipStatus",
    "Minutes",
    "MinutesSignature",
    "PaidBy",
    "PayIn",
    "PayInPart",
    "PayInRefund",
    "Presence",
    "Proposal",
    "ProposalStatus",
    "Round",
    "RoundStatus",
    "Sharing",
    "SharingKind",
    "SignOff",
    "Swap",
    "SwapStatus",
    "Turn",
    "VersionStatus",
    "Vote",
    "VoteChoice",
    "WelfareClaim",
]
