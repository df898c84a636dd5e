"""How much a person can borrow by a product, and why not more."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.accounts.models import Account, AccountStatus, AccountType
from apps.credit_scoring import operations as scoring
from apps.credit_scoring.models import CreditScore
from apps.kernel.clock import local_date
from apps.kernel.money import Money, total
from apps.kyc.queries import limits_of
from apps.ledger import queries as books
from apps.lending.models import Loan, ProductTerms
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that limits, in a stable code and in words."""

    code: str
    says: str


@dataclass(frozen=True, slots=True)
class LoanLimit:
    """What a person can ask for: at most `amount`; nothing when `blocks` name a rule that is not met."""

    terms: ProductTerms
    amount: Money
    reasons: list[Reason] = field(default_factory=list)
    blocks: list[Reason] = field(default_factory=list)
    score: CreditScore | None = None

    @property
    def is_open(self) -> bool:
        """Whether they can ask for the least the product lends."""
        return not self.blocks and self.amount >= self.terms.least


def limit_of(
    *,
    user: User,
    terms: ProductTerms,
    by: User,
    at: datetime,
    score: CreditScore | None = None,
    replacing: Loan | None = None,
) -> LoanLimit:
    """The limit of a person by a product now; savings that are held for something do not count.

    A loan that the new one pays off (`replacing`) is not in its way. A score is made when none holds; nothing else is
    written.
    """
    score = score or scoring.score(user=user, at=at, by=by)
    currency, on = terms.currency, local_date(at)
    bounds = [(terms.most, Reason("PRODUCT", _("This loan goes up to %(most)s.") % {"most": terms.most}))]
    if cap := limits_of(user.kyc_tier, on=on, currency=currency).loan:
        words = _("Your tier can borrow up to %(most)s. Bring your papers to raise it.") % {"most": cap}
        bounds.append((cap, Reason("TIER", words)))
    if terms.savings_multiple is not None:
        bounds.append(_by_savings(user, terms.savings_multiple, currency))
    if terms.deposit_multiple is not None:
        bounds.append(_by_deposits(score, terms.deposit_multiple, currency))
    amount = min(bound for bound, _why in bounds)
    reasons = [why for bound, why in bounds if bound == amount]
    return LoanLimit(terms, amount, reasons, _blocks(user, terms, on, replacing), score)


def _by_savings(user: User, multiple: Decimal, currency: str) -> tuple[Money, Reason]:
    held = Account.objects.owned_by(user).open().filter(account_type=AccountType.SAVINGS, currency=currency)
    ids = list(held.values_list("ledger_account_id", flat=True))
    saved = total((balance.available for balance in books.balances(ids).values()), currency)
    words = _("%(times)s times your savings of %(saved)s.") % {"times": f"{multiple.normalize():f}", "saved": saved}
    return saved.times(multiple), Reason("SAVINGS", words)


def _by_deposits(score: CreditScore, multiple: Decimal, currency: str) -> tuple[Money, Reason]:
    """The average of money in over 90 days, times the product's multiple; a first loan where nothing came in."""
    seen = score.snapshot.measured
    if not seen.get("deposits_90d"):
        first = score.max_loan_amount
        return first, Reason("FIRST_LOAN", _("Nothing came in over the last 90 days, so this is a first loan."))
    average = Money(int(seen["deposit_average_90d_minor"]), currency)
    share = f"{(multiple * 100).normalize():f}"
    words = _("%(share)s %% of the average of what comes in, %(average)s.") % {"share": share, "average": average}
    return average.times(multiple), Reason("DEPOSITS", words)


def _blocks(user: User, terms: ProductTerms, on: date, replacing: Loan | None) -> list[Reason]:
    """Rules of the product that this person does not meet now."""
    found = []
    if user.kyc_tier < terms.least_tier:
        found.append(Reason("TIER_TOO_LOW", _("This loan needs your papers to be checked. Bring them to a branch.")))
    if terms.least_account_days:
        opened = Account.objects.owned_by(user).order_by("opened_at").values_list("opened_at", flat=True).first()
        if opened is None or (on - local_date(opened)).days < terms.least_account_days:
            words = _("This loan needs an account of %(days)s days.") % {"days": terms.least_account_days}
            found.append(Reason("ACCOUNT_TOO_YOUNG", words))
    if not Account.objects.owned_by(user).filter(status=AccountStatus.ACTIVE, currency=terms.currency).exists():
        found.append(Reason("NO_ACCOUNT", _("You have no open account that this loan could be paid to.")))
    running = Loan.objects.owned_by(user).active().filter(days_past_due__gt=0)
    if running.exists():
        found.append(Reason("LATE", _("A loan of yours is late. Pay what is due first.")))
    same = Loan.objects.owned_by(user).active().exclude(pk=replacing.pk if replacing else 0)
    if not terms.decides_itself:
        same = same.filter(product=terms.product)
    if same.exists():
        found.append(Reason("ACTIVE_LOAN", _("You have a loan that is not paid back yet.")))
    if Loan.objects.owned_by(user).open().filter(product=terms.product).exists():
        found.append(Reason("WAITS", _("You have asked for this loan already.")))
    return found
