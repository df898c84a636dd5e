"""What a loan would cost and when it would be due: shown before anybody signs, and the same figures afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from django.utils.translation import gettext as _

from apps.kernel.clock import local_date
from apps.kernel.money import BadAmount, CurrencyMismatch, Money, total
from apps.lending import planning
from apps.lending.charges import LoanCharge, charges_of, total_of
from apps.lending.errors import BadTerm
from apps.lending.models import Loan, ProductTerms, RatePer, ReferenceRate, Renewal, TrancheStatus

_PER_YEAR = {RatePer.WEEK: Decimal(52), RatePer.MONTH: Decimal(12), RatePer.YEAR: Decimal(1)}


@dataclass(frozen=True)
class Offer:
    """A loan of `principal` paid out on `disbursed`: its schedule, its charges, and what all of it costs."""

    terms: ProductTerms
    principal: Money
    periods: int
    rate: Decimal
    disbursed: date
    plan: planning.Plan
    charges: tuple[LoanCharge, ...]
    parts: tuple[planning.Drawn, ...] = ()

    @property
    def charges_total(self) -> Money:
        """Taken when the loan is paid out."""
        return total_of(self.charges, self.principal.currency)

    @property
    def received(self) -> Money:
        """What stays on the account, of all parts together."""
        return self.principal - self.charges_total - self.down_payment

    @property
    def down_payment(self) -> Money:
        """What is paid back at once, of the money that goes out."""
        first = self.plan.rows[0]
        return Money(first.principal_minor if first.is_down_payment else 0, self.principal.currency)

    @property
    def cost(self) -> Money:
        """Interest and charges: what borrowing costs."""
        return self.plan.interest + self.charges_total

    @property
    def repaid(self) -> Money:
        """Everything that is paid back."""
        return self.plan.total

    @property
    def instalment(self) -> Money:
        """The first one that brings principal back; the others may differ by a little."""
        agreed = [row for row in self.plan.rows if not row.is_down_payment]
        rows = [row for row in agreed if row.principal_minor] or agreed
        return Money(rows[0].total_minor, self.principal.currency)

    @cached_property
    def apr_pct(self) -> Decimal:
        """The annual percentage rate of charge by the EU method, charges counted, in percent."""
        at_first = (self.parts[0].amount if self.parts else self.principal) - self.charges_total
        return planning.apr_pct(received=at_first, plan=self.plan, disbursed=self.disbursed, later=self.parts[1:])


def offer(
    *,
    terms: ProductTerms,
    principal: Money,
    periods: int,
    on: date,
    rate: Decimal | None = None,
    parts: Sequence[planning.Drawn] = (),
    is_charged: bool = True,
) -> Offer:
    """Work an offer out. Raises BadAmount, CurrencyMismatch, BadTerm for what the product does not lend.

    `parts` add up to the principal, each on its day; one whose day is over goes out on `on`.
    """
    if principal.currency != terms.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": terms.currency})
    if principal.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if not terms.least_periods <= periods <= terms.most_periods:
        raise BadTerm(
            _("This loan runs over %(least)s to %(most)s instalments. Nothing was asked for.")
            % {"least": terms.least_periods, "most": terms.most_periods},
            least=terms.least_periods,
            most=terms.most_periods,
        )
    used = rate if rate is not None else rate_of(terms, on)
    days = [on, *accumulate((max(one.on, on) for one in parts[1:]), max)]
    coming = tuple(planning.Drawn(day, one.amount) for day, one in zip(days, parts, strict=False))
    inputs = planning.inputs_of(terms, principal=principal, periods=periods, rate=used, disbursed=on, parts=coming)
    plan = planning.solve(inputs, principal.currency)
    charges = tuple(charges_of(terms, principal, on)) if is_charged else ()
    return Offer(terms, principal, periods, used, on, plan, charges, coming)


def of_loan(loan: Loan, on: date) -> Offer:
    """The offer of a loan that was asked for, were it paid out on a day: its parts, and what is charged for it.

    A new loan in place of one that is late costs no charges: it brings no new money.
    """
    parts: list[planning.Drawn] = []
    if loan.terms.most_parts > 1:
        rows = loan.tranches.exclude(status__in=[TrancheStatus.LAPSED, TrancheStatus.CANCELLED]).order_by("number")
        parts = [planning.Drawn(local_date(row.paid_at) if row.paid_at else row.planned_on, row.amount) for row in rows]
    return offer(
        terms=loan.terms,
        principal=total((one.amount for one in parts), loan.currency) if parts else loan.principal,
        periods=loan.periods,
        on=on,
        rate=loan.rate,
        parts=parts,
        is_charged=loan.renewal != Renewal.REFINANCE,
    )


def rate_of(terms: ProductTerms, on: date) -> Decimal:
    """The rate a loan made on a day gets: the terms' own, or the reference rate in force and the margin on it."""
    if not terms.reference:
        return terms.rate
    row = ReferenceRate.objects.filter(code=terms.reference, valid_from__lte=on).order_by("-valid_from").first()
    if row is None:
        raise BadTerm(_("The reference rate of this loan is not known for that day. Nothing was asked for."))
    return row.rate + terms.rate


def priced(terms: ProductTerms, yearly: Decimal, on: date) -> Decimal:
    """The rate for one borrower: what their risk costs a year, in the product's time, within the product's bounds."""
    if terms.least_rate is None or terms.most_rate is None or terms.rate_per == RatePer.TERM:
        return rate_of(terms, on)
    exact = yearly / _PER_YEAR[RatePer(terms.rate_per)]
    return min(max(exact, terms.least_rate), terms.most_rate).quantize(Decimal("0.000001"))
