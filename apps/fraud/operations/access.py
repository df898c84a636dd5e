"""Noting what changed about a customer's access, for the screen to know."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import BadChange
from apps.fraud.models import AccessChange
from apps.users.models import User
from apps.users.policies import require_right

RIGHT = "fraud.review_fraud"


def note_password_change(*, user_id: int, at: datetime) -> None:
    """The password was changed at `at`; an earlier word that comes late changes nothing."""
    _note(user_id, "password_changed_at", at)


@transaction.atomic
def note_sim_change(*, customer: User, changed_at: datetime, by: User, at: datetime) -> None:
    """Staff were told, by operator or customer, that the phone's SIM was changed. Raises NotAllowed, BadChange."""
    require_right(by, RIGHT)
    if changed_at > at:
        raise BadChange(_("That time has not come yet. Nothing was noted."))
    _note(customer.pk, "sim_changed_at", changed_at)
    facts = {"sim_changed_at": changed_at.isoformat()}
    audit_trail.record("fraud.sim_change.noted", on=customer, by=by, at=at, after=facts, customer=customer)


def _note(user_id: int, what: str, when: datetime) -> None:
    AccessChange.objects.bulk_create([AccessChange(user_id=user_id)], update_conflicts=False, ignore_conflicts=True)
    AccessChange.objects.filter(pk=user_id).update(**{what: Greatest(what, when)})
