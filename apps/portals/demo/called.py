"""A borrower of the demo who went away: friends who stand for the loan are told by letter, then called by two."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.lending import contact
from apps.lending.models import CollectionCase, ContactKind, Guarantee
from apps.lending.operations import collections
from apps.portals.demo.year import Household
from apps.users.models import User

LENT = 160  # days before the end: so long ago that guarantors are asked by now
DAY = timedelta(days=1)
Act = Callable[[datetime], object]
Who = Household | None


def acts(
    who: Who, *, borrow: Act, spend_all: Callable[[Who, datetime], object], officer: User, second: User, end: datetime
) -> list[tuple[int, Act]]:
    """What happens how many days before the end."""
    today, told = local_date(end), 29
    while contact.open_on(ContactKind.LETTER, today - told * DAY):
        told -= 1
    return [
        (LENT, borrow),
        (LENT - 20, lambda at: spend_all(who, at)),
        (told, lambda at: _tell(who, officer, at)),
        (5, lambda at: _call(who, officer, second, at)),
    ]


def _case(who: Who) -> CollectionCase | None:
    open_ = CollectionCase.objects.open().shown()
    return open_.filter(loan__borrower=who.account.owner, loan__product__code="SAVINGS_BACKED").first() if who else None


def _tell(who: Who, officer: User, at: datetime) -> None:
    case = _case(who)
    if case is None:
        return
    for row in Guarantee.objects.given().select_related("guarantor").filter(loan_id=case.loan_id):
        collections.send_letter(case=case, kind="GUARANTOR", person=row.guarantor, by=officer, at=at)


def _call(who: Who, officer: User, second: User, at: datetime) -> None:
    case = _case(who)
    if case is None or not Guarantee.objects.given().filter(loan_id=case.loan_id).exists():
        return
    reason = "Closed the stall in July and answers no calls; both friends were told."
    asked = collections.ask_call_guarantors(case=case, reason=reason, by=officer, at=at)
    approvals.approve(approval=asked, by=second, at=at + timedelta(hours=2))
