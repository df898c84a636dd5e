"""Reaching a borrower: calls, notes, messages from the bank's own texts. Free text never leaves the house."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.lending import contact
from apps.lending.errors import BadTerm
from apps.lending.models import CallOutcome, CollectionCase, CollectionEntry, ContactKind, Did
from apps.lending.operations.collections.log import lock_person, locked, write
from apps.notifications import operations as notifications
from apps.users.models import User

TEXTS = {
    "REMINDER": ("collect_reminder", _("What is late, and how to pay it")),
    "CALL_US": ("collect_call_us", _("Please call us")),
    "MORE_TIME": ("collect_more_time", _("You can ask for more time")),
}


@transaction.atomic
def log_call(
    *, case: CollectionCase, outcome: str, note: str, person: User | None = None, by: User, at: datetime
) -> CollectionEntry:
    """Write a call down, with how it went and what was said. To the borrower, or a guarantor who was told by letter.

    Raises NotAllowed, NotAParty, ContactRefused, BadTerm, IllegalMove.
    """
    person = person or case.loan.borrower
    lock_person(person)
    row = locked(case, by=by)
    as_whom = contact.as_whom(row, person)
    if outcome not in CallOutcome.values or not note.strip():
        raise BadTerm(_("Say how the call went, and what was said. Nothing was written down."))
    contact.require_allowed(ContactKind.CALL, person, at)
    return write(row, Did.CALL, by=by, at=at, outcome=outcome, note=note, contacted=person, contacted_as=as_whom)


@transaction.atomic
def add_note(*, case: CollectionCase, note: str, by: User, at: datetime) -> CollectionEntry:
    """A note for colleagues. Raises NotAllowed, BadTerm, IllegalMove."""
    row = locked(case, by=by)
    if not note.strip():
        raise BadTerm(_("Write the note first."))
    return write(row, Did.NOTE, by=by, at=at, note=note)


@transaction.atomic
def send_text(*, case: CollectionCase, text: str, by: User, at: datetime) -> CollectionEntry:
    """Send the borrower one of the bank's own texts, in their language; there is no free text.

    Raises NotAllowed, ContactRefused, BadTerm, IllegalMove.
    """
    borrower = case.loan.borrower
    lock_person(borrower)
    row = locked(case, by=by)
    if text not in TEXTS:
        raise BadTerm(_("Choose one of the bank's texts. Nothing was sent."))
    contact.require_allowed(ContactKind.MESSAGE, borrower, at)
    as_whom = contact.as_whom(row, borrower)
    entry = write(row, Did.MESSAGE, by=by, at=at, contacted=borrower, contacted_as=as_whom, text=text)
    loan = row.loan
    context = {"reference": loan.reference, "amount": str(loan.arrears), "days": str(loan.days_past_due)}
    notifications.send(f"lending.{TEXTS[text][0]}", to=borrower, context=context, at=at, key=f"case/entry/{entry.pk}")
    return entry
