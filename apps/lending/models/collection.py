"""Loans that are late, as the collections desk sees them: one case for each time in arrears, and all that was done."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.lending.models.loan import Loan


class CollectionStage(models.TextChoices):
    """How far the bank has gone with a loan that is late; the order is that of the ladder."""

    REMIND = "REMIND", _("Reminders")
    CALL = "CALL", _("To be called")
    OFFER = "OFFER", _("Offer other terms")
    LEGAL = "LEGAL", _("Letters and guarantors")
    WRITE_OFF = "WRITE_OFF", _("To be written off")
    RECOVERY = "RECOVERY", _("Written off, still owed")


class CollectionStep(models.Model):
    """From how many days late a stage begins: a dated row with its source; a row once written stays."""

    stage = models.CharField(max_length=9, choices=CollectionStage.choices)
    from_days = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["stage", "valid_from"], name="a_stage_begins_once_a_day"),
            models.CheckConstraint(condition=Q(from_days__gte=1), name="a_stage_begins_when_late"),
            models.CheckConstraint(condition=~Q(source=""), name="a_stage_has_a_source"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.stage} {self.from_days}"


class ContactKind(models.TextChoices):
    """A way of reaching somebody about a loan that is late."""

    CALL = "CALL", _("Call")
    MESSAGE = "MESSAGE", _("Message")
    VISIT = "VISIT", _("Visit")
    LETTER = "LETTER", _("Letter")


class ContactRule(models.Model):
    """When and how often somebody may be reached: hours (from, before), days, attempts. Dated, with source."""

    kind = models.CharField(max_length=7, choices=ContactKind.choices)
    from_hour = models.PositiveSmallIntegerField()
    until_hour = models.PositiveSmallIntegerField()
    on_sundays = models.BooleanField(default=False)
    on_holidays = models.BooleanField(default=False)
    most_a_day = models.PositiveSmallIntegerField()
    most_a_week = models.PositiveSmallIntegerField(help_text=_("In any seven days"))
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="one_contact_rule_a_day"),
            models.CheckConstraint(
                condition=Q(from_hour__gte=6, until_hour__gt=F("from_hour"), until_hour__lte=21),
                name="nobody_is_reached_at_night",
            ),
            models.CheckConstraint(
                condition=Q(most_a_day__gte=1, most_a_week__gte=F("most_a_day"), most_a_week__lte=14),
                name="nobody_is_pestered",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="a_contact_rule_has_a_source"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.from_hour}–{self.until_hour}"


class CollectionFigures(models.Model):
    """The house's bounds: how far ahead a promise may be, how long guarantors are told before. Dated, with source."""

    promise_within_days = models.PositiveSmallIntegerField()
    guarantor_notice_days = models.PositiveSmallIntegerField()
    valid_from = models.DateField(unique=True)
    source = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "collection figures"
        constraints = [
            models.CheckConstraint(
                condition=Q(promise_within_days__gte=1, promise_within_days__lte=60), name="a_promise_is_soon"
            ),
            models.CheckConstraint(condition=Q(guarantor_notice_days__gte=7), name="guarantors_are_told_before"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.promise_within_days} {self.guarantor_notice_days}"


class CaseStatus(models.TextChoices):
    """Whether anybody still works on it."""

    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class NextAct(models.TextChoices):
    """What should be done next in a case."""

    WAIT = "WAIT", _("Wait for the reminders")
    CALL = "CALL", _("Call the borrower")
    OFFER = "OFFER", _("Offer other terms")
    VISIT = "VISIT", _("Visit the borrower")
    LETTER = "LETTER", _("Send a letter")
    GUARANTORS = "GUARANTORS", _("Tell or call the guarantors")
    WRITE_OFF = "WRITE_OFF", _("Ask to write it off")
    ANSWER = "ANSWER", _("Answer the request for more time")
    RECOVER = "RECOVER", _("Agree on how it is paid back")


class CollectionCaseQuerySet(models.QuerySet["CollectionCase"]):
    """Cases by how they stand."""

    def open(self) -> "CollectionCaseQuerySet":
        """Those somebody works on, or should."""
        return self.filter(status=CaseStatus.OPEN)

    def shown(self) -> "CollectionCaseQuerySet":
        """With what every page of a case names."""
        return self.select_related("loan__product", "loan__terms", "loan__borrower", "loan__account", "officer")

    def visible_to(self, user: Any) -> "CollectionCaseQuerySet":
        """Everybody's but one's own: nobody reads what the desk wrote about themselves there."""
        return self.exclude(loan__borrower_id=user.pk)


class CollectionCase(models.Model):
    """One time in arrears of one loan: how far the ladder went, who works on it, and what comes next.

    Figures of lateness are the loan's own. `reminded_days` is the last rung of reminders the borrower was told.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="cases")
    status = models.CharField(max_length=6, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    stage = models.CharField(max_length=9, choices=CollectionStage.choices, default=CollectionStage.REMIND)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    next_act = models.CharField(max_length=10, choices=NextAct.choices, default=NextAct.WAIT)
    next_on = models.DateField()
    reminded_days = models.PositiveSmallIntegerField(default=0)

    objects = CollectionCaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(status="OPEN"), name="a_loan_has_one_open_case"),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_is_known"),
            models.CheckConstraint(condition=Q(stage__in=CollectionStage.values), name="collection_stage_is_known"),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_at=None) | Q(status="CLOSED", closed_at__isnull=False),
                name="a_closed_case_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(officer=None, taken_at=None) | Q(officer__isnull=False, taken_at__isnull=False),
                name="a_case_was_taken_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "id"], condition=Q(status="OPEN"), name="open_cases_by_stage"),
            models.Index(fields=["officer", "next_on"], condition=Q(status="OPEN"), name="open_cases_of_an_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.loan} {self.opened_on}"


class Did(models.TextChoices):
    """What can stand in the log of a case."""

    OPENED = "OPENED", _("Became late")
    STAGE = "STAGE", _("Moved on the ladder")
    REMINDED = "REMINDED", _("Reminder sent")
    TAKEN = "TAKEN", _("Taken by an officer")
    LET_GO = "LET_GO", _("Let go")
    HANDED_OVER = "HANDED_OVER", _("Handed over")
    NEXT = "NEXT", _("Next step planned")
    NOTE = "NOTE", _("Note")
    CALL = "CALL", _("Call")
    MESSAGE = "MESSAGE", _("Message sent")
    PROMISED = "PROMISED", _("Promised to pay")
    WITHDRAWN = "WITHDRAWN", _("Promise taken back")
    KEPT = "KEPT", _("Promise kept")
    PARTLY_KEPT = "PARTLY_KEPT", _("Promise partly kept")
    BROKEN = "BROKEN", _("Promise broken")
    VISIT_PLANNED = "VISIT_PLANNED", _("Visit planned")
    VISIT_CANCELLED = "VISIT_CANCELLED", _("Visit called off")
    VISIT = "VISIT", _("Visit")
    LETTER = "LETTER", _("Letter sent")
    GUARANTORS_ASKED = "GUARANTORS_ASKED", _("Guarantors: a second person is asked")
    GUARANTORS_PAID = "GUARANTORS_PAID", _("Guarantors paid")
    GUARANTORS_SPARED = "GUARANTORS_SPARED", _("Guarantors: sent back")
    MORE_TIME_ASKED = "MORE_TIME_ASKED", _("Asked for more time")
    MORE_TIME_PASSED_ON = "MORE_TIME_PASSED_ON", _("More time: a second person is asked")
    MORE_TIME_GRANTED = "MORE_TIME_GRANTED", _("More time given")
    MORE_TIME_DECLINED = "MORE_TIME_DECLINED", _("More time declined")
    CLOSED = "CLOSED", _("Closed")


class CallOutcome(models.TextChoices):
    """How a call ended."""

    REACHED = "REACHED", _("Spoke with them")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    SWITCHED_OFF = "SWITCHED_OFF", _("Phone off")
    WRONG_NUMBER = "WRONG_NUMBER", _("Wrong number")
    REFUSED = "REFUSED", _("They would not speak")
    SOMEBODY_ELSE = "SOMEBODY_ELSE", _("Somebody else answered; nothing was said of the loan")


class ContactedAs(models.TextChoices):
    """Why the bank may speak with this person at all. There is no third way: no employer, relative or phone contact."""

    BORROWER = "BORROWER", _("Borrower")
    GUARANTOR = "GUARANTOR", _("Guarantor")


REACHES = (Did.CALL, Did.MESSAGE, Did.REMINDED, Did.VISIT, Did.LETTER)


class CollectionEntry(models.Model):
    """One thing done in a case. Written once; corrected by adding. `facts` are figures and days as text."""

    case = models.ForeignKey(CollectionCase, on_delete=models.PROTECT, related_name="entries", db_index=False)
    what = models.CharField(max_length=20, choices=Did.choices)
    outcome = models.CharField(max_length=20, blank=True, default="")
    contacted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    contacted_as = models.CharField(max_length=9, choices=ContactedAs.choices, blank=True, default="")
    note = models.CharField(max_length=2000, blank=True, default="")
    facts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "collection entries"
        constraints = [
            models.CheckConstraint(condition=Q(what__in=Did.values), name="what_was_done_is_known"),
            models.CheckConstraint(
                condition=Q(what__in=REACHES, contacted__isnull=False, contacted_as__in=["BORROWER", "GUARANTOR"])
                | (~Q(what__in=REACHES) & Q(contacted=None, contacted_as="")),
                name="only_borrowers_and_guarantors_are_contacted",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=["CALL", "VISIT"]) | (~Q(outcome="") & ~Q(note="")),
                name="a_call_or_visit_says_how_it_went",
            ),
            models.CheckConstraint(condition=~Q(what="NOTE") | ~Q(note=""), name="a_collection_note_says_something"),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="entries_of_a_case"),
            models.Index(
                fields=["contacted", "-at"], condition=Q(contacted__isnull=False), name="contacts_of_a_person"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.case_id} {self.what}"
