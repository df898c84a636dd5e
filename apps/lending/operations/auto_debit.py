"""Whether what is due is taken from the account by itself: the borrower's to say."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import IllegalMove
from apps.lending import policies
from apps.lending.models import Loan, LoanStatus
from apps.users.models import User


@transaction.atomic
def set_auto_debit(*, loan: Loan, on: bool, by: User, at: datetime) -> Loan:
    """Switch it on or off for a running loan; said again, nothing changes. Raises NotFound, IllegalMove."""
    policies.require_theirs(by, loan)
    running = Loan.objects.filter(pk=loan.pk, status=LoanStatus.ACTIVE)
    if running.exclude(auto_debit=on).update(auto_debit=on):
        audit_trail.record("lending.loan.auto_debit", on=loan, by=by, at=at, after={"auto_debit": on})
    elif not running.exists():
        raise IllegalMove(_("This loan is not running. Nothing was changed."))
    loan.auto_debit = on
    return loan
