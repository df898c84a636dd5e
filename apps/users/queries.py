"""Questions about people that need more than a filter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from apps.kernel.clock import now
from apps.kernel.written import Written
from apps.notifications.people import Recipient
from apps.users.models import (
    BusinessMember,
    BusinessProfile,
    BusinessRole,
    Party,
    Session,
    StaffConnection,
    StaffMember,
    User,
)


@dataclass(frozen=True, slots=True)
class Factor:
    """One second factor."""

    id: int
    kind: str  # totp, webauthn
    name: str
    created_at: datetime
    last_used_at: datetime | None


def near(user_id: int) -> QuerySet[User]:
    """A person and everybody whom they, as staff, are declared to be connected with: their own profile as a customer,
    family, who lives with them. What must not be known to a customer must not be known to these of theirs either.
    """
    declared = StaffConnection.objects.filter(staff_id=user_id, ended_at=None).values("customer")
    rows: QuerySet[User] = User.objects.filter(Q(pk=user_id) | Q(pk__in=declared))
    return rows


def factors_of(user: User) -> list[Factor]:
    """A person's authenticator app and passkeys; recovery codes are not one of their own."""
    held = Authenticator.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES).order_by("pk")
    return [Factor(row.pk, row.type, row.data.get("name", ""), row.created_at, row.last_used_at) for row in held]


def live_sessions(user: User) -> "list[Session]":
    """Where a person is signed in now, newest first."""
    return list(Session.objects.live(now()).filter(user=user).select_related("device").order_by("-last_used_at"))


# Asked for by every step of every day, and by most of what the bank does by itself.
_SYSTEM = Written(lambda: User.objects.filter(is_service=True))


def system_user() -> User:
    """The bank itself, as the actor of its own jobs."""
    bank: User = _SYSTEM.rows()[0]
    return bank


# Asked for by nearly everything that happens to somebody.
_PERSON = Written(lambda pk: User.objects.filter(pk=pk), pk=-1)
_LOCKED = Written(lambda pk: User.objects.select_for_update().filter(pk=pk), pk=-1)


def somebody(pk: int) -> User:
    """Somebody by their id. Raises User.DoesNotExist."""
    return _only(_PERSON.first(pk=pk))


def somebody_locked(pk: int) -> User:
    """As `somebody`, with the row locked until the transaction ends: who changes somebody looks at them like this."""
    return _only(_LOCKED.first(pk=pk))


def _only(found: User | None) -> User:
    if found is None:
        raise User.DoesNotExist
    return found


def recipient(user_id: int) -> Recipient | None:
    """How a person is reached; e-mail only when they proved that the address is theirs."""
    return next(map(_reached, _PERSON.rows(pk=user_id)), None)


def recipients(user_ids: Collection[int]) -> list[Recipient]:
    """As `recipient`, for any number of people by one query."""
    return [_reached(user) for user in User.objects.filter(pk__in=user_ids)]


def _reached(user: User) -> Recipient:
    return Recipient(
        user_id=user.pk,
        phone=user.phone,
        email=user.email if user.email_confirmed_at else None,
        language=user.language,
        name=user.full_name,
    )


def business_of(user: User) -> BusinessProfile | None:
    """The business that a row among the people stands for; None for a person."""
    return BusinessProfile.objects.filter(party=user).first() if user.kind == Party.BUSINESS else None


def behind(user: User) -> list[User]:
    """Who is told what a customer is told: themself, or the owners of a business."""
    if user.kind != Party.BUSINESS:
        return [user]
    owners = BusinessMember.objects.filter(business__party=user, role=BusinessRole.OWNER, left_at=None)
    return [row.user for row in owners.select_related("user").order_by("pk")]


def parties_of(user: User) -> "QuerySet[BusinessProfile, int]":
    """As whom a person speaks besides themself: the businesses they sign for, by the keys of their parties."""
    return BusinessProfile.objects.signed_by(user).values_list("party", flat=True)


def roles_of(ids: "set[int]") -> dict[int, str]:
    """The role each of these people has today, in words; who does not work here is left out."""
    found = StaffMember.objects.filter(user_id__in=ids)
    return {row.user_id: row.get_role_display() for row in found}
