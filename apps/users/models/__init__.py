"""People, their ways in, and what staff know of them."""

from apps.users.models.access import Device, OtpChallenge, Session, StepUpChallenge
from apps.users.models.business import (
    BusinessInvitation,
    BusinessKind,
    BusinessMember,
    BusinessProfile,
    BusinessRole,
    InvitationStatus,
)
from apps.users.models.oversight import (
    GLASS_LASTS,
    BreakGlass,
    ConnectionKind,
    StaffConnection,
    Verdict,
)
from apps.users.models.staff import Branch, CustomerNote, CustomerView, StaffMember
from apps.users.models.user import Language, Party, Tier, User, UserQuerySet, UserStatus
from apps.users.models.ussd import UssdPin

__all__ = [
    "GLASS_LASTS",
    "Branch",
    "BreakGlass",
    "BusinessInvitation",
    "BusinessKind",
    "BusinessMember",
    "BusinessProfile",
    "BusinessRole",
    "ConnectionKind",
    "CustomerNote",
    "CustomerView",
    "Device",
    "InvitationStatus",
    "Language",
    "OtpChallenge",
    "Party",
    "Session",
    "StaffConnection",
    "StaffMember",
    "StepUpChallenge",
    "Tier",
    "User",
    "UserQuerySet",
    "UserStatus",
    "UssdPin",
    "Verdict",
]
