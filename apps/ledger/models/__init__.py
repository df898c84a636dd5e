"""The tables of the books. Only this app imports them; other apps hold foreign keys by name and use the operations."""

from apps.ledger.models.accounts import (
    AccountRole,
    ChartLine,
    GlPurpose,
    Kind,
    LedgerAccount,
    LockedBalance,
    Mode,
)
from apps.ledger.models.calendar import Holiday
from apps.ledger.models.days import BusinessDay, DayStatus, EodRun, EodStep, RunStatus
from apps.ledger.models.evidence import DailyRollup, Seal, Snapshot, SnapshotRun, Watermark
from apps.ledger.models.periods import Period, PeriodChange, PeriodStatus
from apps.ledger.models.transfers import Entry, Hold, HoldStatus, Transfer

__all__ = [
    "AccountRole",
    "BusinessDay",
    "ChartLine",
    "DailyRollup",
    "DayStatus",
    "Entry",
    "EodRun",
    "EodStep",
    "GlPurpose",
    "Hold",
    "HoldStatus",
    "Holiday",
    "Kind",
    "LedgerAccount",
    "LockedBalance",
    "Mode",
    "Period",
    "PeriodChange",
    "PeriodStatus",
    "RunStatus",
    "Seal",
    "Snapshot",
    "SnapshotRun",
    "Transfer",
    "Watermark",
]
