"""What people ask of their data: a copy, a correction, erasure; what keeps it from going, and what went."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText
from apps.users.queries import near


class RequestKind(models.TextChoices):
    """What is asked for."""

    EXPORT = "EXPORT", _("A copy of my data")
    RECTIFY = "RECTIFY", _("A correction")
    ERASURE = "ERASURE", _("Close and erase")


class RequestStatus(models.TextChoices):
    """Where a request stands."""

    OPEN = "OPEN", _("We are on it")
    WAITING = "WAITING", _("A second person looks at it")
    READY = "READY", _("Ready to download")
    DONE = "DONE", _("Done")
    REFUSED = "REFUSED", _("Refused")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    EXPIRED = "EXPIRED", _("The file was deleted")


class RequestField(models.TextChoices):
    """What can be corrected."""

    FULL_NAME = "full_name", _("Name")
    DATE_OF_BIRTH = "date_of_birth", _("Date of birth")
    ID_NUMBER = "id_number", _("ID number")
    OTHER = "other", _("Something else")


LIVE_REQUEST = ("OPEN", "WAITING", "READY")
WAITS_FOR_STAFF = ("OPEN", "WAITING")


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    """Requests by whose they are and whether they wait."""

    def owned_by(self, user: Any) -> "DataRequestQuerySet":
        """One's own."""
        return self.filter(user_id=user.pk)

    def live(self) -> "DataRequestQuerySet":
        """Not over."""
        return self.filter(status__in=LIVE_REQUEST)

    def waiting(self) -> "DataRequestQuerySet":
        """For staff to answer, the one with the least time left first."""
        return self.filter(status__in=WAITS_FOR_STAFF).order_by("due_at", "pk")

    def visible_to(self, user: Any) -> "DataRequestQuerySet":
        """Everybody's but one's own and those of who is near, for staff with the right; for others there are none."""
        if not user.is_active or not user.has_perm("compliance.view_registers"):
            return self.none()
        return self.exclude(user__in=near(user.pk).values("pk"))


class DataRequest(models.Model):
    """Something a person asks of their own data. `due_at` is when the law wants an answer.

    `held` is what the bank had and `wanted` what the person says is right, both sealed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=7, choices=RequestKind.choices)
    status = models.CharField(max_length=9, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    field = models.CharField(max_length=13, choices=RequestField.choices, blank=True, default="")
    held = EncryptedText(null=True)
    wanted = EncryptedText(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True, default="")

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("handle_data_requests", "Can answer what people ask of their data"),
            ("keep_registers", "Can keep the registers of data protection, set holds and change retention"),
            ("view_registers", "Can read data protection requests and registers"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "field"],
                condition=Q(status__in=["OPEN", "WAITING", "READY"]),
                name="one_live_request_of_a_kind",
            ),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="data_request_status_is_known"),
            models.CheckConstraint(
                condition=(Q(kind="RECTIFY") & ~Q(field="")) | (~Q(kind="RECTIFY") & Q(field="")),
                name="a_correction_names_its_field",
            ),
            models.CheckConstraint(
                condition=(Q(maker=None) | ~Q(maker=F("user"))) & (Q(answered_by=None) | ~Q(answered_by=F("user"))),
                name="nobody_answers_their_own_request",
            ),
            models.CheckConstraint(
                condition=~Q(status="REFUSED") | (~Q(answer="") & Q(answered_by__isnull=False)),
                name="a_refusal_of_a_request_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["OPEN", "WAITING"]), name="requests_by_time_left"),
            models.Index(fields=["user", "-id"], name="requests_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people call it."""
        return f"DP-{self.pk}"

    @property
    def is_live(self) -> bool:
        """Not over."""
        return self.status in LIVE_REQUEST

    def is_late(self, at: datetime) -> bool:
        """Whether the law wanted an answer before now."""
        return self.status in WAITS_FOR_STAFF and self.due_at < at


class RequestPaper(models.Model):
    """A paper that shows what is right, sealed; deleted when its time is over."""

    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="paper")
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="a_request_paper_is_not_empty")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.media_type}"


class ExportFile(models.Model):
    """The copy of a person's data, sealed; deleted after seven days."""

    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="file")
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="an_export_is_kept_a_while")
        ]
        indexes = [models.Index(fields=["expires_at"], name="exports_by_end")]

    def __str__(self) -> str:
        return f"{self.request_id} until {self.expires_at:%Y-%m-%d}"


class HoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds by whether they hold."""

    def standing(self, on: Any) -> "HoldQuerySet":
        """Neither lifted nor over on that day."""
        return self.filter(Q(until_on=None) | Q(until_on__gte=on), lifted_at=None)


class LegalHold(models.Model):
    """Nothing of this person may go: a court, a dispute, an inquiry. Lifted by two people; never told to the person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    law = models.CharField(max_length=200)
    until_on = models.DateField(null=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lift_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=500, blank=True, default="")

    objects = HoldQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(law=""), name="a_hold_says_why"),
            models.CheckConstraint(condition=~Q(set_by=F("user")), name="nobody_holds_their_own_data"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | (
                    Q(lifted_at__isnull=False, lifted_by__isnull=False, lift_asked_by__isnull=False)
                    & ~Q(lifted_by=F("lift_asked_by"))
                    & ~Q(lifted_because="")
                ),
                name="a_hold_is_lifted_by_two",
            ),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(lifted_at=None), name="holds_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.law}"


class Erasure(models.Model):
    """A person whose relation with the bank is over: what went at once, and the day on which the rest goes."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="erasure")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    ended_on = models.DateField(help_text=_("When the relation ended"))
    due_on = models.DateField(help_text=_("When the law's time is over"))
    law = models.CharField(max_length=200)
    gone_at_once = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True)
    gone_at_last = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by=F("allowed_by")) & ~Q(asked_by=F("user")) & ~Q(allowed_by=F("user")),
                name="two_others_decide_on_an_erasure",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("ended_on")), name="an_erasure_comes_after_the_end"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(erased_at=None), name="erasures_due")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.due_on}"
