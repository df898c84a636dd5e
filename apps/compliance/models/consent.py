"""What people agree to: purposes as dated texts in both languages, and each word that was given or withdrawn."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only


class Basis(models.TextChoices):
    """Why the bank may use personal data (Data Protection Act 2019, s. 30)."""

    CONSENT = "CONSENT", _("You agreed")
    CONTRACT = "CONTRACT", _("Our contract with you needs it")
    LEGAL_DUTY = "LEGAL_DUTY", _("The law demands it")
    LEGITIMATE = "LEGITIMATE", _("The bank's own good reason")


class SaidBy(models.TextChoices):
    """Where somebody said it."""

    PORTAL = "PORTAL", _("On the website")
    API = "API", _("In the app")
    BRANCH = "BRANCH", _("At a branch")
    SMS = "SMS", _("By SMS")


class ConsentPurpose(models.Model):
    """One version of a purpose: what the bank does with data and why. Never changed; the newest is in force.

    A version that `asks_again` asks for more than those before it: what was said to older versions no longer counts.
    One that `is_ended` says that the bank no longer does this: nobody is asked, and old words count for nothing.
    """

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    name_en = models.CharField(max_length=80)
    name_sw = models.CharField(max_length=80)
    text_en = models.CharField(max_length=600)
    text_sw = models.CharField(max_length=600)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    law = models.CharField(max_length=200)
    asks_again = models.BooleanField(default=False)
    is_ended = models.BooleanField(default=False)
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_text_a_version_of_a_purpose"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="basis_of_a_purpose_is_known"),
            models.CheckConstraint(condition=~Q(law=""), name="a_purpose_names_its_law"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def name(self) -> str:
        """In the reader's language."""
        return str(self.name_sw if get_language() == "sw" else self.name_en)

    @property
    def text(self) -> str:
        """In the reader's language."""
        return str(self.text_sw if get_language() == "sw" else self.text_en)

    @property
    def can_change(self) -> bool:
        """Whether it rests on the person's own word."""
        return self.basis == Basis.CONSENT


class ConsentQuerySet(models.QuerySet["ConsentRecord"]):
    """Words by whose they are."""

    def owned_by(self, user: Any) -> "ConsentQuerySet":
        """One's own."""
        return self.filter(user_id=user.pk)


class ConsentRecord(models.Model):
    """A person's word on one version of a purpose; the newest counts, none is changed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.PROTECT, related_name="+")
    is_given = models.BooleanField()
    channel = models.CharField(max_length=6, choices=SaidBy.choices)
    at = models.DateTimeField()

    objects = ConsentQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [models.CheckConstraint(condition=Q(channel__in=SaidBy.values), name="consent_door_is_known")]
        indexes = [models.Index(fields=["user", "-id"], name="consents_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose_id}: {self.is_given}"
