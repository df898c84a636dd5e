"""What stands against closing a profile for good, a person's or a business's: the floors above say so, by a check that
raises.
"""

from collections.abc import Callable

from apps.users.models import User

Check = Callable[[User], None]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Ask `check` before a profile is closed; it raises a Conflict. Called in `AppConfig.ready()`."""
    _checks.append(check)


def require_nothing_open(party: User) -> None:
    """Raises what the first check against it raises."""
    for check in _checks:
        check(party)
