"""Who did what to whom: the questions an auditor asks."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.audit_trail.errors import DatesReversed, RangeTooWide
from apps.audit_trail.models import AuditLog, AuditLogQuerySet, Seal
from apps.kernel.clock import day_start, local_date

WIDEST = timedelta(days=31)
LOOKS = (".viewed", ".looked_at", ".looked_up", ".exported", ".glass_broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look for; days are the bank's own and both count. `action` may end in a dot: everything below it."""

    actor_id: int | None = None
    customer_id: int | None = None
    action: str = ""
    target: str = ""
    request_id: str = ""
    first_day: date | None = None
    last_day: date | None = None
    words: str = ""

    def asked(self) -> dict[str, Any]:
        """What was asked for, without what was not."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @property
    def is_narrow(self) -> bool:
        """Whether an index finds what is asked for, however long the time."""
        return any((self.actor_id, self.customer_id, self.action, self.target))

    @property
    def person_targeted(self) -> int | None:
        """The person whose own row is asked for as a target (`users.user/7`)."""
        kind, _slash, key = self.target.partition("/")
        return int(key) if kind == "users.user" and key.isascii() and key.isdigit() and len(key) < 19 else None


def ask(question: Question, *, at: datetime) -> AuditLogQuerySet:
    """The records that answer it, in no order yet.

    Raises DatesReversed, and RangeTooWide for more than 31 days with nothing else asked for. Words or a request id
    alone are looked for in the last 31 days.
    """
    first, last = _days(question, at)
    found = AuditLog.objects.all()
    if first:
        found = found.filter(at__gte=day_start(first))
    if last and last < date.max:  # after which there is no other
        found = found.filter(at__lt=day_start(last + timedelta(days=1)))
    if question.actor_id:
        found = found.filter(actor_id=question.actor_id)
    if question.customer_id:
        found = found.of_customer(question.customer_id)
    if question.action:
        exact = {"action__startswith" if question.action.endswith(".") else "action": question.action}
        found = found.filter(**exact)
    if question.target:
        found = found.on_target(question.target)
    if question.request_id:
        found = found.filter(request_id=question.request_id)
    for word in question.words.split()[:5]:
        found = found.filter(Q(action__icontains=word) | Q(target_id__icontains=word) | Q(reason__icontains=word))
    return found


def _days(question: Question, at: datetime) -> tuple[date | None, date | None]:
    first, last = question.first_day, question.last_day
    today = local_date(at)
    if first and last and last < first:
        raise DatesReversed(_("The last day lies before the first one. Swap them."))
    if question.is_narrow:
        return first, last
    if first is None and last is None:
        first = today - WIDEST if question.words or question.request_id else None
    elif first is None:
        raise RangeTooWide(_("Say from which day, or narrow it down by person, action or target."))
    elif (last or today) - first > WIDEST:
        raise RangeTooWide(_("Ask for 31 days at most, or narrow it down by person, action or target."))
    return first, last


def done_to(target: models.Model | str) -> AuditLogQuerySet:
    """Everything that was done to a thing, newest first."""
    return AuditLog.objects.on_target(target).select_related("actor").order_by("-pk")


def of_customer(user: Any) -> AuditLogQuerySet:
    """Everything a customer did, or that was done to what is theirs, newest first."""
    return AuditLog.objects.of_customer(user).select_related("actor").order_by("-pk")


def looks_at(customer: Any) -> AuditLogQuerySet:
    """Who saw this customer and with which reason, newest first: every record by somebody else that is a look."""
    seen = Q(pk__in=[])
    for ending in LOOKS:
        seen |= Q(action__endswith=ending)
    found = AuditLog.objects.filter(seen, customer=customer).exclude(actor=customer)
    return found.select_related("actor").order_by("-pk")


def seals_over(ids: list[int]) -> dict[int, int]:
    """Which seal covers each of these records; those not sealed yet are left out."""
    if not ids:
        return {}
    seals = Seal.objects.filter(ids__overlap=ids).values_list("number", "ids")
    wanted = set(ids)
    return {covered: number for number, found in seals for covered in wanted.intersection(found)}
