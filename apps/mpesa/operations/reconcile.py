"""A day of ours beside M-Pesa's own statement: what no callback told of is booked, what differs waits for a person.

Each step may be done again without harm, and each commits by itself: a run that dies half-way is finished by the next
one of the same statement. Only a statement we fetched ourselves is M-Pesa's word: what a person carries in is compared,
and shows what differs, but books nothing and changes nothing that was fetched.
"""

from datetime import date, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.kernel import http
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.mpesa import rules, statement
from apps.mpesa.errors import BadStatement, MpesaUnavailable
from apps.mpesa.models import PaymentReconciliation
from apps.mpesa.operations.compare import compare
from apps.mpesa.operations.stated import book_charges, book_missing, keep
from apps.users.models import User
from apps.users.queries import system_user

RIGHT = "mpesa.reconcile_mpesa"
WEEK = timedelta(days=7)
UNREADABLE = _(
    "We cannot read this: %(why)s. Nothing was changed. Export one day's statement as CSV and send it unchanged."
)


def reconcile(*, day: date, statement: str, by: User, at: datetime) -> PaymentReconciliation:
    """Compare a day with the organisation's statement of it; the same statement again returns what was found then.

    Raises NotAllowed, BadStatement.
    """
    if not by.is_service and not (by.is_active and by.has_perm(RIGHT)):
        raise NotAllowed(_("You do not hold the right to reconcile M-Pesa."))
    source_hash, lines = _read(day, statement, at, is_fetched=by.is_service)
    made = PaymentReconciliation.objects.filter(day=day, source_hash=source_hash).first()
    if made is not None:
        return made
    keep(day, lines, is_fetched=by.is_service)
    book_missing(day, at)
    book_charges(day, at)
    return compare(day, source_hash, by, at)


def days_to_reconcile(*, at: datetime) -> list[date]:
    """Yesterday, and before it the days of the last week that were never compared with a statement we fetched. The bank
    looks back no further than to the first day it fetched: what moved before is not its own.
    """
    yesterday = local_date(at) - timedelta(days=1)
    fetched = PaymentReconciliation.objects.filter(made_by__is_service=True)
    first = fetched.order_by("day").values_list("day", flat=True).first() or yesterday
    done = set(fetched.filter(day__gt=yesterday - WEEK).values_list("day", flat=True))
    week = [yesterday - timedelta(days=back) for back in range(WEEK.days - 1, 0, -1)]
    return [*[day for day in week if day >= first and day not in done], yesterday]


def reconcile_fetched(*, day: date, at: datetime) -> PaymentReconciliation | None:
    """Fetch a day's statement from where it is configured and compare; None where no address is.

    Raises BadStatement, MpesaUnavailable and what the call raises.
    """
    address = settings.DARAJA_STATEMENT_ADDRESS
    if not address:
        return None
    url = f"{address}{'&' if '?' in address else '?'}{urlencode({'day': day.isoformat()})}"
    answer = http.send("daraja-statement", "GET", url, idempotent=True)
    if answer.status_code != httpx.codes.OK:
        raise MpesaUnavailable(_("M-Pesa's statement could not be fetched. Nothing was changed."))
    return reconcile(day=day, statement=answer.text, by=system_user(), at=at)


def _read(day: date, text: str, at: datetime, *, is_fetched: bool) -> tuple[str, list[statement.Line]]:
    """The lines of the day, and what tells this statement from others; fetched it is another than brought."""
    if day > local_date(at):
        raise BadStatement(_("That day has not come yet. Nothing was changed. Choose the day of the statement."))
    try:
        source_hash = sha256(b"fetched\n" * is_fetched + text.encode()).hexdigest()
        lines = statement.read(text)
    except UnicodeEncodeError as no:
        raise BadStatement(UNREADABLE % {"why": "it holds signs that no text has"}) from no
    except rules.Unreadable as no:
        raise BadStatement(UNREADABLE % {"why": no}) from no
    todays = statement.of_day(lines, day)
    if lines and not todays:
        other = _("This statement is of %(other)s, not of %(day)s. Nothing was changed. Choose the right day or file.")
        raise BadStatement(other % {"other": lines[0].completed_at.date(), "day": day})
    return source_hash, todays
