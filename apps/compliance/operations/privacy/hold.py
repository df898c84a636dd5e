"""Legal holds: set by one officer at once, lifted by two; while one stands, nothing of that person goes."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import ReasonNeeded
from apps.compliance.models import Case, DataRequest, Erasure, LegalHold
from apps.compliance.policies import KEEP
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right, require_unconnected

LIFT = "privacy.lift_hold"


def held_people(on: date) -> QuerySet[User, dict[str, Any]]:
    """Ids of people of whom nothing may go: a hold stands, a case of suspicion is open, or a request waits for
    an answer.
    """
    holds = LegalHold.objects.standing(on).values("user_id")
    cases = Case.objects.live().filter(subject__isnull=False).values("subject_id")
    asked = DataRequest.objects.filter(status__in=["OPEN", "WAITING"]).values("user_id")
    people: QuerySet[User, dict[str, Any]] = User.objects.filter(
        Q(pk__in=holds) | Q(pk__in=cases) | Q(pk__in=asked)
    ).values("pk")
    return people


@transaction.atomic
def set_hold(
    *, user: User, reason: str, law: str, by: User, at: datetime, until_on: date | None = None
) -> LegalHold:  # fmt: skip
    """Keep everything of a person for now. Raises NotAllowed, ReasonNeeded, IllegalMove when they are erased already.

    The person's row is locked first, as erasing locks it: one of the two comes first, whole.
    """
    require_right(by, KEEP)
    if by.pk == user.pk:
        raise NotAllowed(_("Another officer must decide about your own data."))
    if not reason.strip() or not law.strip():
        raise ReasonNeeded(_("Say why, and which court, law or dispute asks for it."))
    if until_on is not None and until_on < local_date(at):
        raise IllegalMove(_("That day is over. Nothing was set."))
    User.objects.select_for_update(of=("self",)).only("pk").get(pk=user.pk)
    if Erasure.objects.filter(user=user, erased_at__isnull=False).exists():
        raise IllegalMove(_("This person is erased already: there is nothing left to hold. Nothing was set."))
    row = LegalHold.objects.create(
        user=user, reason=reason.strip()[:500], law=law.strip()[:200], until_on=until_on, set_by=by, set_at=at
    )
    audit_trail.record("compliance.hold.set", on=row, by=by, at=at, reason=law, after={"until": until_on})
    return row


@transaction.atomic
def ask_lift(*, hold: LegalHold, reason: str, by: User, at: datetime) -> Approval:
    """Ask for a hold to be lifted; a second person must allow it.

    Raises NotAllowed, Connected, ReasonNeeded, Conflict.
    """
    require_right(by, KEEP)
    _require_stranger(by, hold)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it is over: the person who decides reads it."))
    LegalHold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
    waiting = Approval.objects.filter(kind=LIFT, subject=_subject(hold.pk), status="PENDING")
    if hold.lifted_at is not None or waiting.exists():
        raise Conflict(_("It is lifted, or a second person has been asked. Nothing was changed."))
    return approvals.ask(
        kind=LIFT, subject=_subject(hold.pk), payload={"hold": hold.pk, "reason": reason.strip()[:500]},
        before={"hold": hold.pk, "law": hold.law}, after={"hold": None}, reason=reason, by=by, at=at,
    )  # fmt: skip


def _subject(pk: int) -> str:
    return f"hold/{pk}"


def _require_stranger(who: User, hold: LegalHold) -> None:
    if who.pk == hold.user_id:
        raise NotAllowed(_("Another officer must decide about your own data."))
    require_unconnected(who, hold.user)


def may_decide_lift(who: Any, approval: Approval) -> None:
    """Nobody lifts a hold on themselves, nor on whom they are connected with. Raises NotAllowed, Connected."""
    _require_stranger(who, LegalHold.objects.select_related("user").get(pk=approval.payload["hold"]))


@transaction.atomic
def run_lift(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises IllegalMove when it was lifted meanwhile."""
    changed = LegalHold.objects.filter(pk=payload["hold"], lifted_at=None).update(
        lifted_at=at, lifted_by=checker, lift_asked_by=maker, lifted_because=payload["reason"]
    )
    if not changed:
        raise IllegalMove(_("It was lifted already. Nothing was changed."))
    row = LegalHold.objects.get(pk=payload["hold"])
    audit_trail.record("compliance.hold.lifted", on=row, by=checker, at=at, reason=payload["reason"])
    return {"hold": row.pk}
