"""What stands against closing a business: the floors above say so, by a check that raises."""

from collections.abc import Callable

from apps.users.models import BusinessProfile

Check = Callable[[BusinessProfile], None]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Ask `check` before a business is closed; it raises a Conflict. Called in `AppConfig.ready()`."""
    _checks.append(check)


def require_nothing_open(business: BusinessProfile) -> None:
    """Raises what the first check against it raises."""
    for check in _checks:
        check(business)
