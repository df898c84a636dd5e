"""What paying a new loan out does to the loan it takes the place of: that one is paid off in the same transaction."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.money import Money
from apps.lending import offers, owed, renewals
from apps.lending.errors import NotEligible
from apps.lending.events import LoanReplaced
from apps.lending.models import Loan, LoanStatus, Renewal, Source
from apps.lending.operations.collateral import require_pledged
from apps.lending.operations.guarantee import require_covered
from apps.lending.operations.receive import receive
from apps.lending.operations.repay import Locked
from apps.lending.operations.settle import end
from apps.users.models import User


def takes(loan: Loan, old: Locked, at: datetime) -> owed.Owed:
    """What the old loan takes now, under its lock. A loan in place of a late one lends exactly that, never more than
    was signed; one on top must still bring something. Raises IllegalMove, NothingOwed, NotEligible.
    """
    if old.loan.status != LoanStatus.ACTIVE:
        raise IllegalMove(_("The loan that this one takes the place of is over. No money moved. Take this offer back."))
    what = owed.payoff(old.loan, old.rows, at)
    if loan.renewal == Renewal.REFINANCE:
        require_covered(loan)  # no officer looked at it as at an application
        require_pledged(loan, local_date(at))
        if what.total > loan.principal:
            raise NotEligible(
                _("The old loan takes more by now than this one brings. No money moved. Ask for another.")
            )
        loan.principal_minor = what.total.minor
        return what
    renewals.require_good_standing(old.loan, old.rows, at)
    if offers.of_loan(loan, local_date(at)).received < what.total:
        raise NotEligible(_("The old loan takes more by now than this one brings. No money moved. Ask for another."))
    return what


def pay_old_off(loan: Loan, old: Locked, what: owed.Owed, *, by: User, at: datetime) -> None:
    """Pay the old loan off from the money that just came, with what a payoff gives back; the two know each other.

    New money does not make a late loan a good one: the new one is classed as the old one was until it is cured.
    """
    held, on_time_since = max(old.loan.held_at_days, old.loan.days_past_due), old.loan.on_time_since
    if old.loan.days_past_due:
        on_time_since = local_date(at)
    settled = end(old.loan, old.rows, what, owed.counted_on(old.loan, old.rows, at))
    receive([(settled, old.account, Source.REFINANCE.value, f"replaced-by/{loan.reference}")], by=by, at=at)
    total: Money = what.total
    Loan.objects.filter(pk=loan.pk).update(replaced_minor=total.minor, held_at_days=held, on_time_since=on_time_since)
    loan.replaced_minor = total.minor
    facts = {"replaces": old.loan.reference, "payoff": str(total), "how": loan.renewal}
    audit_trail.record("lending.loan.replaced", on=old.loan, by=by, at=at, customer=old.loan.borrower, after=facts)
    events.publish(LoanReplaced(loan_id=old.loan.pk, by_id=loan.pk, borrower_id=loan.borrower_id, minor=total.minor))
