"""Makers of people for tests on this floor and above."""

import itertools
import uuid
from typing import Any

from django.contrib.auth.models import Group

from apps.kernel.clock import now
from apps.users import operations
from apps.users.doors import Hand
from apps.users.models import Branch, BusinessProfile, StaffMember, StepUpChallenge, User
from apps.users.operations.step_up import LIFE

PASSWORD = "lakeside-morning-7431"
_numbers = itertools.count(1)


def make_customer(**fields: Any) -> User:
    """A customer of TIER_1 with a phone and an ID of their own."""
    nth = next(_numbers)
    kept = {
        "full_name": f"Achieng Otieno {nth}",
        "phone": f"+2547120{nth:05d}",
        "email": f"achieng{nth}@example.com",
        "id_number": f"{20_000_000 + nth}",
        **fields,
    }
    return User.objects.create_user(password=PASSWORD, **kept)


def make_staff(role: str = "TELLER", *, limit_minor: int = 0, branch: Branch | None = None, **fields: Any) -> User:
    """A member of staff with a role, at the head office unless told."""
    user = make_customer(is_staff=True, **{"full_name": f"{role.title().replace('_', ' ')} Wanjiku", **fields})
    user.groups.add(Group.objects.get(name=role))
    place = branch or Branch.objects.get(code="001")
    StaffMember.objects.create(user=user, role=role, branch=place, approval_limit_minor=limit_minor)
    return user


def bearer(user: User) -> dict[str, str]:
    """Headers of a signed-in app, for Django's test client."""
    tokens = operations.open_token_session(user=user, hand=Hand("test", "Test phone"), at=now())
    return {"Authorization": f"Bearer {tokens.access}"}


def proof_of(user: User, operation: str, subject: str = "") -> uuid.UUID:
    """An answered challenge for one act on one's own profile, good for five minutes."""
    at = now()
    row = StepUpChallenge.objects.create(
        user=user,
        operation=operation,
        subject=subject or f"users/{user.pk}",
        method=StepUpChallenge.Method.SMS,
        created_at=at,
        answered_at=at,
        expires_at=at + LIFE,
    )
    return row.pk


def make_business(owner: User | None = None, *, kind: str = "COMPANY") -> BusinessProfile:
    """A registered business with its first owner."""
    number = f"PVT-TEST{next(_numbers):04d}"
    by = owner or make_customer()
    return operations.register_business(name="Welders Ltd", registration_number=number, kind=kind, by=by, at=now())


def make_member(business: BusinessProfile, role: str) -> User:
    """Somebody who was invited and accepted."""
    person = make_customer()
    invitation = operations.invite_member(
        business=business, phone=str(person.phone), role=role, by=business.created_by, at=now()
    )
    operations.accept_invitation(invitation=invitation, by=person, at=now())
    return person
