"""Which looks of staff a customer is shown: when, in which role and why, never by whom.

Looks of those who work cases of suspicion are never shown, whatever they were for: one that is shown, or one that is
missing, would tell of a case (POCAMLA 2009, tipping off). The page says so to everybody, in the same words.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext

from apps.users.models import CustomerView, User
from apps.users.models.staff import Role

MOST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody of the bank looked: in which role, why, when."""

    role: str
    reason: str
    at: datetime


def _case_workers() -> Q:
    right = {"permissions__content_type__app_label": "compliance", "permissions__codename": "work_cases"}
    through = Q(**{f"groups__{name}": value for name, value in right.items()})
    own = Q(**{f"user_{name}": value for name, value in right.items()})
    return Q(viewer__in=User.objects.filter(through | own).values("pk"))


def looks_of(user_id: int, *, most: int = MOST) -> list[Look]:
    """The newest looks at a customer, without those that are kept from them. One question."""
    rows = (
        CustomerView.objects.filter(customer_id=user_id, is_kept=False)
        .exclude(_case_workers() | Q(viewer__is_superuser=True) | Q(viewer_id=user_id))
        .order_by("-at", "-pk")
        .values_list("viewer__staff__role", "reason", "at")
    )
    return [Look(_role(role), gettext(reason), at) for role, reason, at in rows[:most]]


def _role(code: str | None) -> str:
    return str(Role(code).label) if code else gettext("Staff")
