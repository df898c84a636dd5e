"""The only system clock, and the calendar of the bank's own time zone."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "sw": ("Jan", "Feb", "Mac", "Apr", "Mei", "Jun", "Jul", "Ago", "Sep", "Okt", "Nov", "Des"),
}


def now() -> datetime:
    """This instant, in UTC. Operations do not call it: they are handed `at`."""
    return datetime.now(UTC)


def local_date(at: datetime) -> date:
    """The calendar day of an instant in the bank's time zone (East Africa Time)."""
    return at.astimezone(timezone.get_default_timezone()).date()


def day_in_words(day: date, language: str) -> str:
    """A day as people write it: `9 Mar 2026`, in Kiswahili (`sw`) `9 Mac 2026`."""
    return f"{day.day} {MONTHS.get(language, MONTHS['en'])[day.month - 1]} {day.year}"


def day_start(day: date) -> datetime:
    """The instant at which a calendar day of the bank begins."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def month_bounds(day: date) -> tuple[date, date]:
    """First and last day of the month of `day`."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
