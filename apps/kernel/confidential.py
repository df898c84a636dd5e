"""What only some readers may know exists: records and events by the beginning of their names, and the right they take.

An app above says so in `AppConfig.ready()`; every list of records and events leaves such rows out for everybody else.
"""

from typing import Any

from django.db.models import Q

_kept: dict[str, str] = {}


def keep(prefix: str, permission: str) -> None:
    """Keep what begins with `prefix` from readers who do not hold `permission`."""
    _kept[prefix] = permission


def hidden_from(who: Any) -> list[str]:
    """The beginnings of names that this person must not see."""
    return [prefix for prefix, permission in _kept.items() if not who.has_perm(permission)]


def unseen(who: Any, *fields: str) -> Q:
    """A condition that holds for rows this person must not see, by any of `fields`; use it in `exclude`."""
    found = Q(pk__in=[])
    for prefix in hidden_from(who):
        for field in fields:
            found |= Q(**{f"{field}__startswith": prefix})
    return found
