"""Whom a business names to the bank: directors or partners, and who owns or controls it in the end."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText, Fingerprint, SavedInOne
from apps.users.models import BusinessProfile

# Asked when the transaction ends, so that shares may pass from one to another within it.
_AT_MOST_ALL = """
IF (SELECT sum(share_bp) FROM kyc_businessperson
     WHERE business_id = NEW.business_id AND removed_at IS NULL) > 10000
THEN RAISE EXCEPTION 'more than all of business % is held', NEW.business_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_are_at_most_all';
END IF;
RETURN NULL;
"""


class IdKind(models.TextChoices):
    """By which paper somebody is named."""

    NATIONAL_ID = "NATIONAL_ID", _("National ID")
    PASSPORT = "PASSPORT", _("Passport")
    ALIEN_ID = "ALIEN_ID", _("Alien card")


class BusinessPersonQuerySet(models.QuerySet["BusinessPerson"]):
    """Named people, as doors ask for them."""

    def present(self) -> "BusinessPersonQuerySet":
        """Still named."""
        return self.filter(removed_at=None)


class BusinessPerson(SavedInOne):
    """Somebody a business named: a director, partner or official, an owner, or both; removed, the row stays.

    `who` is a member of the business who banks here, or a row made for somebody who does not, by which they are
    screened. `share_bp` is what they hold in basis points: 2,500 is a quarter; `control` says how else they decide.
    Kenya has everybody named who holds a tenth or more, of shares or votes, or otherwise controls: the Companies
    (Beneficial Ownership Information) Regulations, 2020.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="people")
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_director = models.BooleanField(default=False)
    is_owner = models.BooleanField(default=False)
    share_bp = models.PositiveIntegerField(default=0, help_text=_("Basis points: 2,500 is a quarter"))
    control = models.CharField(max_length=200, blank=True, default="", help_text=_("How else they decide"))
    is_exposed = models.BooleanField(default=False, help_text=_("Said to be politically exposed"))
    id_kind = models.CharField(max_length=11, choices=IdKind.choices, blank=True, default="")
    id_number = EncryptedText(null=True)
    id_number_print = Fingerprint(of="id_number", null=True)
    nationality = models.CharField(max_length=2, help_text=_("ISO 3166: KE"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = BusinessPersonQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("person of a business")
        verbose_name_plural = _("people of businesses")
        constraints = [
            models.UniqueConstraint(
                fields=["business", "who"], condition=Q(removed_at=None), name="a_person_is_named_once"
            ),
            models.UniqueConstraint(
                fields=["business", "id_kind", "id_number_print"],
                condition=Q(removed_at=None, id_number_print__isnull=False),
                name="an_id_is_named_once",
            ),
            models.CheckConstraint(
                condition=Q(is_director=True) | Q(is_owner=True), name="somebody_is_named_for_something"
            ),
            models.CheckConstraint(condition=Q(share_bp__lte=10000), name="nobody_holds_more_than_all"),
            models.CheckConstraint(
                condition=(Q(is_owner=True) & (Q(share_bp__gt=0) | ~Q(control="")))
                | Q(is_owner=False, share_bp=0, control=""),
                name="an_owner_says_how",
            ),
            models.CheckConstraint(
                condition=Q(id_kind="", id_number=None) | (~Q(id_kind="") & Q(id_number__isnull=False)),
                name="a_named_id_is_whole",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="shares_are_at_most_all",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_AT_MOST_ALL,
            )
        ]

    def __str__(self) -> str:
        return str(self.who)

    @property
    def banks_here(self) -> bool:
        """Whether they are a customer: then their own tier counts, and no paper of theirs is asked."""
        return not self.id_kind

    @property
    def share(self) -> str:
        """`25 %`, `12.5 %`."""
        return f"{self.share_bp / 100:g} %"
