"""The ways the audit trail says no."""

from apps.kernel.errors import DomainError


class RangeTooWide(DomainError):
    """More than 31 days were asked for with nothing to narrow them."""

    code, status = "range_too_wide", 422


class DatesReversed(DomainError):
    """The last day lies before the first one."""

    code, status = "dates_reversed", 400


class TooManyRecords(DomainError):
    """More records than one file may hold."""

    code, status = "too_many_records", 422
