"""Reads files of payments that strangers made: CSV and XLSX in, rows or a refusal with a code out; nothing is guessed.

Pure: no database, no settings, no clock. Codes are put into words by those who show them.
"""

from apps.payments.paysheet.amounts import BadCell
from apps.payments.paysheet.names import NameMatch, compare
from apps.payments.paysheet.payees import Payee, read_payee
from apps.payments.paysheet.sheet import Bounds, PaySheet, Row, Unreadable, read_sheet

__all__ = [
    "BadCell",
    "Bounds",
    "NameMatch",
    "PaySheet",
    "Payee",
    "Row",
    "Unreadable",
    "compare",
    "read_payee",
    "read_sheet",
]
