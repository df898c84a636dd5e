"""Who hears what became of a request to pay: whoever it asks for, and the member of a business who made it."""

from collections.abc import Mapping
from datetime import datetime

from apps.notifications import operations as notifications
from apps.payments.models import PaymentRequest
from apps.users.models import BusinessProfile


def tell_who_asked(row: PaymentRequest, code: str, context: Mapping[str, str], *, at: datetime, key: str) -> None:
    """The asker; of a business its owners and, while they belong to it, the member who made the request, once each.

    An owner's message is known by `key/<their id>`, and the maker's by the same: an owner who made it hears it once.
    """
    notifications.send(code, to=row.asker, context=context, at=at, key=key)
    maker = row.made_by
    if maker is None or maker.pk == row.asker_id or not maker.is_active:
        return
    if BusinessProfile.objects.visible_to(maker).filter(party=row.asker_id).exists():
        notifications.send(code, to=maker, context=context, at=at, key=f"{key}/{maker.pk}")
