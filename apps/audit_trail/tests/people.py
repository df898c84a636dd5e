"""People for these tests: this floor does not know the one where people are made."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

_numbers = itertools.count(1)


def make_person(**fields: Any) -> Any:
    nth = next(_numbers)
    kept = {"full_name": f"Akinyi Were {nth}", "phone": f"+2547110{nth:05d}", "id_number": f"{30_000_000 + nth}"}
    return get_user_model().objects.create_user(**{**kept, **fields})


def make_auditor() -> Any:
    auditor = make_person(is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_audit"))
    return auditor
