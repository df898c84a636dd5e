"""Who may edit what the bank says."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed
from apps.notifications import people

READS = "users.view_users"  # who looks after customers reads their letters; auditors do too
ANSWERS = "users.write_to_customers"


def may_edit_texts(who: Any) -> bool:
    """Active staff who look after content."""
    return bool(who.is_authenticated and who.is_active and who.has_perm("notifications.manage_content"))


def require_may_edit_texts(who: Any) -> None:
    """Raises NotAllowed."""
    if not may_edit_texts(who):
        raise NotAllowed(_("You do not hold the right to look after message texts."))


def may_read_letters(who: Any) -> bool:
    """Active staff who look after customers, or look after who does."""
    return bool(who.is_authenticated and who.is_active and who.is_staff and who.has_perm(READS))


def may_answer_letters(who: Any) -> bool:
    """Active staff who may write to customers."""
    return bool(who.is_authenticated and who.is_active and who.is_staff and who.has_perm(ANSWERS))


def is_on_its_side(who: Any, thread: Any) -> bool:
    """Whether somebody is the customer of a conversation, or speaks for the business that is."""
    return who.pk == thread.customer_id or thread.customer_id in people.speaks_for(who)


def require_may_read(who: Any, thread: Any) -> None:
    """Staff with the right, and never in a conversation of their own. Raises NotAllowed."""
    if not may_read_letters(who) or is_on_its_side(who, thread):
        raise NotAllowed(_("You do not hold the right to read this conversation."))


def require_may_answer(who: Any, thread: Any) -> None:
    """Staff with the right, and never in a conversation of their own. Raises NotAllowed."""
    if not may_answer_letters(who) or is_on_its_side(who, thread):
        raise NotAllowed(_("You do not hold the right to answer this conversation."))
