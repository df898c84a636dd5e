"""Who is told when a score moves far, and when a model no longer fits."""

from django.contrib.auth.models import Permission

from apps.credit_scoring.events import ModelDrifted, ScoreChanged
from apps.credit_scoring.models import CreditScore, DriftReading
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.users.models import User

WORTH_TELLING = 25  # points


@subscribe(ScoreChanged)
def tell_customer(event: ScoreChanged) -> None:
    """A customer whose score moved by 25 points or more hears of it; the first score is no news."""
    if not event.before or abs(event.score - event.before) < WORTH_TELLING:
        return
    row = CreditScore.objects.select_related("user").get(pk=event.score_id)
    notifications.send(
        "credit_scoring.score_changed",
        to=row.user,
        context={"score": event.score, "before": event.before},
        at=row.computed_at,
        key=f"credit_scoring/scores/{row.pk}",
    )


@subscribe(ModelDrifted)
def tell_staff(event: ModelDrifted) -> None:
    """Everyone who may change the model has an alert."""
    reading = DriftReading.objects.get(pk=event.reading_id)
    right = Permission.objects.filter(codename="manage_rules", content_type__app_label="credit_scoring")
    staff = User.objects.filter(is_staff=True, status="ACTIVE", groups__permissions__in=right).distinct()
    for person in staff.order_by("pk"):
        notifications.alert(
            "credit_scoring.model_drifted",
            to=person,
            context={"model": event.model, "psi": event.psi},
            about=f"credit_scoring/models/{reading.model_id}",
            at=reading.read_at,
        )
