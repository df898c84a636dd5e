"""Loans in the demo: running, paid back, late, guaranteed, topped up, in parts, paid by M-Pesa, and work for staff."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from apps.accounts import operations as accounts
from apps.accounts.models import AccountStatus
from apps.accounts.queries import holding
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending import limits, matching, operations, renewals
from apps.lending.errors import NotEligible
from apps.lending.models import Guarantee, Loan, ProductTerms, Source, Tranche
from apps.lending.operations import collections
from apps.lending.operations import day as loans
from apps.mpesa.operations.c2b import confirm_c2b
from apps.mpesa.rules import Received
from apps.portals.demo import called
from apps.portals.demo import late as demo_late
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

BEGAN = 70  # days before the end
LATE_FROM = 80  # households before it are given money in later stories, which would pay what is late
PROVED = 31_000  # who earns as much brought their papers
DAY = timedelta(days=1)
MORNING = timedelta(hours=10, minutes=12)
SMS = StepUpChallenge.Method.SMS

Act = Callable[[datetime], object]


def lend(households: list[Household], *, officer: User, second: User, end: datetime) -> int:
    """Live through the last ten weeks day by day, with the end of each for all loans. Returns how many were lent."""
    acts = _Story(households, officer, second, end).acts()
    today = local_date(end)
    on = today - BEGAN * DAY
    for early in sorted(day for day in acts if day < on):
        for act in acts[early]:
            act(day_start(early) + MORNING)
    _end_of(on - DAY)
    while on <= today:
        for act in acts.get(on, []):
            act(min(day_start(on) + MORNING, end))
        if on < today:
            _end_of(on)
            collections.tell_in_the_morning(at=day_start(on + DAY) + timedelta(hours=9))
        on += DAY
    return Loan.objects.exclude(disbursed_at=None).count()


def _end_of(on: date) -> None:
    at = day_start(on + DAY)
    steps = (loans.collect, loans.accrue, loans.penalise, loans.age, loans.provide, loans.snapshot, collections.pursue)
    for step in steps:
        step(day=on, at=at)


class _Story:
    """Who borrows what, and when."""

    def __init__(self, households: list[Household], officer: User, second: User, end: datetime) -> None:
        self.mine, self.officer, self.second, self.end = households[0], officer, second, end
        self.others: Iterator[Household] = _open(households[10:])
        self.late: Iterator[Household] = _open(households[LATE_FROM:-4])

    def acts(self) -> dict[date, list[Act]]:
        """What happens on which day."""
        runs, backed, asks = (self._next(least) for least in (5_000, 9_000, 5_000))
        late, *also_late = (self._next(least, late=True) for least in (5_000, 4_000, 4_000))
        gone, *stand = (self._next(9_000, late=True) for _nth in range(3))
        friends, trader = [self._next(9_000), self._next(9_000)], self._next(0, earns=PROVED)
        builder, tops_up, by_phone = self._next(0, earns=PROVED), self._next(5_000), self._next(5_000)
        plan: list[tuple[int, Act]] = [
            (70, lambda at: self._borrow(self.mine, "3000", at)),
            (52, lambda at: self._pay_off(self.mine, at)),
            (8, lambda at: self._borrow(self.mine, "5000", at)),
            (19, lambda at: self._borrow(runs, "8000", at)),
            (12, lambda at: self._pay_some(runs, "2000", at)),
            (34, lambda at: self._borrow(late, "4000", at)),
            (5, lambda at: self._spend_all(late, at)),
            (40, lambda at: self._borrow_on_savings(backed, friends, at)),
            (3, lambda at: self._ask_for_a_guarantee(asks, at)),
            (1, lambda at: self._apply(trader, "BUSINESS", "30000", at)),
            (40, lambda at: self._borrow(tops_up, "4000", at)),
            (25, lambda at: self._pay_some(tops_up, "3000", at)),
            (15, lambda at: self._borrow_more(tops_up, "2500", at)),
            (28, lambda at: self._borrow(by_phone, "3000", at)),
            (4, lambda at: self._pay_by_paybill(by_phone, at)),
            (45, lambda at: self._build(builder, at)),
            (18, lambda at: self._build_on(builder, at)),
        ]
        plan += called.acts(
            gone,
            borrow=lambda at: self._borrow_on_savings(gone, stand, at),
            spend_all=self._spend_all,
            officer=self.officer,
            second=self.second,
            end=self.end,
        )
        plan += demo_late.acts(
            also_late,
            already_late=late,
            borrow=self._borrow,
            spend_all=self._spend_all,
            officer=self.officer,
            end=self.end,
        )
        today = local_date(self.end)
        days: dict[date, list[Act]] = {}
        for ago, act in plan:
            days.setdefault(today - ago * DAY, []).append(act)
        return days

    def _next(self, least: int, earns: int = 0, *, late: bool = False) -> Household | None:
        """The next customer who has and earns that much (whole shillings); none in a very small demo."""
        paid = (one for one in (self.late if late else self.others) if one.who.salary >= earns)
        rich = (one for one in paid if holding(one.account).available.minor >= least * 100)
        return next(rich, None)

    def _borrow(self, who: Household | None, amount: str, at: datetime) -> None:
        self._apply(who, "INSTANT", amount, at)

    def _apply(self, who: Household | None, code: str, amount: str, at: datetime) -> Loan | None:
        """Ask for a loan, for less where the limit is lower; who cannot have any asks for none."""
        if who is None:
            return None
        user, terms = User.objects.get(pk=who.account.owner_id), _terms(code, at)  # with the tier of today
        limit = limits.limit_of(user=user, terms=terms, by=user, at=at)
        if not limit.is_open:
            return None
        asked = min(Money.of(amount, "KES"), Money(limit.amount.minor // 50_000 * 50_000, "KES"))
        loan = operations.apply(
            borrower=user,
            terms=terms,
            account=who.account,
            amount=max(asked, terms.least),
            periods=terms.usual_periods,
            purpose=terms.product.purposes[0],
            accepts=True,
            key=f"demo-{code}-{at:%Y%m%d}",
            by=user,
            at=at,
        )
        if loan.disbursed_at:
            who.left += loan.principal_minor
        return loan

    def _pay_off(self, who: Household, at: datetime) -> None:
        for loan in Loan.objects.owned_by(who.account.owner).active():
            row = operations.pay_off(loan=loan, key="demo-end", by=who.account.owner, at=at)
            who.left -= row.amount_minor

    def _pay_some(self, who: Household | None, amount: str, at: datetime) -> None:
        for loan in Loan.objects.owned_by(who.account.owner).active() if who else ():
            row = operations.repay(loan=loan, amount=Money.of(amount, "KES"), key="demo-part", by=loan.borrower, at=at)
            if who:
                who.left -= row.amount_minor

    def _borrow_more(self, who: Household | None, more: str, at: datetime) -> None:
        """A new loan pays the old one off and brings more; signed with a code."""
        for loan in Loan.objects.owned_by(who.account.owner).active().shown() if who else ():
            try:
                made = operations.top_up(
                    loan=loan, more=Money.of(more, "KES"), key="demo-more", by=loan.borrower, at=at
                )
                asked = operations.challenge(loan=made, by=made.borrower, at=at, method=SMS)
            except DomainError:  # the limit is lower, or too little is back: in this demo nobody borrows more
                return
            _answer(asked, at)
            made = operations.accept(loan=made, challenge_id=asked.pk, by=made.borrower, at=at)
            if who:
                who.left += made.principal_minor - made.replaced_minor

    def _pay_by_paybill(self, who: Household | None, at: datetime) -> None:
        """M-Pesa tells of a payment with the loan's reference; a few shillings more than owed stay on the account."""
        for loan in Loan.objects.owned_by(who.account.owner).active() if who else ():
            takes = renewals.payoff_of(loan, at).total
            sent = Money((takes.minor // 5_000 + 1) * 5_000, "KES")
            told = Received("SKL4R7PAYB", sent.minor, loan.reference, "174379", loan.borrower.first_name, "2547***111")
            row = confirm_c2b(told=told, at=at)
            if row and who:
                used = operations.receive_for(
                    purpose=row.purpose, amount=sent, key=f"mpesa/{row.receipt}", source=Source.MPESA, at=at
                )
                who.left += sent.minor - (used.amount_minor if used else 0)

    def _build(self, who: Household | None, at: datetime) -> None:
        """A loan in three parts for a shop that is built; the first part goes out."""
        _offer_parts(at)
        loan = self._apply(who, "BUSINESS", "30000", at)
        if loan is None or who is None:
            return
        on, (first, second, third) = local_date(at), loan.principal.split(3)
        parts = [
            operations.Part(first, on, "Plot and stones"),
            operations.Part(second, on + 25 * DAY, "Walls"),
            operations.Part(third, on + 55 * DAY, "Roof"),
        ]
        operations.plan_parts(loan=loan, parts=parts, by=loan.borrower, at=at)
        operations.approve(loan=loan, by=self.officer, at=at, note="Seen on the plot")
        asked = operations.challenge(loan=loan, by=loan.borrower, at=at, method=SMS)
        _answer(asked, at)
        loan = operations.accept(loan=loan, challenge_id=asked.pk, by=loan.borrower, at=at)
        operations.disburse(loan=loan, by=self.officer, at=at)
        who.left += first.minor

    def _build_on(self, who: Household | None, at: datetime) -> None:
        """The walls stand: the second part goes out, unless an instalment is late."""
        for part in Tranche.objects.planned().filter(loan__account=who.account)[:1] if who else ():
            try:
                operations.pay_out_part(tranche=part, by=self.officer, at=at)
            except NotEligible:
                return
            if who:
                who.left += part.amount_minor

    def _spend_all(self, who: Household | None, at: datetime) -> None:
        """A hospital bill takes all there is, so nothing is there when the loan falls due."""
        there = holding(who.account).available if who else Money.zero("KES")
        if who is None or not there:
            return
        out = accounts.out_of(who.account, there, "Hospital", merchant="Jaramogi Hospital", category="health")
        legs = [ledger.credit("bank:settlement", there)]
        accounts.post(
            reference=f"demo/hospital/{who.account.pk}",
            kind="BILL_PAYMENT",
            narrative="Hospital",
            movements=[out],
            legs=legs,
            at=at,
        )
        who.left = 0

    def _borrow_on_savings(self, who: Household | None, friends: list[Household | None], at: datetime) -> None:
        """Friends stand for it, an officer approves, the borrower signs, the money goes out."""
        if who is None or None in friends:
            return
        _save(who, 6_000, at)
        loan = self._apply(who, "SAVINGS_BACKED", "20000", at)
        if loan is None:
            return
        part, rest = loan.principal.times(loan.terms.guarantee_cover).split(2)
        for friend, amount in zip(friends, (part, rest), strict=True):
            if friend:
                _save(friend, 8_500, at)
                _stand_for(loan, friend, amount, at)
        operations.approve(loan=loan, by=self.officer, at=at, note="Saves every month")
        asked = operations.challenge(loan=loan, by=loan.borrower, at=at, method=SMS)
        _answer(asked, at)
        loan = operations.accept(loan=loan, challenge_id=asked.pk, by=loan.borrower, at=at)
        operations.disburse(loan=loan, by=self.officer, at=at)
        who.left += loan.principal_minor

    def _ask_for_a_guarantee(self, who: Household | None, at: datetime) -> None:
        """Achieng is asked, and has not answered yet."""
        if who is None:
            return
        _save(who, 3_000, at)
        _save(self.mine, 4_000, at)
        loan = self._apply(who, "SAVINGS_BACKED", "10000", at)
        if loan:
            part = loan.principal.times(loan.terms.guarantee_cover).split(3)[0]
            operations.ask_guarantee(loan=loan, guarantor=self.mine.account.owner, amount=part, by=loan.borrower, at=at)


def _open(households: list[Household]) -> Iterator[Household]:
    return (one for one in households if one.account.status == AccountStatus.ACTIVE)


def _terms(code: str, at: datetime) -> ProductTerms:
    return next(terms for terms in matching.on_offer(at) if terms.product.code == code)


def _offer_parts(at: datetime) -> None:
    """From that day on business loans may go out in three parts; loans that run keep their terms."""
    terms = _terms("BUSINESS", at)
    fees = list(terms.fees.all())
    terms.pk, terms._state.adding = None, True
    terms.version, terms.valid_from, terms.created_at, terms.most_parts = terms.version + 1, local_date(at), at, 3
    terms.source = "Demo: paid out in parts"
    terms.save()
    for fee in fees:
        fee.pk, fee._state.adding, fee.terms = None, True, terms
        fee.save()


def _save(who: Household, shillings: int, at: datetime) -> None:
    """Put money aside on the savings account, as far as it is there."""
    there = holding(who.account).available
    amount = min(Money(shillings * 100, "KES"), there)
    if not amount:
        return
    accounts.post(
        reference=f"demo/save/{who.savings.pk}/{at:%Y%m%d}",
        kind="INTERNAL_TRANSFER",
        narrative="Savings",
        movements=[accounts.out_of(who.account, amount, "To savings"), accounts.into(who.savings, amount, "Saved")],
        at=at,
    )
    who.left -= amount.minor


def _stand_for(loan: Loan, friend: Household, amount: Money, at: datetime) -> Guarantee:
    owner = friend.account.owner
    row = operations.ask_guarantee(loan=loan, guarantor=owner, amount=amount, by=loan.borrower, at=at)
    asked = operations.challenge_guarantor(guarantee=row, by=owner, at=at, method=SMS)
    _answer(asked, at)
    return operations.guarantee(guarantee=row, account=friend.savings, challenge_id=asked.pk, by=owner, at=at)


def _answer(asked: StepUpChallenge, at: datetime) -> None:
    people.answer(challenge_id=asked.pk, user=asked.user, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
