"""People for these tests: this floor does not know the one where people are made."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from apps.kernel import approvals
from apps.kernel.clock import now
from apps.notifications.people import Recipient

_numbers = itertools.count(1)


def make_person(**fields: Any) -> Any:
    nth = next(_numbers)
    kept = {"full_name": f"Naliaka Barasa {nth}", "phone": f"+2547130{nth:05d}", "id_number": f"{31_000_000 + nth}"}
    return get_user_model().objects.create_user(**{**kept, **fields})


def make_editor() -> Any:
    editor = make_person(is_staff=True)
    editor.user_permissions.add(Permission.objects.get(codename="manage_content"))
    return editor


def allow(request: Any, *, by: Any = None) -> Any:
    """A second person who looks after content allows a change."""
    return approvals.approve(approval=request, by=by or make_editor(), at=now())


def recipient(user: Any, **facts: Any) -> Recipient:
    known = {"phone": user.phone, "email": f"n{user.pk}@example.com", "language": "en", "name": user.full_name}
    return Recipient(user_id=user.pk, **{**known, **facts})
