"""What data protection does: consents, requests, copies, corrections, erasure, holds, retention, registers."""

from apps.compliance.operations.privacy.activity import Activity, activities, write_activity
from apps.compliance.operations.privacy.breach import (
    Found,
    ask_tell,
    close_breach,
    name_people,
    note_breach,
    open_breach,
    report_breach,
)
from apps.compliance.operations.privacy.consent import Consent, change_consent, consents_of, withdraw_all
from apps.compliance.operations.privacy.erase import Outlook, accept_erasure, ask_erasure, erase_due, outlook
from apps.compliance.operations.privacy.export import (
    archive,
    ask_export,
    expire_exports,
    fetch_export,
    make_export,
    make_exports,
)
from apps.compliance.operations.privacy.hold import ask_lift, held_people, set_hold
from apps.compliance.operations.privacy.rectify import accept_correction, ask_correction, open_paper
from apps.compliance.operations.privacy.request import refuse, withdraw
from apps.compliance.operations.privacy.retention import ask_change as ask_retention
from apps.compliance.operations.privacy.retention import in_force as retention_rules
from apps.compliance.operations.privacy.retention import run_retention

__all__ = [
    "Activity",
    "Consent",
    "Found",
    "Outlook",
    "accept_correction",
    "accept_erasure",
    "activities",
    "archive",
    "ask_correction",
    "ask_erasure",
    "ask_export",
    "ask_lift",
    "ask_retention",
    "ask_tell",
    "change_consent",
    "close_breach",
    "consents_of",
    "erase_due",
    "expire_exports",
    "fetch_export",
    "held_people",
    "make_export",
    "make_exports",
    "name_people",
    "note_breach",
    "open_breach",
    "open_paper",
    "outlook",
    "refuse",
    "report_breach",
    "retention_rules",
    "run_retention",
    "set_hold",
    "withdraw",
    "withdraw_all",
    "write_activity",
]
