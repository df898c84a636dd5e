"""The rules of the watch by versions, and what they and other watchers saw."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.compliance import rules
from apps.compliance.models.case import LIVE
from apps.kernel.triggers import append_only
from apps.users.queries import near


class Severity(models.TextChoices):
    """How much it weighs."""

    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")


class AmlRule(models.Model):
    """The figures of one rule from a version on; the highest version of a code counts, if it is active."""

    code = models.CharField(max_length=16, choices=[(code, code) for code in rules.CODES])
    version = models.PositiveIntegerField(default=1)
    parameters = models.JSONField(default=dict, help_text=_("Amounts in cents"))
    severity = models.CharField(max_length=6, choices=Severity.choices)
    is_active = models.BooleanField(default=True)
    source = models.CharField(max_length=200, help_text=_("Where its figures come from"))
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        permissions = [("manage_rules", "Can change the rules of the watch")]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_aml_rule_a_version"),
            models.CheckConstraint(condition=Q(code__in=rules.CODES), name="aml_rule_is_known"),
            models.CheckConstraint(
                condition=Q(version=1) | (Q(maker__isnull=False, checker__isnull=False) & ~Q(maker=F("checker"))),
                name="two_people_change_a_rule",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Source(models.TextChoices):
    """Who saw it."""

    RULE = "RULE", _("A rule of the watch")
    FRAUD = "FRAUD", _("The screen of payments")
    SCREENING = "SCREENING", _("A watch list")
    CHAIN = "CHAIN", _("The audit trail")


class AlertStatus(models.TextChoices):
    """Where an alert stands."""

    OPEN = "OPEN", _("Not in a case yet")
    GROUPED = "GROUPED", _("In a case")
    CLOSED = "CLOSED", _("Closed")


class AlertQuerySet(models.QuerySet["SuspiciousActivityAlert"]):
    """Alerts by what is left to do."""

    def open(self) -> "AlertQuerySet":
        """Not in a case."""
        return self.filter(status=AlertStatus.OPEN)

    def live(self) -> "AlertQuerySet":
        """Still to be decided: in no case, or in one that is worked on."""
        return self.filter(Q(status=AlertStatus.OPEN) | Q(status=AlertStatus.GROUPED, case__status__in=LIVE))

    def about(self, user_id: int) -> "AlertQuerySet":
        """Those of this person, and those on whose path they are."""
        beside = AlertParty.objects.filter(person_id=user_id).values("alert")
        return self.filter(Q(subject_id=user_id) | Q(pk__in=beside))

    def not_about(self, user_id: int) -> "AlertQuerySet":
        """But those in which this person, or anybody near them, took part: for them there is nothing."""
        kin = near(user_id).values("pk")
        return self.exclude(subject__in=kin).exclude(parties__person__in=kin)


class SuspiciousActivityAlert(models.Model):
    """Something was seen of a customer in a window of time; `lines` are the transactions.

    `threshold`, `actual` and `usual` are in the rule's own unit: KES minor units, a share in thousandths, or a count.
    One for a rule version, a customer and a window; of other watchers, one for a thing they name.
    """

    source = models.CharField(max_length=9, choices=Source.choices)
    rule = models.ForeignKey(AmlRule, on_delete=models.PROTECT, null=True, related_name="alerts")
    code = models.CharField(max_length=16)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    key = models.CharField(max_length=120, help_text=_("The window, or what the other watcher named"))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    threshold = models.BigIntegerField(null=True)
    actual = models.BigIntegerField(null=True)
    usual = models.BigIntegerField(null=True)
    amount_minor = models.BigIntegerField(default=0, help_text=_("Money that took part, KES minor units"))
    lines = ArrayField(models.BigIntegerField(), default=list)
    facts = models.JSONField(default=dict)
    severity = models.CharField(max_length=6, choices=Severity.choices)
    status = models.CharField(max_length=7, choices=AlertStatus.choices, default=AlertStatus.OPEN)
    case = models.ForeignKey("compliance.Case", on_delete=models.PROTECT, null=True, related_name="alerts")
    raised_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=500, blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["code", "rule", "subject", "key"], nulls_distinct=False, name="an_alert_is_raised_once"
            ),
            models.CheckConstraint(
                condition=Q(source="RULE", rule__isnull=False) | (~Q(source="RULE") & Q(rule=None)),
                name="a_rules_alert_names_its_version",
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="alert_source_is_known"),
            models.CheckConstraint(condition=Q(status__in=AlertStatus.values), name="alert_status_is_known"),
            models.CheckConstraint(condition=~Q(status="GROUPED") | Q(case__isnull=False), name="grouped_is_in_a_case"),
            models.CheckConstraint(
                condition=~Q(status="CLOSED") | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
                name="a_closed_alert_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(status="OPEN"), name="alerts_not_in_a_case"),
            models.Index(fields=["subject", "-id"], name="aml_alerts_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"


class AlertParty(models.Model):
    """Whom the same rule saw on the way of the same money: the alert is about them as well.

    Its own subject is here when they were seen again in another window.
    """

    alert = models.ForeignKey(SuspiciousActivityAlert, on_delete=models.PROTECT, related_name="parties", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=120, help_text=_("The window in which they were seen"))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    actual = models.BigIntegerField(help_text=_("In the rule's own unit, as the alert's"))
    amount_minor = models.BigIntegerField(help_text=_("Money that passed through, KES minor units"))
    joined_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["alert", "person", "key"], name="a_person_is_on_a_path_once_a_window"),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="paths_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.alert_id} {self.person_id}"


class Sweep(models.Model):
    """A day that the rules have looked at; so a watch that was down catches up, and looks at no day twice."""

    on_date = models.DateField(unique=True)
    raised = models.PositiveIntegerField(help_text=_("Alerts"))
    not_asked = ArrayField(models.CharField(max_length=16), default=list, help_text=_("Rules that lacked a rate"))
    finished_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()

    def __str__(self) -> str:
        return str(self.on_date)
