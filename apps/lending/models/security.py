"""What stands behind a loan: people who guarantee it with their savings, and things that could be sold."""

import uuid
from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedText, Fingerprint
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.lending.models.loan import OPEN, Loan, LoanStatus


class GuaranteeStatus(models.TextChoices):
    """Where a guarantee stands."""

    ASKED = "ASKED", _("Asked for")
    GIVEN = "GIVEN", _("Given")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    RELEASED = "RELEASED", _("Free again")
    CALLED = "CALLED", _("Paid for the borrower")


class GuaranteeQuerySet(models.QuerySet["Guarantee"]):
    """Guarantees by whose they are."""

    def asked_of(self, user: Any) -> "GuaranteeQuerySet":
        """Of one's own savings."""
        return self.filter(guarantor_id=user.pk)

    def given(self) -> "GuaranteeQuerySet":
        """Those that hold money."""
        return self.filter(status=GuaranteeStatus.GIVEN)


class Guarantee(models.Model):
    """A person stands for `amount` of a loan with savings that are held (minor units).

    `held_minor` is what is held now: it falls with the principal, pro rata, and is the hold `guarantee/<id>/<times>`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="guarantees")
    guarantor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="guarantees", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    held_minor = models.BigIntegerField(default=0)
    hold_id = models.BigIntegerField(null=True)
    times = models.PositiveIntegerField(default=0, help_text=_("How often it was set aside anew"))
    status = models.CharField(max_length=9, choices=GuaranteeStatus.choices, default=GuaranteeStatus.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")
    held = MoneyOf("held_minor")

    objects = GuaranteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "guarantor"],
                condition=Q(status__in=["ASKED", "GIVEN"]),
                name="a_person_guarantees_a_loan_once",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_guarantee_is_for_something"),
            models.CheckConstraint(
                condition=Q(status="GIVEN", hold_id__isnull=False, account__isnull=False, held_minor__gt=0)
                | (~Q(status="GIVEN") & Q(held_minor=0)),
                name="a_given_guarantee_holds_money",
            ),
            models.CheckConstraint(
                condition=Q(held_minor__gte=0, held_minor__lte=F("amount_minor")), name="no_more_held_than_guaranteed"
            ),
        ]
        indexes = [models.Index(fields=["guarantor", "-id"], name="guarantees_of_a_person")]

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.guarantor_id}"


class CollateralKind(models.TextChoices):
    """What can be pledged."""

    VEHICLE = "VEHICLE", _("Vehicle")
    LAND = "LAND", _("Land")
    MACHINE = "MACHINE", _("Machine or device")
    LIVESTOCK = "LIVESTOCK", _("Livestock")
    STOCK = "STOCK", _("Goods")
    OTHER = "OTHER", _("Other")


class CollateralQuerySet(models.QuerySet["Collateral"]):
    """Pledges by whether they count."""

    def newest(self) -> "CollateralQuerySet":
        """The last valuation of each thing."""
        return self.filter(replaced_by=None)

    def standing(self) -> "CollateralQuerySet":
        """What still stands for a loan that is not over."""
        live = [*OPEN, LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF]
        return self.newest().filter(release=None, loan__status__in=live)


PLEDGE = (
    "public_id",
    "loan_id",
    "kind",
    "described",
    "number_print",
    "owner_name",
    "currency",
    "value_minor",
    "charged_minor",
    "valued_on",
    "valued_by",
    "expires_on",
    "replaces_id",
    "made_by_id",
    "made_at",
)


def _but(columns: tuple[str, ...]) -> Any:
    """Deleting a row, or writing one of its columns."""
    fixed: Any = pgtrigger.UpdateOf(*columns)  # type: ignore[no-untyped-call]  # the library says no types here
    return pgtrigger.Delete | fixed


def _written_once_but_sealed_anew() -> list[pgtrigger.Trigger]:
    """As append-only rows, with the sealed number left open to the rotation of keys."""
    return [
        pgtrigger.Protect(name="pledges_are_written_once", operation=_but(PLEDGE)),
        append_only()[1],
    ]


class Collateral(models.Model):
    """A thing pledged for a loan, as it was valued (minor units). A new valuation is a new row that replaces it.

    `charged_minor` is how much of its value stands for this loan: one thing may stand for several, never for more than
    it is worth. `number` (registration, logbook or title) says which thing it is and is sealed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="collateral")
    kind = models.CharField(max_length=9, choices=CollateralKind.choices)
    described = models.CharField(max_length=200)
    number = EncryptedText(null=True)
    number_print = Fingerprint(of="number", null=True)
    owner_name = models.CharField(max_length=120, blank=True, default="", help_text=_("Empty: the borrower"))
    currency = models.CharField(max_length=8)
    value_minor = models.BigIntegerField()
    charged_minor = models.BigIntegerField(help_text=_("How much of its value stands for this loan"))
    valued_on = models.DateField()
    valued_by = models.CharField(max_length=100)
    expires_on = models.DateField(null=True, help_text=_("From this day on it must be valued again"))
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    value = MoneyOf("value_minor")
    charged = MoneyOf("charged_minor")

    objects = CollateralQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "collateral"
        constraints = [
            models.CheckConstraint(condition=Q(value_minor__gte=0), name="collateral_is_worth_nothing_or_more"),
            models.CheckConstraint(
                condition=Q(charged_minor__gte=0, charged_minor__lte=F("value_minor")),
                name="no_more_pledged_than_it_is_worth",
            ),
            models.CheckConstraint(condition=~Q(described="") & ~Q(valued_by=""), name="collateral_is_described"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gt=F("valued_on")), name="a_valuation_holds_for_a_while"
            ),
        ]
        indexes = [models.Index(fields=["number_print"], name="pledges_of_a_thing")]
        triggers = _written_once_but_sealed_anew()

    def __str__(self) -> str:
        return self.described

    @property
    def masked_number(self) -> str:
        """The last three characters; nothing where it has no number."""
        number: str | None = self.number
        return f"••• {number[-3:]}" if number else ""

    def has_expired(self, on: date) -> bool:
        """Whether it must be valued again before anybody relies on it."""
        return self.expires_on is not None and self.expires_on <= on


class ReleaseWhy(models.TextChoices):
    """Why a pledge ended."""

    PAID = "PAID", _("The loan is paid back")
    NOT_LENT = "NOT_LENT", _("The loan was not paid out")
    AGREED = "AGREED", _("Two people of the bank agreed")


class CollateralRelease(models.Model):
    """A pledge ended: the thing is the owner's alone again."""

    collateral = models.OneToOneField(Collateral, on_delete=models.PROTECT, related_name="release")
    why = models.CharField(max_length=8, choices=ReleaseWhy.choices)
    reason = models.CharField(max_length=500, blank=True, default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why="AGREED") | ~Q(reason=""), name="an_agreed_release_says_why")
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.collateral_id}: {self.why}"


PAPER = ("public_id", "collateral_id", "name", "content_type", "size", "sha256", "made_by_id")


class CollateralPaper(models.Model):
    """A photo or a paper of a pledged thing, sealed: a logbook, a title, a valuer's report."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    collateral = models.ForeignKey(Collateral, on_delete=models.PROTECT, related_name="papers", db_index=False)
    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = EncryptedText(help_text=_("Base64"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collateral", "sha256"], name="a_paper_is_kept_once"),
            models.CheckConstraint(
                condition=Q(content_type__in=["image/jpeg", "image/png", "application/pdf"], size__gt=0),
                name="a_paper_is_a_photo_or_a_pdf",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="papers_are_written_once",
                operation=_but(PAPER),
            )
        ]

    def __str__(self) -> str:
        return self.name
