"""Which closed periods somebody asked to reopen."""

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from apps.kernel.models import Approval, ApprovalStatus

REOPEN = "ledger.reopen_period"  # a request that waits for a second person
ABOUT_PERIOD = "ledger/periods/"  # and before the period's id, what it is about


def reopening_asked() -> Subquery:
    """For a queryset of periods: the id of the request to reopen one that waits; none where nothing does."""
    about = Concat(Value(ABOUT_PERIOD), Cast(OuterRef("pk"), CharField()))
    waiting = Approval.objects.filter(kind=REOPEN, status=ApprovalStatus.PENDING, subject=about)
    return Subquery(waiting.values("pk")[:1])
