"""What developers and the clock do at the gateway."""

from apps.gateway.operations.connections import (
    ConnectionTerms,
    change_connection,
    keep_built_in,
    make_connection,
    note_outcomes,
    remove_connection,
)
from apps.gateway.operations.endpoints import WithSecret, change, register, remove, rotate_secret
from apps.gateway.operations.probe import probe_due
from apps.gateway.operations.purge import purge
from apps.gateway.operations.tell import resend, send_test, tell
from apps.gateway.operations.visit import visit_due, visit_next

__all__ = [
    "ConnectionTerms",
    "WithSecret",
    "change",
    "change_connection",
    "keep_built_in",
    "make_connection",
    "note_outcomes",
    "probe_due",
    "purge",
    "register",
    "remove",
    "remove_connection",
    "resend",
    "rotate_secret",
    "send_test",
    "tell",
    "visit_due",
    "visit_next",
]
