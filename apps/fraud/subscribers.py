"""Who is asked or told when the screen holds something, and what the screen learns from others."""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.utils.timezone import localtime

from apps.fraud import operations
from apps.fraud.events import FlagAged, TransactionFlagged
from apps.fraud.models import FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.users.events import PasswordChanged, UserSignedIn
from apps.users.models import User


@subscribe(TransactionFlagged)
def ask_customer(event: TransactionFlagged) -> None:
    """“Was this you?”, once, where their word is worth something and nobody has decided yet."""
    rows = FlaggedTransaction.objects.select_related("user", "check_made")
    flag = rows.filter(reference=event.reference, asks_customer=True, status="OPEN").first()
    if flag is None:
        return
    context = {"amount": str(flag.check_made.amount)}
    key = f"fraud/flags/{flag.pk}/was-this-you"
    notifications.send("fraud.was_this_you", to=flag.user, context=context, at=flag.opened_at, key=key)


@subscribe(FlagAged)
def tell_who_decides(event: FlagAged) -> None:
    """Everyone who may decide, each once."""
    flag = FlaggedTransaction.objects.select_related("check_made").get(pk=event.flag_id)
    if flag.status != "OPEN":
        return
    context = {"amount": str(flag.check_made.amount), "answer_by": f"{localtime(flag.answer_by):%H:%M}"}
    right = Permission.objects.filter(codename="review_fraud", content_type__app_label="fraud")
    staff = User.objects.filter(is_staff=True, status="ACTIVE", groups__permissions__in=right).distinct()
    for person in staff.order_by("pk"):
        notifications.alert(
            "fraud.flag_ages", to=person, context=context, about=f"fraud/flags/{flag.pk}", at=flag.escalated_at or now()
        )


@subscribe(UserSignedIn)
def want_sim_age(event: UserSignedIn) -> None:
    """The operator is asked by a task, not here."""
    operations.want_sim_age(user_id=event.user_id, at=now())


@subscribe(PasswordChanged)
def note_password_change(event: PasswordChanged) -> None:
    """The screen asks how long ago."""
    operations.note_password_change(user_id=event.user_id, at=datetime.fromisoformat(event.at))
