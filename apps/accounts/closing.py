"""What stands against closing an account: the floors above say so, by a check that raises."""

from collections.abc import Callable

from apps.accounts.models import Account

Check = Callable[[Account], None]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Ask `check` before an account is closed; it raises a Conflict. Called in `AppConfig.ready()`."""
    _checks.append(check)


def require_free(account: Account) -> None:
    """Nothing above needs this account, which the caller has locked. Raises what the first check against it raises."""
    for check in _checks:
        check(account)
