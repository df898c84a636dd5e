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
from apps.chamas.models.money import EntryKind, Fund, FundKind, GroupEntry
from apps.chamas.models.rotation import Bid, DrawWord, Round, RoundStatus, Swap, SwapStatus, Turn

__all__ = [
    "OFFICERS",
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
    "Membership",
    "MembershipStatus",
    "PaidBy",
    "PayIn",
    "PayInPart",
    "PayInRefund",
    "Round",
    "RoundStatus",
    "Sharing",
    "SharingKind",
    "Swap",
    "SwapStatus",
    "Turn",
    "VersionStatus",
    "WelfareClaim",
]
