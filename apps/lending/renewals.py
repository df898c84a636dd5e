"""A new loan that pays an old one off: who may have one, what it brings, and how it compares with keeping the old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.kernel.clock import local_date
from apps.kernel.money import BadAmount, Money
from apps.lending import offers, owed
from apps.lending.errors import BadTerm, NotEligible, NothingOwed
from apps.lending.models import Instalment, Loan, LoanStatus, ProductTerms, Tranche


@dataclass(frozen=True, slots=True)
class Renewed:
    """An offer beside the loan it would pay off. All of it as of one moment."""

    old: Loan
    payoff: owed.Owed
    left: Money
    last_due_on: date | None
    offer: offers.Offer

    @property
    def in_hand(self) -> Money:
        """New money that stays on the account; below nothing when the old loan takes more than this one brings."""
        return self.offer.received - self.payoff.total

    @property
    def price(self) -> Money:
        """What the new money costs in all: what is paid back from now on, less what keeping the old loan would take."""
        return self.offer.repaid - self.offer.down_payment - self.left - self.in_hand


def rows_of(loan: Loan) -> list[Instalment]:
    """The rows of the schedule that counts."""
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def payoff_of(loan: Loan, at: datetime) -> owed.Owed:
    """What paying the old loan off takes at a moment."""
    return owed.payoff(loan, rows_of(loan), at)


def require_good_standing(loan: Loan, rows: Sequence[Instalment], at: datetime) -> None:
    """Running, on time, with enough of it back by its own terms. Raises NothingOwed, NotEligible."""
    if loan.status != LoanStatus.ACTIVE:
        raise NothingOwed(_("This loan is not running. Nothing was asked for."))
    on = owed.counted_on(loan, rows, at)
    share = loan.terms.top_up_share
    if share is None:
        raise NotEligible(
            _("On this loan nothing more is lent. Nothing was asked for. Ask again once it is paid back.")
        )
    if any(row.settled_on is None and row.due_on < on for row in rows):
        raise NotEligible(_("This loan is late. Nothing was asked for. Pay what is due first."))
    if Tranche.objects.planned().filter(loan=loan).exists():
        raise NotEligible(_("Parts of this loan are still to be paid out. Nothing was asked for. Ask for those first."))
    needed = loan.principal.times(share)
    back = loan.principal - loan.principal_left
    if back < needed:
        raise NotEligible(
            _("More is lent once %(needed)s of this loan is back; %(back)s is. Nothing was asked for.")
            % {"needed": needed, "back": back},
            needed={"amount": f"{needed.amount:f}", "currency": needed.currency},
        )


def work_out(*, loan: Loan, terms: ProductTerms, more: Money, periods: int, rate: Decimal, at: datetime) -> Renewed:
    """The offer of a new loan of what the old one takes now and `more`. Raises as `require_good_standing`, BadAmount,
    BadTerm.
    """
    rows = rows_of(loan)
    require_good_standing(loan, rows, at)
    if more.currency != loan.currency or terms.currency != loan.currency:
        raise BadTerm(_("This loan is in %(currency)s. Nothing was asked for.") % {"currency": loan.currency})
    if more.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    what = owed.payoff(loan, rows, at)
    shown = offers.offer(
        terms=terms,
        principal=what.total + more,
        periods=periods,
        on=local_date(at),
        rate=rate,
    )
    return beside(loan, rows, shown, at)


def beside(loan: Loan, rows: Sequence[Instalment], shown: offers.Offer, at: datetime) -> Renewed:
    """An offer beside the loan it pays off."""
    left = Money(sum(row.left_minor for row in rows if row.settled_on is None), loan.currency)
    return Renewed(loan, owed.payoff(loan, rows, at), left, loan.last_due_on, shown)


def most_by(loan: Loan, rows: Sequence[Instalment], at: datetime, days: int) -> Money:
    """What paying a loan off may take within so many days when nobody pays: interest to then and every penalty."""
    until = at + timedelta(days=days)
    then = owed.payoff(loan, rows, until).total
    terms = loan.terms
    bears = sum(
        row.left_minor - (row.penalty_minor - row.paid_penalty_minor)
        for row in rows
        if row.settled_on is None and row.due_on < local_date(until)
    )
    most = max(loan.principal.times(terms.penalty_cap_rate).minor - loan.penalties_minor, 0)
    charged = Money(bears, loan.currency).times(terms.penalty_rate).minor * days
    return then + Money(min(charged, most), loan.currency)
