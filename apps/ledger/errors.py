"""The ways the books say no. Whenever one of these is raised out of an operation, no money has moved."""

from apps.kernel.errors import Conflict, DomainError


class InsufficientFunds(DomainError):
    """The account does not cover the amount above its floor and what is set aside. `account_id` says which."""

    code, status = "insufficient_funds", 422
    account_id: int = 0


class ReferenceReused(Conflict):
    """The reference stands for another posting already."""

    code = "reference_reused"


class AccountClosedForPosting(DomainError):
    """The account is blocked or closed."""

    code, status = "account_closed_for_posting", 422


class PeriodClosed(DomainError):
    """The day belongs to a closed period."""

    code, status = "period_closed", 422


class AlreadyReversed(Conflict):
    """The transfer has been reversed before, or is itself a reversal."""

    code = "already_reversed"


class TransferTied(Conflict):
    """Something stands on the transfer that the books do not know, so it is undone where that is kept."""

    code = "transfer_tied"


class HoldNotOpen(Conflict):
    """The hold has been captured, released or has expired."""

    code = "hold_not_open"


class HoldExceeded(DomainError):
    """More is asked of the hold than is left of it."""

    code, status = "hold_exceeded", 422


class BelowFloor(DomainError):
    """The balance does not cover the floor it should get."""

    code, status = "below_floor", 422


class AccountNotEmpty(DomainError):
    """Money or a hold is still in the account."""

    code, status = "account_not_empty", 422


class BooksBusy(Conflict):
    """Another transaction is in the way; the same request will do later."""

    code, status = "books_busy", 409


class BadPeriod(DomainError):
    """The period has no name, ends before it starts, is longer than a year or begins later than in one."""

    code, status = "bad_period", 422


class PeriodTaken(Conflict):
    """Another period has one of these days, or this name."""

    code = "period_taken"


class PeriodNotOver(Conflict):
    """The period's last day is not over, or the end of one of its days has not run."""

    code = "period_not_over"


class PeriodUsed(Conflict):
    """The period was closed before; one that was declared by mistake never was."""

    code = "period_used"


class PeriodOpen(Conflict):
    """The period takes entries already; there is nothing to reopen."""

    code = "period_open"


class PeriodMovedOn(Conflict):
    """The period was opened or closed after somebody asked to reopen it."""

    code = "period_moved_on"


class DayNotClosed(Conflict):
    """The business day cannot be ended or reopened from where it stands."""

    code = "day_not_closed"


class HolidayKnown(Conflict):
    """The day is a holiday already."""

    code = "holiday_known"


class HolidayOver(DomainError):
    """The day has begun or is past, or lies too far ahead."""

    code, status = "holiday_over", 422


class BrokenBooks(Exception):
    """The database found entries that do not hold together: a bug, or tampering. Nothing was kept."""
