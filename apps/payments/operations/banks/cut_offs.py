"""When files are cut, and when what is in them is paid: working days by the ledger's calendar, times by dated rows."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date
from apps.ledger.queries import Calendar, calendar_of
from apps.payments.models import CutOff, OutRail

NAIROBI = ZoneInfo("Africa/Nairobi")
_DAY = timedelta(days=1)
BACK = 10  # days looked back for a cut-off that nobody was there to make


def times_on(rail: OutRail, day: date) -> list[time]:
    """The cut-offs of a day, if banks work on it: those of the newest date they were set for."""
    rows = CutOff.objects.filter(rail=rail, valid_from__lte=day)
    newest = rows.order_by("-valid_from").values("valid_from")[:1]
    return list(rows.filter(valid_from=newest).order_by("at").values_list("at", flat=True))


def last_cut_off(rail: OutRail, at: datetime) -> datetime | None:
    """The newest cut-off that has come, on a working day."""
    today = local_date(at)
    calendar = calendar_of(today - BACK * _DAY, today)
    for back in range(BACK):
        day = today - back * _DAY
        passed = [moment for moment in _moments(rail, day, calendar) if moment <= at]
        if passed:
            return passed[-1]
    return None


def next_cut_off(rail: OutRail, at: datetime) -> datetime | None:
    """The first cut-off that is still to come, on a working day."""
    today = local_date(at)
    calendar = calendar_of(today, today + 2 * BACK * _DAY)
    for ahead in range(2 * BACK):
        coming = [one for one in _moments(rail, today + ahead * _DAY, calendar) if one > at]
        if coming:
            return coming[0]
    return None


def pays_on(rail: OutRail, cut_at: datetime) -> date:
    """RTGS settles on the day of its file, EFT on the next working day."""
    day = local_date(cut_at)
    if rail == OutRail.RTGS:
        return day
    return calendar_of(day, day + _DAY).working_day_from(day + _DAY)


def arrival_words(rail: OutRail, at: datetime) -> Any:
    """When a payment confirmed now arrives, in words."""
    cut = next_cut_off(rail, at)
    if cut is None:
        return _("On a working day")
    day = date_format(pays_on(rail, cut), "l j F")
    return _now("On %(day)s") % {"day": day}


def _moments(rail: OutRail, day: date, calendar: Calendar) -> list[datetime]:
    if not calendar.is_working_day(day):
        return []
    return [datetime.combine(day, one, tzinfo=NAIROBI) for one in times_on(rail, day)]
