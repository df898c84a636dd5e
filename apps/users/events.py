"""What the floors above hear about people."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    """A person joined."""

    name = "users.user.registered"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignedIn(Event):
    """A person signed in by a door (API, PORTAL)."""

    name = "users.user.signed_in"
    user_id: int
    door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLocked(Event):
    """Too many wrong passwords."""

    name = "users.user.locked"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStatusChanged(Event):
    """Staff suspended, restored or closed a profile."""

    name = "users.user.status_changed"
    user_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAdded(Event):
    """A person signed in from somewhere new."""

    name = "users.device.added"
    user_id: int
    device_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A person has another password: changed with the old one, or recovered with a code."""

    name = "users.password.changed"
    user_id: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoleChanged(Event):
    """A member of staff was given another role."""

    name = "users.staff.role_changed"
    user_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAdded(Event):
    """A person began to work here."""

    name = "users.staff.added"
    user_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken(Event):
    """A member of staff sees one customer whole for half an hour, beyond their role."""

    name = "users.glass.broken"
    glass_id: int
    viewer_id: int
    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessRegistered(Event):
    """A business got a profile; who registered it is its first owner."""

    name = "users.business.registered"
    business_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessChanged(Event):
    """Its name, number or kind is another one."""

    name = "users.business.changed"
    business_id: int
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessClosed(Event):
    """Its profile was closed."""

    name = "users.business.closed"
    business_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessMemberJoined(Event):
    """A person accepted an invitation."""

    name = "users.business.member_joined"
    business_id: int
    user_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessMemberChanged(Event):
    """A member was given another role."""

    name = "users.business.member_changed"
    business_id: int
    user_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessMemberLeft(Event):
    """A member left, or was taken off."""

    name = "users.business.member_left"
    business_id: int
    user_id: int
