"""Who may look at, review and change what the credit model does."""

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed
from apps.users.models import User
from apps.users.policies import require_right, require_unconnected

REVIEWS = "credit_scoring.approve_loan"
SEES_FIGURES = "credit_scoring.view_portfolio"
MANAGES = "credit_scoring.manage_rules"


def require_may_score(who: User, customer: User) -> None:
    """Oneself, the bank's own jobs, and staff who work with credit. Raises NotAllowed."""
    if who.pk == customer.pk or who.is_service:
        return
    require_right(who, REVIEWS)


def require_may_review(who: User, customer: User) -> None:
    """Staff who work with credit, never on themselves. Raises NotAllowed."""
    if not who.is_staff:
        raise NotAllowed(_("Only staff review credit decisions. Nothing was changed."))
    require_right(who, REVIEWS)
    if who.pk == customer.pk:
        raise NotAllowed(_("Another member of staff must review a decision about yourself. Nothing was changed."))
    require_unconnected(who, customer)


def sees_decisions(who: User) -> bool:
    """Decisions with names and reasons: who reviews, and who audits."""
    return who.is_staff and (who.has_perm(REVIEWS) or who.has_perm("audit_trail.view_audit"))


def sees_figures(who: User) -> bool:
    """Figures of the model without names."""
    return who.is_staff and (who.has_perm(SEES_FIGURES) or sees_decisions(who))
