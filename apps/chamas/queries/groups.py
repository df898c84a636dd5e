"""A person's groups in one list: what they have in each, what is due next, what waits for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from apps.chamas.models import (
    ChamaGroup,
    GroupInvitation,
    GroupInvitationStatus,
    GroupStatus,
    Membership,
    MembershipStatus,
)
from apps.chamas.queries.waiting import Wait
from apps.kernel.money import Money
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Mine:
    """One group of a person. `own` is savings, shares and what was paid ahead; `owed` is open dues and fines."""

    member: Membership
    own: Money
    owed: Money
    due_on: date | None
    is_late: bool
    waiting: int

    @property
    def group(self) -> ChamaGroup:
        """The group itself."""
        return self.member.group


_SUMS = """
SELECT m.id,
       (SELECT COALESCE(sum(e.amount_minor), 0) FROM chamas_groupentry e
         WHERE e.member_id = m.id AND e.fund IN ('SAVINGS', 'SHARES', 'ADVANCE')),
       (SELECT COALESCE(sum(c.amount_minor - c.paid_welfare_minor - c.paid_rotation_minor - c.paid_savings_minor), 0)
          FROM chamas_contribution c WHERE c.member_id = m.id AND c.status IN ('DUE', 'LATE'))
       + (SELECT COALESCE(sum(f.amount_minor - f.paid_minor), 0) FROM chamas_fine f
           WHERE f.member_id = m.id AND f.status = 'OPEN'),
       (SELECT min(c.due_on) FROM chamas_contribution c WHERE c.member_id = m.id AND c.status IN ('DUE', 'LATE')),
       EXISTS (SELECT FROM chamas_contribution c WHERE c.member_id = m.id AND c.status = 'LATE')
  FROM chamas_membership m WHERE m.id = ANY(%(members)s)
"""


def my_groups(user: User, waits: Sequence[Wait] = ()) -> list[Mine]:
    """Groups one belongs to or waits to be taken into, the open ones first; two queries."""
    rows = Membership.objects.filter(user=user, status__in=[MembershipStatus.ASKED, MembershipStatus.ACTIVE])
    members = list(rows.select_related("group").order_by("-pk"))
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"members": [one.pk for one in members]})
        sums: dict[int, tuple[Any, ...]] = {row[0]: row[1:] for row in cursor.fetchall()}
    asked = Counter(one.group_id for one in waits)
    found = [_mine(one, sums[one.pk], asked[one.group_id]) for one in members]
    return sorted(found, key=lambda one: one.group.status == GroupStatus.CLOSED)


def _mine(member: Membership, sums: tuple[Any, ...], waiting: int) -> Mine:
    own, owed, due_on, is_late = sums
    currency = member.group.currency
    return Mine(member, Money(int(own), currency), Money(int(owed), currency), due_on, is_late, waiting)


def invitations_to(user: User, at: datetime) -> list[GroupInvitation]:
    """Groups that asked this person's phone to join, and wait for the answer."""
    digest = GroupInvitation._meta.get_field("phone_print").digest(str(user.phone or ""))
    rows = GroupInvitation.objects.filter(phone_print=digest, status=GroupInvitationStatus.OPEN, expires_at__gt=at)
    return list(rows.select_related("group", "invited_by").order_by("-pk"))
