"""Writing down holidays that were gazetted, and taking back one that was written down by mistake."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.ledger.errors import HolidayKnown, HolidayOver
from apps.ledger.models import Holiday
from apps.ledger.policies import require_may_manage_holidays
from apps.ledger.rules.calendar import public_holidays

FURTHEST = timedelta(days=800)


@transaction.atomic
def add_holiday(*, on: date, name: str, notice: str, by: Any, at: datetime) -> Holiday:
    """Declare a day off, from `notice` of the Gazette. Raises NotAllowed, HolidayOver, HolidayKnown."""
    require_may_manage_holidays(by)
    _require_ahead(on, at)
    if on in public_holidays(on.year):
        raise HolidayKnown(_("That day is a public holiday by law already. Nothing was changed."))
    row = Holiday(on=on, name=name.strip()[:80], notice=notice.strip()[:80], added_by=by, added_at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise HolidayKnown(_("That day is written down already. Nothing was changed.")) from no
    audit_trail.record("ledger.holiday.added", on=row, by=by, at=at, reason=row.notice, after={"on": str(on)})
    return row


@transaction.atomic
def withdraw_holiday(*, holiday_id: int, reason: str, by: Any, at: datetime) -> Holiday:
    """Take a day back before it comes. Raises NotAllowed, NotFound, HolidayOver."""
    require_may_manage_holidays(by)
    row = Holiday.objects.select_for_update().filter(pk=holiday_id, withdrawn_at=None).first()
    if row is None:
        raise NotFound(_("There is no such gazetted holiday. Nothing was changed."))
    _require_ahead(row.on, at)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    audit_trail.record("ledger.holiday.withdrawn", on=row, by=by, at=at, reason=reason, before={"on": str(row.on)})
    return row


def _require_ahead(on: date, at: datetime) -> None:
    """What was due on a day that has begun may have been paid already."""
    today = local_date(at)
    if not today < on <= today + FURTHEST:
        raise HolidayOver(_("Only days from tomorrow on, up to two years ahead, can be changed. Nothing was changed."))
