"""What a credit bureau said, and the notice a borrower is given before the bureau is told anything bad."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.models.figures import Dated
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class BureauStatus(models.TextChoices):
    """How asking went."""

    ANSWERED = "ANSWERED", _("Answered")
    NO_FILE = "NO_FILE", _("The bureau knows nobody by that number")
    UNREACHABLE = "UNREACHABLE", _("The bureau did not answer")
    UNREADABLE = "UNREADABLE", _("The answer could not be read")


class BureauReport(models.Model):
    """One question to a bureau, asked with the customer's consent, and its answer. Written once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    bureau = models.CharField(max_length=40)
    status = models.CharField(max_length=11, choices=BureauStatus.choices)
    score = models.PositiveSmallIntegerField(null=True, help_text=_("On the scale 300 to 850"))
    open_accounts = models.PositiveSmallIntegerField(null=True)
    accounts_in_arrears = models.PositiveSmallIntegerField(null=True)
    reference = models.CharField(max_length=80, blank=True, default="", help_text=_("The bureau's own"))
    consented_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(status="ANSWERED", score__gte=300, score__lte=850)
                | (~Q(status="ANSWERED") & Q(score=None)),
                name="only_an_answer_has_a_score",
            ),
            models.CheckConstraint(condition=Q(consented_at__lte=F("asked_at")), name="consent_comes_first"),
        ]
        indexes = [models.Index(fields=["user", "-asked_at"], name="bureau_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id} {self.status}"


class ListingRule(Dated):
    """The notice before a negative listing, and the amount up to which nobody is listed."""

    notice_days = models.PositiveSmallIntegerField()
    floor_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8, default="KES")

    floor = MoneyOf("floor_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["valid_from", "currency"], name="one_listing_rule_a_day"),
            models.CheckConstraint(condition=Q(floor_minor__gte=0), name="listing_floor_is_not_negative"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.notice_days} {self.valid_from}"


class ListingNotice(models.Model):
    """A borrower was told that a bureau will hear of an unpaid loan, and from which day it may. Written once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    loan_reference = models.CharField(max_length=120, unique=True)
    owed_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    rule = models.ForeignKey(ListingRule, on_delete=models.PROTECT, related_name="+")
    noticed_on = models.DateField()
    list_from = models.DateField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    owed = MoneyOf("owed_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(owed_minor__gt=0), name="a_listing_is_about_a_debt"),
            models.CheckConstraint(condition=Q(list_from__gt=F("noticed_on")), name="notice_comes_before_listing"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.loan_reference} {self.list_from}"
