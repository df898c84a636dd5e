"""Borrowers of the demo who are late, and what the desk does: promises kept and broken, a visit, a letter."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from apps.accounts import operations as accounts
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending import contact
from apps.lending.models import CollectionCase, ContactKind, Loan, Visit
from apps.lending.operations import collections
from apps.portals.demo.year import Household
from apps.users.models import User

DAY = timedelta(days=1)
Act = Callable[[datetime], object]
Borrow = Callable[[Household | None, str, datetime], object]
Spend = Callable[[Household | None, datetime], object]
Who = Household | None


def acts(
    who: Iterable[Who], *, already_late: Who, borrow: Borrow, spend_all: Spend, officer: User, end: datetime
) -> list[tuple[int, Act]]:
    """What happens how many days before the end; contacts move to the next day on which people may be reached."""
    breaks, keeps = who
    today = local_date(end)

    def ago(days: int, kind: str = ContactKind.CALL) -> int:
        on = today - days * DAY
        while on < today and contact.open_on(kind, on):
            on += DAY
        return (today - on).days

    return [
        (45, lambda at: borrow(breaks, "4000", at)),
        (16, lambda at: spend_all(breaks, at)),
        (12, lambda at: _promise(breaks, "1500", 2, at)),
        (ago(8), lambda at: _call(breaks, officer, at)),
        (ago(6, ContactKind.VISIT), lambda at: _visit(breaks, officer, at)),
        (ago(4, ContactKind.LETTER), lambda at: _letter(breaks, officer, at)),
        (50, lambda at: borrow(keeps, "3000", at)),
        (21, lambda at: spend_all(keeps, at)),
        (18, lambda at: _promise(keeps, "500", 3, at)),
        (16, lambda at: _comes_in(keeps, "500", at)),
        (2, lambda at: _more_time(keeps, at)),
        (1, lambda at: _promise(already_late, "1000", 4, at)),
    ]


def _loan(who: Who) -> Loan | None:
    """The loan of theirs that is late; none in a very small demo."""
    rows = Loan.objects.shown().active().filter(borrower=who.account.owner) if who else Loan.objects.none()
    return rows.order_by("-days_past_due").first()


def _case(who: Who) -> CollectionCase | None:
    loan = _loan(who)
    return CollectionCase.objects.open().shown().filter(loan=loan).first() if loan else None


def _promise(who: Who, amount: str, days: int, at: datetime) -> None:
    loan, case = _loan(who), _case(who)
    if loan and case:
        due_on: date = local_date(at) + days * DAY
        kes = Money.of(amount, "KES")
        collections.promise(loan=loan, amount=kes, due_on=due_on, key=f"demo-{at:%m%d}", by=loan.borrower, at=at)


def _call(who: Who, officer: User, at: datetime) -> None:
    if case := _case(who):
        collections.claim(case=case, by=officer, at=at)
        words = "The stall was closed for two weeks; asks to be visited."
        collections.log_call(case=case, outcome="REACHED", note=words, by=officer, at=at)


def _visit(who: Who, officer: User, at: datetime) -> None:
    case = _case(who)
    if case is None:
        return
    place = "Jubilee market, third row, the blue stall"
    collections.plan_visit(case=case, on=local_date(at), place=place, by=officer, at=at)
    row = Visit.objects.select_related("case__loan__borrower").get(case=case, status="PLANNED")
    words = "The stall is open again; wants to pay from Saturday's takings."
    collections.write_visit(visit=row, outcome="MET", note=words, by=officer, at=at)


def _letter(who: Who, officer: User, at: datetime) -> None:
    if case := _case(who):
        collections.send_letter(case=case, kind="DEMAND", by=officer, at=at)


def _more_time(who: Who, at: datetime) -> None:
    loan, case = _loan(who), _case(who)
    if loan and case:
        words = "My salary comes two weeks late this month. May I pay the rest by the end of next month?"
        collections.ask_more_time(loan=loan, says=words, by=loan.borrower, at=at)


def _comes_in(who: Who, amount: str, at: datetime) -> None:
    """A brother sends something; the end of the day takes it for what is due."""
    if who is None:
        return
    money = Money.of(amount, "KES")
    accounts.post(
        reference=f"demo/brother/{who.account.pk}",
        kind="DEPOSIT",
        narrative="From a brother",
        movements=[accounts.into(who.account, money, "From my brother")],
        legs=[ledger.debit(ledger.gl("bank:settlement", "KES"), money)],
        at=at,
    )
