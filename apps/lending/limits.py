"""How much a person can borrow by a product, and why not more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import Account, AccountStatus, AccountType
from apps.credit_scoring import operations as scoring
from apps.credit_scoring.models import CreditScore
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.money import Money, total
from apps.kyc.queries import limits_of
from apps.ledger import queries as books
from apps.lending.models import OPEN, CreditLimit, Loan, LoanStatus, ProductTerms
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


@dataclass(frozen=True, slots=True)
class _Person:
    """What is asked once about a person, however many products are looked at."""

    user: User
    score: CreditScore
    cap: Money | None  # of their tier
    deposits: Money | None  # the average of what came in over 90 days, in the loan's currency; none came in
    first_loan: Money
    saved: Money
    first_account: date | None
    has_account: bool
    loans: list[tuple[int, int, str, int]]  # id, product, status, days late of what runs or waits
    taken: dict[int, Money]  # by loan, what of it is owed or asked for, in the loan's currency
    set_by_staff: dict[int, CreditLimit]  # by product
    on: date


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
    return limits_of_all(user=user, terms=[terms], by=by, at=at, score=score, replacing=replacing)[0]


def limits_of_all(
    *,
    user: User,
    terms: Sequence[ProductTerms],
    by: User,
    at: datetime,
    score: CreditScore | None = None,
    replacing: Loan | None = None,
) -> list[LoanLimit]:
    """The limits of a person by several products, in their order; as many queries as for one of each currency.

    What staff set for a product takes the place of what savings or deposits allow, never of the product's or the
    tier's most.
    """
    score = score or scoring.score(user=user, at=at, by=by)
    people: dict[str, _Person] = {}
    for currency in {one.currency for one in terms}:
        products = [one.product_id for one in terms if one.currency == currency]
        people[currency] = _person(user, score, currency, products, at)
    return [_limit(people[one.currency], one, replacing) for one in terms]


def _person(user: User, score: CreditScore, currency: str, products: list[int], at: datetime) -> _Person:
    on = local_date(at)
    seen = score.snapshot.measured
    average = Money(int(seen["deposit_average_90d_minor"]), score.currency) if seen.get("deposits_90d") else None
    accounts = list(
        Account.objects.owned_by(user)
        .order_by("opened_at")
        .values_list("opened_at", "status", "account_type", "currency", "ledger_account_id")
    )
    open_savings = Account.objects.owned_by(user).open().filter(account_type=AccountType.SAVINGS, currency=currency)
    ids = list(open_savings.values_list("ledger_account_id", flat=True))
    loans = list(Loan.objects.owned_by(user).filter(status__in=[*OPEN, LoanStatus.ACTIVE]))
    return _Person(
        user=user,
        score=score,
        cap=_tier_cap(user, currency, at),
        deposits=_in(currency, average, at) if average is not None else None,
        first_loan=_in(currency, score.max_loan_amount, at),
        saved=total((balance.available for balance in books.balances(ids).values()), currency),
        first_account=local_date(accounts[0][0]) if accounts else None,
        has_account=any(row[1] == AccountStatus.ACTIVE and row[3] == currency for row in accounts),
        loans=[(one.pk, one.product_id, one.status, one.days_past_due) for one in loans],
        taken={one.pk: _in(currency, _takes(one), at) for one in loans},
        set_by_staff=CreditLimit.of(user, products, on),
        on=on,
    )


def _in(currency: str, amount: Money, at: datetime) -> Money:
    """Scores count the home currency; a loan in another is measured at the middle rate, and nothing without one."""
    if amount.currency == currency:
        return amount
    rates = fx.newest(at)
    return rates.converted(amount, currency) if rates and currency in rates.table else Money.zero(currency)


def _tier_cap(user: User, currency: str, at: datetime) -> Money | None:
    """What the tier may borrow: said for the currency, else worth what is said for the home currency."""
    own = limits_of(user.kyc_tier, on=local_date(at), currency=currency).loan
    if own is not None or currency == settings.HOME_CURRENCY:
        return own
    home = limits_of(user.kyc_tier, on=local_date(at), currency=settings.HOME_CURRENCY).loan
    return None if home is None else _in(currency, home, at)


def _limit(person: _Person, terms: ProductTerms, replacing: Loan | None) -> LoanLimit:
    bounds = [(terms.most, Reason("PRODUCT", _("This loan goes up to %(most)s.") % {"most": terms.most}))]
    if person.cap is not None:
        bounds.append(_by_tier(person, person.cap, replacing))
    if by_staff := person.set_by_staff.get(terms.product_id):
        bounds.append(_by_staff(by_staff))
    else:
        if terms.savings_multiple is not None:
            bounds.append(_by_savings(person.saved, terms.savings_multiple))
        if terms.deposit_multiple is not None:
            bounds.append(_by_deposits(person, terms.deposit_multiple))
    amount = min(bound for bound, _why in bounds)
    reasons = [why for bound, why in bounds if bound == amount]
    return LoanLimit(terms, amount, reasons, _blocks(person, terms, replacing), person.score)


def _takes(loan: Loan) -> Money:
    left: Money = loan.principal if loan.status in OPEN else loan.principal_left
    return left


def _by_tier(person: _Person, cap: Money, replacing: Loan | None) -> tuple[Money, Reason]:
    """What a tier may borrow is all loans together, those that are asked for too."""
    others = [money for pk, money in person.taken.items() if replacing is None or pk != replacing.pk]
    taken = total(others, cap.currency)
    words = _("Your tier can borrow up to %(most)s. Bring your papers to raise it.") % {"most": cap}
    if taken:
        words = _("Your tier can borrow up to %(most)s, and %(taken)s of it is lent or asked for already.") % {
            "most": cap,
            "taken": taken,
        }
    return max(cap - taken, Money.zero(cap.currency)), Reason("TIER", words)


def _by_staff(row: CreditLimit) -> tuple[Money, Reason]:
    words = _("The bank set your limit to %(amount)s until %(until)s: %(reason)s")
    amount = Money(row.amount_minor or 0, row.currency)
    facts = {"amount": amount, "until": date_format(row.until), "reason": row.reason}
    return amount, Reason("STAFF", words % facts)


def _by_savings(saved: Money, multiple: Decimal) -> tuple[Money, Reason]:
    words = _("%(times)s times your savings of %(saved)s.") % {"times": f"{multiple.normalize():f}", "saved": saved}
    return saved.times(multiple), Reason("SAVINGS", words)


def _by_deposits(person: _Person, multiple: Decimal) -> tuple[Money, Reason]:
    """The average of money in over 90 days, times the product's multiple; a first loan where nothing came in."""
    average = person.deposits
    if average is None:
        words = _("Nothing came in over the last 90 days, so this is a first loan.")
        return person.first_loan, Reason("FIRST_LOAN", words)
    share = f"{(multiple * 100).normalize():f}"
    words = _("%(share)s %% of the average of what comes in, %(average)s.") % {"share": share, "average": average}
    return average.times(multiple), Reason("DEPOSITS", words)


