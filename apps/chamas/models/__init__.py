"""Groups, their members, their rules and their money."""

from apps.chamas.models.constitution import ConstitutionAcceptance, ConstitutionVersion, VersionStatus
from apps.chamas.models.decision import Proposal, ProposalStatus, SignOff, Vote, VoteChoice
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
from apps.chamas.models.money import EntryKind, Fund, FundKind, GroupEntry

__all__ = [
    "OFFICERS",
    "ChamaGroup",
    "ConstitutionAcceptance",
    "ConstitutionVersion",
    "EntryKind",
    "Fund",
    "FundKind",
    "GroupEntry",
    "GroupInvitation",
    "GroupInvitationStatus",
    "GroupKind",
    "GroupRole",
    "GroupStatus",
    "Membership",
    "MembershipStatus",
    "Proposal",
    "ProposalStatus",
    "SignOff",
    "VersionStatus",
    "Vote",
    "VoteChoice",
]
