"""What is agreed and undertaken while a loan is late: promises, visits, letters, more time, guarantors called."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.models import Approval
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.lending.models.collection import CollectionCase
from apps.lending.models.loan import Loan


class PromiseStatus(models.TextChoices):
    """What became of a promise."""

    OPEN = "OPEN", _("Running")
    KEPT = "KEPT", _("Kept")
    PARTLY_KEPT = "PARTLY_KEPT", _("Partly kept")
    BROKEN = "BROKEN", _("Broken")
    WITHDRAWN = "WITHDRAWN", _("Taken back")


class Promise(models.Model):
    """A borrower's word to pay `amount` by the end of a day (minor units); while it runs the ladder pauses.

    `received_minor` is what came in by that day of the repayments after `after_repayment_id`, as the end of a day saw.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="promises")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="promises", db_index=False)
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    due_on = models.DateField()
    status = models.CharField(max_length=11, choices=PromiseStatus.choices, default=PromiseStatus.OPEN)
    after_repayment_id = models.BigIntegerField(default=0)
    received_minor = models.BigIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    decided_on = models.DateField(null=True)
    told_at = models.DateTimeField(null=True, help_text=_("When the borrower heard how it was decided"))

    amount = MoneyOf("amount_minor")
    received = MoneyOf("received_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(status="OPEN"), name="a_loan_has_one_open_promise"),
            models.UniqueConstraint(fields=["loan", "key"], name="a_promise_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_promise_is_for_something"),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_on=None, received_minor=0)
                | Q(status="WITHDRAWN", decided_on__isnull=False)
                | Q(status="KEPT", decided_on__isnull=False, received_minor__gt=0)
                | Q(status="PARTLY_KEPT", decided_on__isnull=False, received_minor__gt=0)
                & Q(received_minor__lt=F("amount_minor"))
                | Q(status="BROKEN", decided_on__isnull=False, received_minor=0),
                name="a_promise_is_decided_by_what_came_in",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(status="OPEN"), name="promises_by_day")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.due_on}"


class VisitStatus(models.TextChoices):
    """Where a visit stands."""

    PLANNED = "PLANNED", _("Planned")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Called off")


class VisitOutcome(models.TextChoices):
    """How a visit ended."""

    MET = "MET", _("Met them")
    NOT_THERE = "NOT_THERE", _("Nobody there")
    MOVED = "MOVED", _("They moved away")
    REFUSED = "REFUSED", _("They would not speak")


class Visit(models.Model):
    """An officer goes to see the borrower; the place is described in words."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="visits")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_on = models.DateField()
    place = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=VisitStatus.choices, default=VisitStatus.PLANNED)
    outcome = models.CharField(max_length=9, choices=VisitOutcome.choices, blank=True, default="")
    note = models.CharField(max_length=2000, blank=True, default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="PLANNED"), name="one_visit_is_planned_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(place=""), name="a_visit_has_a_place"),
            models.CheckConstraint(
                condition=Q(status="DONE", done_at__isnull=False) & ~Q(outcome="") & ~Q(note="")
                | (~Q(status="DONE") & Q(done_at=None, outcome="")),
                name="a_visit_that_was_made_says_how_it_went",
            ),
        ]
        indexes = [models.Index(fields=["officer", "planned_on"], condition=Q(status="PLANNED"), name="visits_to_make")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.planned_on}"


class LetterKind(models.TextChoices):
    """What a letter says."""

    REMINDER = "REMINDER", _("Reminder")
    DEMAND = "DEMAND", _("Demand")
    LISTING = "LISTING", _("Notice before listing at the credit bureau")
    GUARANTOR = "GUARANTOR", _("Notice to a guarantor")


class CollectionLetter(models.Model):
    """A letter as it was sent, with the figures of its day (minor units). Written once; `seal`: its SHA-256 in hex."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="letters", db_index=False)
    kind = models.CharField(max_length=9, choices=LetterKind.choices)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    currency = models.CharField(max_length=8)
    owed_minor = models.BigIntegerField()
    arrears_minor = models.BigIntegerField()
    days_late = models.PositiveIntegerField()
    takes_effect_on = models.DateField(null=True, help_text=_("When listing or calling may follow"))
    paper = models.BinaryField()
    seal = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    owed = MoneyOf("owed_minor")
    arrears = MoneyOf("arrears_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "to"], name="a_letter_is_sent_once_a_case"),
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values), name="letter_kind_is_known"),
            models.CheckConstraint(
                condition=Q(owed_minor__gt=0, arrears_minor__gte=0), name="a_letter_is_about_a_debt"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["REMINDER", "DEMAND"]) | Q(takes_effect_on__isnull=False),
                name="a_notice_says_from_when",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class MoreTimeStatus(models.TextChoices):
    """Where a wish for more time stands."""

    ASKED = "ASKED", _("Waits for an answer")
    PASSED_ON = "PASSED_ON", _("A second officer looks")
    GRANTED = "GRANTED", _("Given")
    DECLINED = "DECLINED", _("Declined")


class MoreTime(models.Model):
    """A borrower asks for more time, in their own words; answered by other terms (two people) or by words."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="wishes")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="wishes")
    says = models.CharField(max_length=500)
    status = models.CharField(max_length=9, choices=MoreTimeStatus.choices, default=MoreTimeStatus.ASKED)
    asked_at = models.DateTimeField()
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True, default="", help_text=_("What the borrower reads"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "wishes for more time"
        constraints = [
            models.UniqueConstraint(
                fields=["loan"], condition=Q(status__in=["ASKED", "PASSED_ON"]), name="more_time_is_asked_for_once"
            ),
            models.CheckConstraint(condition=~Q(says=""), name="a_wish_says_why"),
            models.CheckConstraint(
                condition=Q(status__in=["ASKED", "PASSED_ON"], answered_at=None)
                | Q(status="GRANTED", answered_at__isnull=False)
                | Q(status="DECLINED", answered_at__isnull=False) & ~Q(answer=""),
                name="a_wish_that_is_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.status}"


class CallStatus(models.TextChoices):
    """Where a call on guarantors stands."""

    ASKED = "ASKED", _("A second person looks")
    TAKEN = "TAKEN", _("Taken")
    SPARED = "SPARED", _("Sent back")


class GuarantorCallQuerySet(models.QuerySet["GuarantorCall"]):
    """Calls by how they stand."""

    def live(self) -> "GuarantorCallQuerySet":
        """Those that wait for the second person."""
        return self.filter(status=CallStatus.ASKED)

    def of(self, loan: Any) -> "GuarantorCallQuerySet":
        """Of one loan."""
        return self.filter(loan=loan)


class GuarantorCall(models.Model):
    """Taking what guarantors stand for, by two people (minor units). `taken_minor` is what was paid on the loan."""

    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="calls")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="calls")
    status = models.CharField(max_length=6, choices=CallStatus.choices, default=CallStatus.ASKED)
    currency = models.CharField(max_length=8)
    taken_minor = models.BigIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    taken = MoneyOf("taken_minor")

    objects = GuarantorCallQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("call_guarantors", "Can allow that guarantors pay")]
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(status="ASKED"), name="guarantors_are_called_once"),
            models.CheckConstraint(
                condition=Q(status="ASKED", over_at=None, taken_minor=0)
                | Q(status="TAKEN", over_at__isnull=False, taken_minor__gt=0)
                | Q(status="SPARED", over_at__isnull=False, taken_minor=0),
                name="a_call_takes_something_or_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.status}"
