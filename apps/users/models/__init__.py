"""People, their ways in, and what staff know of them."""

from apps.users.models.access import Device, OtpChallenge, Session, StepUpChallenge
from apps.users.models.staff import Branch, CustomerNote, CustomerView, StaffMember
from apps.users.models.user import Language, Tier, User, UserQuerySet, UserStatus

__all__ = [
    "Branch",
    "CustomerNote",
    "CustomerView",
    "Device",
    "Language",
    "OtpChallenge",
    "Session",
    "StaffMember",
    "StepUpChallenge",
    "Tier",
    "User",
    "UserQuerySet",
    "UserStatus",
]