def _blocks(person: _Person, terms: ProductTerms, replacing: Loan | None) -> list[Reason]:
    """Rules of the product that this person does not meet now."""
    found = []
    if person.user.kyc_tier < terms.least_tier:
        found.append(Reason("TIER_TOO_LOW", _("This loan needs your papers to be checked. Bring them to a branch.")))
    if terms.least_account_days:
        first = person.first_account
        if first is None or (person.on - first).days < terms.least_account_days:
            words = _("This loan needs an account of %(days)s days.") % {"days": terms.least_account_days}
            found.append(Reason("ACCOUNT_TOO_YOUNG", words))
    if person.score.decision_score < terms.least_score:
        words = _("This loan needs a score of %(least)s; yours is %(score)s.")
        facts = {"least": terms.least_score, "score": person.score.decision_score}
        found.append(Reason("SCORE_TOO_LOW", words % facts))
    if not person.has_account:
        found.append(Reason("NO_ACCOUNT", _("You have no open account that this loan could be paid to.")))
    return found + _loans_in_the_way(person, terms, replacing)


def _loans_in_the_way(person: _Person, terms: ProductTerms, replacing: Loan | None) -> list[Reason]:
    found = []
    running = [(pk, product, late) for pk, product, status, late in person.loans if status == LoanStatus.ACTIVE]
    if any(late for _pk, _product, late in running):
        found.append(Reason("LATE", _("A loan of yours is late. Pay what is due first.")))
    others = [product for pk, product, _late in running if replacing is None or pk != replacing.pk]
    if any(terms.decides_itself or product == terms.product_id for product in others):
        found.append(Reason("ACTIVE_LOAN", _("You have a loan that is not paid back yet.")))
    if any(status in OPEN and product == terms.product_id for _pk, product, status, _late in person.loans):
        found.append(Reason("WAITS", _("You have asked for this loan already.")))
    return found
