"""Telling borrowers what falls due: three days and one day before, and on the day."""

from datetime import date, datetime, timedelta
from itertools import islice

from apps.kernel.clock import local_date
from apps.lending.models import Instalment, LoanStatus
from apps.notifications import operations as notifications
from apps.notifications import people

DAYS_BEFORE = (3, 1, 0)
AT_ONCE = 500
TEXT = "lending.due_soon"


def remind(*, at: datetime) -> int:
    """One message for each instalment and day of the ladder; told again, nobody hears it twice. Returns how many.

    The first of them stands among the alerts in the app, too: an instalment is one alert, however often it is told.
    """
    today = local_date(at)
    return sum(_remind(today + timedelta(days=days), days, at) for days in DAYS_BEFORE)


def _remind(due_on: date, days: int, at: datetime) -> int:
    rows = Instalment.objects.current().filter(due_on=due_on, settled_on=None, loan__status=LoanStatus.ACTIVE)
    found = rows.select_related("loan__borrower").order_by("pk").iterator(AT_ONCE)
    told = 0
    while some := list(islice(found, AT_ONCE)):
        _tell(some, days, at)
        told += len(some)
    return told


def _tell(rows: list[Instalment], days: int, at: datetime) -> None:
    """Whoever has a phone in one go; a business through its owners, and who has only a mailbox, one by one."""
    known = people.find_all({row.loan.borrower_id for row in rows})
    tellings: list[notifications.Telling] = []
    facts: list[notifications.Fact] = []
    for row in rows:
        loan, borrower = row.loan, row.loan.borrower
        context = {"reference": loan.reference, "amount": str(row.left), "due_on": row.due_on}
        key = f"loan/{loan.pk}/due/{row.due_on}/{days}"
        readers = people.readers(borrower)
        person = known.get(borrower.pk)
        if readers == [borrower] and person is not None and person.phone:
            tellings.append(notifications.Telling(to=borrower.pk, key=key, context=context))
        else:
            notifications.send(TEXT, to=borrower, context=context, at=at, key=key)
        about = f"loans/{loan.public_id}/due/{row.due_on}"
        facts += [notifications.Fact(to=one.pk, about=about, context=context) for one in readers]
    notifications.send_many(TEXT, tellings=tellings, at=at)
    notifications.note(TEXT, facts=facts, at=at)
