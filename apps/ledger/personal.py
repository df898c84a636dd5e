"""The ledger knows accounts and no people; who keeps its calendar and periods is staff."""

from apps.kernel import personal

personal.leave_out(
    "Work of staff.", "ledger.Holiday.added_by", "ledger.PeriodChange.by", "ledger.PeriodChange.asked_by"
)
