"""Writes down that somebody asked what concerns a customer, however they asked."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from apps.audit_trail.operations.record import record
from apps.audit_trail.queries import Question


def note_look_up(question: Question, *, by: Any, at: datetime) -> None:
    """One record a page for each customer that was asked for: as such, as a target, or as who did something.

    It stands among those who saw this customer. Who asks for what a colleague did looks at nobody's customer.
    """
    named = {one for one in (question.customer_id, question.person_targeted) if one is not None}
    wanted = named | ({question.actor_id} if question.actor_id else set())
    people = {one.pk: one for one in get_user_model().objects.filter(pk__in=wanted)} if wanted else {}
    for pk in sorted(wanted):
        person = people.get(pk)
        if pk in named or (person is not None and not person.is_staff):
            record("audit_trail.customer.looked_up", on=f"users.user/{pk}", by=by, at=at, customer=person)
