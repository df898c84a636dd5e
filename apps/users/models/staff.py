"""Staff: where they work, what they may approve, what they noted and whom they looked at."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.confidential import hidden_from
from apps.kernel.money import Money
from apps.kernel.triggers import append_only


class Branch(models.Model):
    """An office of the bank."""

    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=60)
    town = models.CharField(max_length=60)

    class Meta:
        verbose_name_plural = "branches"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Role(models.TextChoices):
    """The catalogue's staff roles; each is a group of permissions (apps.users.roles)."""

    SUPER_ADMIN = "SUPER_ADMIN", _("Super administrator")
    ADMIN = "ADMIN", _("Administrator")
    KYC_OFFICER = "KYC_OFFICER", _("KYC officer")
    COMPLIANCE_OFFICER = "COMPLIANCE_OFFICER", _("Compliance officer")
    SUPPORT_AGENT = "SUPPORT_AGENT", _("Support agent")
    ANALYST = "ANALYST", _("Analyst")
    LOAN_OFFICER = "LOAN_OFFICER", _("Loan officer")
    BRANCH_MANAGER = "BRANCH_MANAGER", _("Branch manager")
    TELLER = "TELLER", _("Teller")
    AUDITOR = "AUDITOR", _("Auditor")


class StaffMember(models.Model):
    """What a member of staff may do, where, and up to which amount (KES, minor units)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff")
    role = models.CharField(max_length=18, choices=Role.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="staff")
    approval_limit_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(approval_limit_minor__gte=0), name="approval_limit_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def approval_limit(self) -> Money:
        """Up to which amount they decide alone, in KES."""
        return Money(self.approval_limit_minor, "KES")


class CustomerNote(models.Model):
    """What staff wrote down about a customer; corrected by adding."""

    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something")]

    def __str__(self) -> str:
        return self.text[:60]


class CustomerViewQuerySet(models.QuerySet["CustomerView"]):
    """Looks by who may read of them."""

    def seen_by(self, who: Any) -> "CustomerViewQuerySet":
        """Without those of who may know of cases, for whoever may not: that they looked would tell of one."""
        return self.exclude(is_kept=True) if hidden_from(who) else self


class CustomerView(models.Model):
    """A member of staff looked at a customer, with the reason they gave."""

    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    is_kept = models.BooleanField(
        default=False, help_text=_("Kept from the customer: whoever looked may know of cases of suspicion")
    )
    at = models.DateTimeField()

    objects = CustomerViewQuerySet.as_manager()

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["customer", "-at"], name="views_of_a_customer")]

    def __str__(self) -> str:
        return f"{self.viewer} → {self.customer}"
