"""Stopping lending at once, and starting it again: two people either way."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval, Switch
from apps.lending.errors import LendingStopped
from apps.lending.events import LendingSwitched
from apps.users.models import User

SWITCH = "lending"
SWITCH_LENDING = "lending.switch"


def is_on() -> bool:
    """Whether the bank lends; without a row it does."""
    return not Switch.objects.filter(name=SWITCH, is_on=False).exists()


def require_on() -> None:
    """Raises LendingStopped. Within the caller's transaction the switch stays as seen until its end, so that once it
    is off nothing that had looked before is still under way.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_on FROM kernel_switch WHERE name = %s FOR SHARE", [SWITCH])
        found = cursor.fetchone()
    if found and not found[0]:
        raise LendingStopped(_("We do not lend just now. No money moved. Loans you have stay as they are."))


def ask_switch(*, on: bool, reason: str, by: User, at: datetime) -> Approval:
    """Ask to stop lending, or to start it again; another person with the right decides. Raises NotAllowed."""
    if not by.has_perm("lending.stop_lending"):
        raise NotAllowed(_("You do not hold the right to stop lending."))
    payload = {"on": on, "reason": reason.strip()}
    return approvals.ask(
        kind=SWITCH_LENDING, subject="lending", payload=payload, reason=reason, by=by, at=at, after={"lending": on}
    )


@transaction.atomic
def run_switch(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does."""
    on = bool(payload["on"])
    Switch.objects.update_or_create(
        name=SWITCH,
        defaults={"is_on": on, "changed_by": checker, "changed_at": at, "reason": str(payload["reason"])},
    )
    action = "lending.lending.started" if on else "lending.lending.stopped"
    audit_trail.record(action, on="switches/lending", by=checker, at=at, after={"is_on": on, "asked_by": maker.pk})
    events.publish(LendingSwitched(is_on=on, by_id=checker.pk))
    return {"is_on": on}
