"""The rules of the screen by version, and the back-tests that stood before them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.fraud.rules import Facts, fill
from apps.kernel.triggers import append_only

CODE = r"^[A-Z][A-Z_]*$"


class BackTest(models.Model):
    """What a proposed version would have said of the checks of a period, beside what the rules of today say of them.

    `samples` are checks whose answer would be another one. Written once, with the request it belongs to.
    """

    code = models.CharField(max_length=30)
    expression = models.CharField(max_length=400)
    weight = models.DecimalField(max_digits=4, decimal_places=3)
    is_active = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    checks = models.PositiveIntegerField()
    without_facts = models.PositiveIntegerField(help_text=_("Checks from before facts were kept"))
    hits = models.PositiveIntegerField(help_text=_("Checks for which the rule itself holds"))
    today = models.JSONField(help_text=_("How many are allowed, held and blocked by the rules of today"))
    would = models.JSONField(help_text=_("The same with the proposed version"))
    samples = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hits__lte=F("checks")), name="a_rule_holds_for_checks_it_saw"),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="a_back_test_goes_forward"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} {self.made_at:%Y-%m-%d}"


class JobStatus(models.TextChoices):
    """Where a back-test stands."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    FAILED = "FAILED", _("Failed")


class BackTestJob(models.Model):
    """A back-test that runs by itself, a part after the other; `done` of `total` checks were looked at."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=30)
    expression = models.CharField(max_length=400)
    weight = models.DecimalField(max_digits=4, decimal_places=3)
    is_active = models.BooleanField()
    status = models.CharField(max_length=7, choices=JobStatus.choices, default=JobStatus.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    back_test = models.OneToOneField(BackTest, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=300, blank=True, default="", help_text=_("Why it failed"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JobStatus.values), name="back_test_job_status_is_known"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="a_back_test_does_no_more_than_there_is"),
            models.CheckConstraint(
                condition=Q(status="DONE", back_test__isnull=False) | (~Q(status="DONE") & Q(back_test=None)),
                name="a_back_test_that_is_done_has_figures",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(status__in=["WAITING", "RUNNING"]), name="back_tests_to_run")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.status}"


class FraudRule(models.Model):
    """One version of a rule. The highest version whose time has come counts; a version that is not active ends it."""

    code = models.CharField(max_length=30)
    version = models.PositiveIntegerField(default=1)
    expression = models.CharField(max_length=400)
    weight = models.DecimalField(max_digits=4, decimal_places=3)
    is_active = models.BooleanField(default=True)
    customer_may_answer = models.BooleanField(default=True, help_text=_("The customer's own yes is worth something"))
    sentence_en = models.CharField(max_length=200)
    sentence_sw = models.CharField(max_length=200)
    valid_from = models.DateTimeField()
    back_test = models.ForeignKey(BackTest, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        permissions = [
            ("review_fraud", "Can decide on held payments"),
            ("manage_rules", "Can change the rules of the screen"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_rule_a_version"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=1), name="a_weight_is_a_share"),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="fraud_rule_has_a_code"),
            models.CheckConstraint(
                condition=~Q(expression="") & ~Q(sentence_en="") & ~Q(sentence_sw=""), name="a_rule_says_what_it_is"
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None) | ~Q(asked_by=F("allowed_by")), name="a_rule_has_two_pairs_of_eyes"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        return self.sentence_sw if (get_language() or "").startswith("sw") else self.sentence_en

    def said(self, facts: Facts, currency: str) -> str:
        """The sentence about one payment, in the reader's language."""
        return fill(self.sentence, facts, currency)
