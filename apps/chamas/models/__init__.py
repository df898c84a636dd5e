"""Groups, their members, their rules and their money."""

from apps.chamas.models.constitution import ConstitutionAcceptance, ConstitutionVersion, VersionStatus
from apps.chamas.models.decision import Proposal, ProposalStatus, SignOff, Vote, VoteChoice
from apps.chamas.models.dispute import GroupDispute, GroupDisputeStatus
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
from apps.chamas.models.meeting import Attendance, Meeting, MeetingStatus, Minutes, MinutesSignature, Presence
from apps.chamas.models.money import EntryKind, Fund, FundKind, GroupEntry

__all__ = [
    "OFFICERS",
    "Attendance",
    "ChamaGroup",
    "ConstitutionAcceptance",
    "ConstitutionVersion",
    "EntryKind",
    "Fund",
    "FundKind",
    "GroupDispute",
    "GroupDisputeStatus",
    "GroupEntry",
    "GroupInvitation",
    "GroupInvitationStatus",
    "GroupKind",
    "GroupRole",
    "GroupStatus",
    "Meeting",
    "MeetingStatus",
    "Membership",
    "MembershipStatus",
    "Minutes",
    "MinutesSignature",
    "Presence",
    "Proposal",
    "ProposalStatus",
    "SignOff",
    "VersionStatus",
    "Vote",
    "VoteChoice",
]
