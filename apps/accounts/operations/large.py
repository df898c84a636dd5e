"""Showing holders among their alerts that much money left, from the amount on that the bank calls much that day."""

from datetime import datetime

from apps.accounts import queries
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications import people
from apps.users.models import User


def tell_of_large_payment(*, holder: User, amount: Money, payee: str, reference: str, about: str, at: datetime) -> None:
    """Raise the alert where `amount` is much; once for each `about`. Of a business, each of its owners sees it.

    Other currencies count at their middle rate. Raises RatesStale for a currency that never had a rate.
    """
    floor = queries.large_payment(local_date(at))
    if floor is None or fx.in_home(amount, at) < floor:
        return
    context = {"amount": str(amount), "payee": payee, "reference": reference}
    facts = [notifications.Fact(to=one.pk, about=about, context=context) for one in people.readers(holder)]
    notifications.note("accounts.large_payment", facts=facts, at=at)
