"""Breaking the glass: one customer whole for half an hour, told at once to those who review it afterwards."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import Conflict, NotAllowed
from apps.notifications import operations as notifications
from apps.users import policies
from apps.users.errors import GlassWaits
from apps.users.events import GlassBroken
from apps.users.models import GLASS_LASTS, BreakGlass, CustomerView, User, UserQuerySet, Verdict

BREAK, REVIEW = "users.break_glass", "users.review_glass"
SHORTEST = 15  # letters of a reason: a word is none


@transaction.atomic
def break_glass(*, customer: User, reason: str, by: User, at: datetime) -> BreakGlass:
    """See one customer whole for 30 minutes, beyond one's role. Whoever reviews it hears of it at once.

    Raises NotAllowed, Connected, and GlassWaits while an earlier one with this customer is not reviewed.
    """
    policies.require_right(by, BREAK)
    policies.require_unconnected(by, customer)
    if customer.is_staff or customer.is_service:
        raise NotAllowed(_("The glass is broken for customers only. Nothing was opened."))
    if len(reason.strip()) < SHORTEST:
        raise NotAllowed(_("Say in a sentence what the emergency is: another person reviews it. Nothing was opened."))
    try:
        with transaction.atomic():
            glass: BreakGlass = BreakGlass.objects.create(
                viewer=by, customer=customer, reason=reason.strip()[:400], opened_at=at, expires_at=at + GLASS_LASTS
            )
    except IntegrityError as no:
        if "one_broken_glass_waits_for_review" not in str(no):
            raise
        raise GlassWaits(
            _("You broke the glass for this customer before, and nobody has reviewed it yet. Ask a reviewer first.")
        ) from no
    CustomerView.objects.create(customer=customer, viewer=by, reason=glass.reason[:200], at=at)
    facts = {"glass": glass.pk, "until": glass.expires_at}
    audit_trail.record("users.customer.glass_broken", on=customer, by=by, at=at, after=facts, reason=glass.reason)
    for reviewer in reviewers().exclude(pk=by.pk)[:50]:
        told = {"who": by.full_name, "number": str(customer.pk)}
        notifications.send("users.glass_broken", to=reviewer, context=told, at=at,
                           key=f"users/glass/{glass.pk}/{reviewer.pk}")  # fmt: skip
    events.publish(GlassBroken(glass_id=glass.pk, viewer_id=by.pk, customer_id=customer.pk))
    return glass


@transaction.atomic
def end_glass(*, glass: BreakGlass, by: User, at: datetime) -> None:
    """Who broke it needs it no more; once is as good as twice. Raises NotAllowed."""
    if glass.viewer_id != by.pk:
        raise NotAllowed(_("Only who broke the glass ends it."))
    if BreakGlass.objects.open_at(at).filter(pk=glass.pk).update(ended_at=at):
        audit_trail.record("users.customer.glass_ended", on=glass.customer, by=by, at=at, after={"glass": glass.pk})


@transaction.atomic
def review_glass(*, glass: BreakGlass, verdict: str, note: str, by: User, at: datetime) -> BreakGlass:
    """Say whether there was need; not by who broke it, nor by who is connected. Closes what is still open.

    Raises NotAllowed, Connected, Conflict.
    """
    policies.require_right(by, REVIEW)
    if glass.viewer_id == by.pk:
        raise NotAllowed(_("Another person must review what you opened. Nothing was changed."))
    policies.require_unconnected(by, glass.customer)
    if verdict not in Verdict.values or not note.strip():
        raise NotAllowed(_("Say whether there was need, and what you looked at. Nothing was changed."))
    open_ = BreakGlass.objects.filter(pk=glass.pk, reviewed_at=None)
    if not open_.update(reviewed_by=by, reviewed_at=at, verdict=verdict, note=note.strip()[:400]):
        raise Conflict(_("Somebody has reviewed it already. Nothing was changed."))
    BreakGlass.objects.open_at(at).filter(pk=glass.pk).update(ended_at=at)
    audit_trail.record(
        "users.glass.reviewed", on=f"users.glass/{glass.pk}", by=by, at=at, customer=glass.customer,
        after={"verdict": verdict, "viewer": glass.viewer_id}, reason=note,
    )  # fmt: skip
    glass.refresh_from_db()
    return glass


def sees_whole(who: User, customer: User, at: datetime) -> bool:
    """Whether a broken glass lets somebody see this customer now; the clock alone ends it."""
    return bool(BreakGlass.objects.open_at(at).filter(viewer=who, customer=customer).exists())


def reviewers() -> UserQuerySet:
    """Active staff who review broken glass, by name."""
    right = {"permissions__codename": "review_glass", "permissions__content_type__app_label": "users"}
    held = Q(**{f"groups__{name}": value for name, value in right.items()})
    found: UserQuerySet = User.objects.filter(held, is_staff=True, status="ACTIVE")
    return found.distinct().order_by("full_name")
