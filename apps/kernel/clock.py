"""The only system clock, and the calendar of the bank's own time zone."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def now() -> datetime:
    """This instant, in UTC. Operations do not call it: they are handed `at`."""
    return datetime.now(UTC)


def local_date(at: datetime) -> date:
    """The calendar day of an instant in the bank's time zone (East Africa Time)."""
    return at.astimezone(timezone.get_default_timezone()).date()


def day_start(day: date) -> datetime:
    """The instant at which a calendar day of the bank begins."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def month_bounds(day: date) -> tuple[date, date]:
    """First and last day of the month of `day`."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
