"""Visits: planned for a day on which people may be visited, then written down as they went, or called off."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.lending import contact
from apps.lending.errors import BadTerm, ContactRefused
from apps.lending.models import CollectionCase, ContactKind, Did, Visit, VisitOutcome, VisitStatus
from apps.lending.operations.collections.log import lock_person, locked, write
from apps.lending.states import VISIT
from apps.users.models import User

AHEAD = timedelta(days=60)


@transaction.atomic
def plan_visit(*, case: CollectionCase, on: date, place: str, by: User, at: datetime) -> Visit:
    """Plan to see the borrower; one visit at a time. Raises NotAllowed, BadTerm, ContactRefused, IllegalMove."""
    row = locked(case, by=by)
    today = local_date(at)
    if not today <= on <= today + AHEAD or not place.strip():
        raise BadTerm(_("Say where, and a day within the next 60. Nothing was planned."))
    if because := contact.open_on(ContactKind.VISIT, on):
        words = _("%(why)s Nothing was planned; choose another day.")
        raise ContactRefused(words % {"why": contact.WHY[because]}, because=because)
    visit = Visit(case=row, officer=by, planned_on=on, place=" ".join(place.split())[:200], made_by=by, made_at=at)
    try:
        with transaction.atomic():
            visit.save()
    except IntegrityError:
        raise IllegalMove(_("A visit is planned already. Nothing was changed.")) from None
    write(row, Did.VISIT_PLANNED, by=by, at=at, on=on, place=visit.place)
    return visit


@transaction.atomic
def write_visit(*, visit: Visit, outcome: str, note: str, by: User, at: datetime) -> Visit:
    """Write down how a visit went. Raises NotAllowed, BadTerm, ContactRefused, IllegalMove."""
    borrower = visit.case.loan.borrower
    lock_person(borrower)
    row = locked(visit.case, by=by)
    if outcome not in VisitOutcome.values or not note.strip():
        raise BadTerm(_("Say how the visit went, and what was said. Nothing was written down."))
    contact.require_allowed(ContactKind.VISIT, borrower, at)
    VISIT.make(visit, VisitStatus.DONE, outcome=outcome, note=note.strip()[:2000], done_at=at)
    as_whom = contact.as_whom(row, borrower)
    facts = {"on": visit.planned_on, "place": visit.place}
    write(row, Did.VISIT, by=by, at=at, outcome=outcome, note=note, contacted=borrower, contacted_as=as_whom, **facts)
    return visit


@transaction.atomic
def cancel_visit(*, visit: Visit, note: str, by: User, at: datetime) -> Visit:
    """Call a visit off. Raises NotAllowed, IllegalMove."""
    row = locked(visit.case, by=by)
    VISIT.make(visit, VisitStatus.CANCELLED, note=note.strip()[:2000])
    write(row, Did.VISIT_CANCELLED, by=by, at=at, note=note, on=visit.planned_on)
    return visit
