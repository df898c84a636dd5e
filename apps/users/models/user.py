"""The person: one row for a customer or a member of staff, personal data sealed."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText, Fingerprint, SavedInOne
from apps.users import rules


class UserStatus(models.TextChoices):
    """Whether a person may use the bank."""

    ACTIVE = "ACTIVE", _("Active")
    SUSPENDED = "SUSPENDED", _("Suspended")
    LOCKED = "LOCKED", _("Locked")
    CLOSED = "CLOSED", _("Closed")


class Party(models.TextChoices):
    """What a row stands for: who signs in, a business that holds accounts, or somebody a business named to us."""

    PERSON = "PERSON", _("Person")
    BUSINESS = "BUSINESS", _("Business")
    NAMED = "NAMED", _("Named by a business")


class Tier(models.TextChoices):
    """How well the bank knows a customer; written only by kyc."""

    TIER_1 = "TIER_1", _("Tier 1")
    TIER_2 = "TIER_2", _("Tier 2")
    TIER_3 = "TIER_3", _("Tier 3")


class Language(models.TextChoices):
    """The languages the bank speaks."""

    ENGLISH = "en", "English"
    SWAHILI = "sw", "Kiswahili"


class UserQuerySet(models.QuerySet["User"]):
    """People, found by what they typed."""

    def with_phone(self, phone: str) -> "UserQuerySet":
        """By a phone number in any written form; none when it is not a number."""
        digest = User._meta.get_field("phone_print").digest
        try:
            return self.filter(phone_print=digest(rules.phone(phone)))
        except rules.Unreadable:
            return self.none()

    def with_email(self, email: str) -> "UserQuerySet":
        """By e-mail address, letter case aside."""
        return self.filter(email_print=User._meta.get_field("email_print").digest(rules.email(email)))

    def with_id_number(self, number: str) -> "UserQuerySet":
        """By national identity number."""
        digest = User._meta.get_field("id_number_print").digest
        try:
            return self.filter(id_number_print=digest(rules.id_number(number)))
        except rules.Unreadable:
            return self.none()

    def called(self, login: str) -> "UserQuerySet":
        """By what a person signs in with: phone or e-mail."""
        return self.with_email(login) if "@" in login else self.with_phone(login)

    def customers(self) -> "UserQuerySet":
        """Who banks here: people and businesses. Staff, the bank itself and who was only named are left out."""
        return self.filter(is_staff=False, is_service=False).exclude(kind=Party.NAMED)

    def screened(self) -> "UserQuerySet":
        """Who is compared with watch lists: customers, and whom a business named as a director or owner."""
        return self.filter(is_staff=False, is_service=False)

    def found_by(self, text: str) -> "UserQuerySet":
        """Staff search: exact phone, e-mail or identity number first, else a part of the name."""
        text = text.strip()
        exact = self.called(text) | self.with_id_number(text)
        return exact if exact.exists() else self.filter(full_name__icontains=text)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    """Makes people; operations register customers."""

    def create_user(self, *, password: str | None = None, **fields: Any) -> "User":
        """Save a person with a hashed password (none: cannot sign in)."""
        user: User = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> "User":
        """Whoever signs in with `login`."""
        user: User = self.called(login or "").get()
        return user


class User(SavedInOne, AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Phone, e-mail and identity number are sealed; their fingerprints keep them unique.

    A business has a row too, by which it holds accounts, has a tier and is screened as a person is; and so has whoever
    it named as a director or owner, to be screened. Neither has a way to sign in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Party.choices, default=Party.PERSON, editable=False)
    full_name = models.CharField(_("full name"), max_length=120)
    phone = EncryptedText(null=True)
    phone_print = Fingerprint(of="phone", null=True, unique=True)
    email = EncryptedText(null=True)
    email_print = Fingerprint(of="email", null=True, unique=True)
    id_number = EncryptedText(null=True)
    id_number_print = Fingerprint(of="id_number", null=True, unique=True)
    date_of_birth = EncryptedText(null=True)
    status = models.CharField(max_length=9, choices=UserStatus.choices, default=UserStatus.ACTIVE)
    kyc_tier = models.CharField(max_length=6, choices=Tier.choices, default=Tier.TIER_1)
    kyc_status = models.CharField(max_length=11, default="NOT_STARTED")
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ENGLISH)
    is_staff = models.BooleanField(_("works here"), default=False)
    is_service = models.BooleanField(_("the bank itself"), default=False)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    email_changed_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "public_id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            ("view_users", "Can look at customers"),
            ("edit_users", "Can change what the bank holds of customers"),
            ("write_to_customers", "Can write notes about customers and letters to them"),
            ("manage_admins", "Can grant roles"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(full_name=""), name="a_person_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_service=True)
                | Q(is_staff=True)
                | Q(erased_at__isnull=False, status="CLOSED")
                | ~Q(kind="PERSON")
                | (Q(phone__isnull=False) & Q(id_number__isnull=False)),
                name="a_customer_has_a_phone_and_an_id",
            ),
            models.CheckConstraint(
                condition=Q(kind="PERSON")
                | Q(kind__in=["BUSINESS", "NAMED"], phone=None, email=None, id_number=None, is_staff=False),
                name="only_people_sign_in",
            ),
            models.CheckConstraint(condition=Q(status__in=UserStatus.values), name="user_status_is_known"),
            models.CheckConstraint(condition=Q(kyc_tier__in=Tier.values), name="user_tier_is_known"),
            # Django lets a superuser pass every check without a role, and so without a second person.
            models.CheckConstraint(condition=Q(is_superuser=False), name="nobody_stands_above_the_roles"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("full_name"), name="gin_trgm_ops"), name="people_by_name"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for: may sign in."""
        return self.status == UserStatus.ACTIVE and not self.is_service

    @property
    def first_name(self) -> str:
        """What to call the person."""
        return self.full_name.split()[0]

    @property
    def public_name(self) -> str:
        """What others are shown: of a person the first name and initials, of a business or the bank all of it."""
        is_whole = self.kind == Party.BUSINESS or self.is_service
        return self.full_name if is_whole else rules.half_name(self.full_name)

    def get_username(self) -> str:
        """How the person signs in: phone, or e-mail for staff without one."""
        return str(self.phone or self.email or self.public_id)
