"""How old a customer's SIM is: wanted when they sign in, asked of the operator outside transactions, kept with its age.

Silence is no answer: what was known before stays as it is, with its date, and without any the fact is missing.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.fraud.errors import SimSilent
from apps.fraud.models import SimAge
from apps.fraud.ports import sim_book
from apps.users.models import User

GOOD_FOR = timedelta(hours=24)  # a question costs money
AGAIN_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(hours=6)  # an operator that was silent so long is asked when they sign in again
ONE_ROUND = 100


@transaction.atomic
def want_sim_age(*, user_id: int, at: datetime) -> bool:
    """Have the operator asked soon about a customer, unless it was asked within a day; whether it will be."""
    if sim_book() is None or not settings.SIM_AGES_ASKED or not User.objects.customers().filter(pk=user_id).exists():
        return False
    SimAge.objects.bulk_create([SimAge(user_id=user_id)], ignore_conflicts=True)
    stale = Q(answered_at=None) | Q(answered_at__lt=at - GOOD_FOR)
    idle = Q(wanted_at=None) | Q(wanted_at__lt=at - GIVE_UP_AFTER)
    return bool(SimAge.objects.filter(stale, idle, pk=user_id).update(wanted_at=at))


def ask_sim_ages(*, at: datetime) -> int:
    """Ask for everyone who waits, each question outside transactions; returns how many were answered."""
    return sum(_ask(user_id, at) for user_id in _taken(at))


@transaction.atomic
def _taken(at: datetime) -> list[int]:
    """Who is asked about now: marked first, so that two workers do not pay for the same question."""
    free = Q(asked_at=None) | Q(asked_at__lt=at - AGAIN_AFTER)
    rows = SimAge.objects.filter(free, wanted_at__gt=at - GIVE_UP_AFTER).select_for_update(skip_locked=True)
    taken = list(rows.order_by("wanted_at").values_list("pk", flat=True)[:ONE_ROUND])
    SimAge.objects.filter(pk__in=taken).update(asked_at=at)
    return taken


def _ask(user_id: int, at: datetime) -> bool:
    book, phone = sim_book(), User.objects.get(pk=user_id).phone
    row = SimAge.objects.filter(pk=user_id)
    if book is None or not phone:
        row.update(wanted_at=None, silence="no operator" if book is None else "no phone")
        return False
    try:
        told = book.age(str(phone))
    except SimSilent as no:
        row.update(silence=str(no)[:80])  # still wanted: asked again in ten minutes
        return False
    row.update(wanted_at=None, answered_at=at, changed_on=told.changed_on, source=book.name, silence="")
    return True
