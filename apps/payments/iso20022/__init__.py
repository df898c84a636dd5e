"""ISO 20022 messages, written and read: text in, frozen dataclasses out; no ORM, no clock, no settings, no network.

Written: pain.001.001.09 (a file of transfers), pacs.008.001.08 (one transfer between banks), camt.056.001.12 (asking
for one back). Read, whatever their version: pain.002 and pacs.002 (what became of transfers), camt.029 (the answer
about one asked back), camt.053 (a day's statement) and camt.054 (news of entries).
Sources: the ISO 20022 message definition reports and the schemas beside this package.
"""

from apps.kernel.xml import Unreadable
from apps.payments.iso20022.letters import Said, swift
from apps.payments.iso20022.pacs008 import write_pacs008
from apps.payments.iso20022.pain001 import write_pain001
from apps.payments.iso20022.parties import Bank, Party, Transfer
from apps.payments.iso20022.reading import read_xml
from apps.payments.iso20022.recalls import Recall, Resolution, read_camt029, write_camt056
from apps.payments.iso20022.statements import Entry, Statement, read_camt053, read_camt054
from apps.payments.iso20022.status import Report, Told, read_status

__all__ = [
    "Bank",
    "Entry",
    "Party",
    "Recall",
    "Report",
    "Resolution",
    "Said",
    "Statement",
    "Told",
    "Transfer",
    "Unreadable",
    "read_camt029",
    "read_camt053",
    "read_camt054",
    "read_status",
    "read_xml",
    "swift",
    "write_camt056",
    "write_pacs008",
    "write_pain001",
]
