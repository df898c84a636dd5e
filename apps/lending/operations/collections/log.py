"""The log of a case, and the locks under which it is worked on."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import IllegalMove
from apps.lending import policies
from apps.lending.models import CaseStatus, CollectionCase, CollectionEntry, Loan
from apps.users.models import User


def locked(case: CollectionCase, *, by: User | None = None) -> CollectionCase:
    """A case under its loan's lock, open; `by` is an officer who may collect. Raises NotAllowed, IllegalMove."""
    loan = Loan.objects.select_related("terms", "borrower", "product").select_for_update(of=("self",), no_key=True)
    loan_row = loan.get(pk=case.loan_id)
    if by is not None:
        policies.require_may_collect(by, loan_row)
    row = CollectionCase.objects.select_for_update(no_key=True).get(pk=case.pk)
    if row.status != CaseStatus.OPEN:
        raise IllegalMove(_("This case is closed: nothing is late any more. Nothing was changed."))
    row.loan = loan_row
    return row


def lock_person(person: User) -> None:
    """Attempts to reach a person are counted one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def write(
    case: CollectionCase,
    what: str,
    *,
    by: User,
    at: datetime,
    outcome: str = "",
    note: str = "",
    contacted: User | None = None,
    contacted_as: str = "",
    **facts: Any,
) -> CollectionEntry:
    """One line of the log with its audit record. Amounts and days are kept as text."""
    told = {name: value if isinstance(value, int | str) else str(value) for name, value in facts.items()}
    row = CollectionEntry.objects.create(
        case=case,
        what=what,
        outcome=outcome,
        note=note.strip()[:2000],
        contacted=contacted,
        contacted_as=contacted_as,
        facts=told,
        by=by,
        at=at,
    )
    after = told | {"case": case.pk, "outcome": outcome, "contacted": contacted.pk if contacted else None}
    customer = contacted or case.loan.borrower
    audit_trail.record(f"lending.case.{what.lower()}", on=case, by=by, at=at, customer=customer, after=after)
    return row
