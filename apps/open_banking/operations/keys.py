"""Rotates the key that identity tokens are signed with."""

from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.open_banking.models import SigningKey
from apps.users.models import User


@transaction.atomic
def rotate_key(*, by: User, at: datetime) -> SigningKey:
    """Sign with a new key from now on. The one before stays published for a week, so that its tokens can be checked."""
    SigningKey.objects.current()
    old = SigningKey.objects.select_for_update().get(retired_at=None)
    SigningKey.objects.filter(pk=old.pk).update(retired_at=at)
    row = SigningKey.objects.make(at=at)
    audit_trail.record(
        "open_banking.key.rotated", on=row, by=by, at=at, before={"kid": old.kid}, after={"kid": row.kid}
    )
    return row
