"""What developers and the clock do at the gateway."""

from apps.gateway.operations.endpoints import WithSecret, change, register, remove, rotate_secret
from apps.gateway.operations.purge import purge
from apps.gateway.operations.tell import resend, send_test, tell
from apps.gateway.operations.visit import visit_due, visit_next

__all__ = [
    "WithSecret",
    "change",
    "purge",
    "register",
    "remove",
    "resend",
    "rotate_secret",
    "send_test",
    "tell",
    "visit_due",
    "visit_next",
]
