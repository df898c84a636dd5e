"""ISO 20022 messages, written and read: text in, frozen dataclasses out; no ORM, no clock, no settings, no network.

Written: pain.001.001.09 (a file of transfers), pacs.008.001.08 (one transfer between banks), pacs.002.001.10 (what
became of one that came), pacs.004.001.09 (sending one back), camt.056.001.12 (asking for one back), camt.029.001.14
(the answer about one). Read, whatever their version: pacs.008, pain.002, pacs.002, camt.056, camt.029, camt.053 (a
day's statement) and camt.054 (news of entries).
Sources: the ISO 20022 message definition reports and the schemas beside this package.
"""

from apps.kernel.xml import Unreadable
from apps.payments.iso20022.incoming import Incoming, read_pacs008, write_pacs002
from apps.payments.iso20022.letters import Said, swift
from apps.payments.iso20022.pacs008 import write_pacs008
from apps.payments.iso20022.pain001 import write_pain001
from apps.payments.iso20022.parties import Bank, Party, Transfer
from apps.payments.iso20022.reading import read_xml
from apps.payments.iso20022.recalls import (
    Recall,
    Resolution,
    Wish,
    read_camt029,
    read_camt056,
    write_camt029,
    write_camt056,
)
from apps.payments.iso20022.returns import Return, write_pacs004
from apps.payments.iso20022.statements import Entry, Statement, read_camt053, read_camt054
from apps.payments.iso20022.status import Report, Told, read_status

__all__ = [
    "Bank",
    "Entry",
    "Incoming",
    "Party",
    "Recall",
    "Report",
    "Resolution",
    "Return",
    "Said",
    "Statement",
    "Told",
    "Transfer",
    "Unreadable",
    "Wish",
    "read_camt029",
    "read_camt053",
    "read_camt054",
    "read_camt056",
    "read_pacs008",
    "read_status",
    "read_xml",
    "swift",
    "write_camt029",
    "write_camt056",
    "write_pacs002",
    "write_pacs004",
    "write_pacs008",
    "write_pain001",
]
