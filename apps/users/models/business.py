"""Businesses that people bank for: the profile, who belongs to it, and who was asked to join."""

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText, Fingerprint, SavedInOne


class BusinessKind(models.TextChoices):
    """How a business stands before the law."""

    SOLE = "SOLE", _("Sole trader")
    PARTNERSHIP = "PARTNERSHIP", _("Partnership")
    COMPANY = "COMPANY", _("Company")
    GROUP = "GROUP", _("Registered group")


class BusinessRole(models.TextChoices):
    """What a member may do: owners change it and its members, signatories sign for it, viewers look."""

    OWNER = "OWNER", _("Owner")
    SIGNATORY = "SIGNATORY", _("Signatory")
    VIEWER = "VIEWER", _("Viewer")


# Asked when the transaction ends, so that one owner may make room for the next within it.
_ONE_OWNER = """
IF EXISTS (SELECT FROM users_businessprofile WHERE id = {business} AND closed_at IS NULL)
   AND NOT EXISTS (SELECT FROM users_businessmember
                    WHERE business_id = {business} AND role = 'OWNER' AND left_at IS NULL)
THEN RAISE EXCEPTION 'business % has no owner', {business} USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
END IF;
RETURN NULL;
"""


def _keeps_an_owner(business: str, operation: Any) -> pgtrigger.Trigger:
    name = "a_business_has_an_owner"
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=_ONE_OWNER.format(business=business, name=name),
    )


class BusinessQuerySet(models.QuerySet["BusinessProfile"]):
    """Businesses by who may see them."""

    def visible_to(self, user: Any) -> "BusinessQuerySet":
        """Open ones this person belongs to."""
        belongs = BusinessMember.objects.filter(user_id=user.pk, left_at=None, business=models.OuterRef("pk"))
        return self.filter(models.Exists(belongs), closed_at=None)

    def signed_by(self, user: Any) -> "BusinessQuerySet":
        """Open ones for which this person signs: as an owner or a signatory."""
        signs = BusinessMember.objects.filter(
            user_id=user.pk, left_at=None, role__in=[BusinessRole.OWNER, BusinessRole.SIGNATORY],
            business=models.OuterRef("pk"),
        )  # fmt: skip
        return self.filter(models.Exists(signs), closed_at=None)

    def with_members(self) -> "BusinessQuerySet":
        """Each with its present members, in one query more."""
        present = BusinessMember.objects.filter(left_at=None).select_related("user").order_by("pk")
        return self.prefetch_related(models.Prefetch("members", present, to_attr="present"))


class BusinessProfile(models.Model):
    """A business that banks here; closed, its row stays and its number may be registered again."""

    party = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="business",
        help_text=_("As whom it holds accounts, has a tier and is screened"),
    )
    name = models.CharField(max_length=100)
    registration_number = models.CharField(max_length=24)
    kind = models.CharField(max_length=11, choices=BusinessKind.choices)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = BusinessQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        triggers = [_keeps_an_owner("NEW.id", pgtrigger.Insert)]
        constraints = [
            models.UniqueConstraint(
                fields=["registration_number"], condition=Q(closed_at=None), name="a_registration_number_is_used_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=BusinessKind.values), name="business_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(registration_number=""), name="a_business_has_a_name_and_a_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BusinessMember(models.Model):
    """Somebody who belongs to a business; who left keeps the row, who comes back gets a new one."""

    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=9, choices=BusinessRole.choices)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("business member")
        verbose_name_plural = _("business members")
        triggers = [_keeps_an_owner("OLD.business_id", pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "user"], condition=Q(left_at=None), name="a_member_belongs_once"
            ),
            models.CheckConstraint(condition=Q(role__in=BusinessRole.values), name="business_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class InvitationStatus(models.TextChoices):
    """Where an invitation stands."""

    OPEN = "OPEN", _("Waiting for an answer")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class InvitationQuerySet(models.QuerySet["BusinessInvitation"]):
    """Invitations by whether they can be answered, and by whom."""

    def open(self, at: Any) -> "InvitationQuerySet":
        """Waiting, in time, to a business that is still there."""
        return self.filter(status=InvitationStatus.OPEN, expires_at__gt=at, business__closed_at=None)

    def to_person(self, user: Any) -> "InvitationQuerySet":
        """Those sent to this person's phone."""
        if not user.phone:
            return self.none()
        return self.filter(phone_print=BusinessInvitation._meta.get_field("phone_print").digest(str(user.phone)))


class BusinessInvitation(SavedInOne):
    """A phone was asked to join a business; nothing here says whether anybody at the bank has that phone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, related_name="invitations")
    phone = EncryptedText()
    phone_print = Fingerprint(of="phone", max_length=32)
    role = models.CharField(max_length=9, choices=BusinessRole.choices)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=InvitationStatus.choices, default=InvitationStatus.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["business", "phone_print"], condition=Q(status="OPEN"), name="a_phone_is_invited_once"
            ),
            models.CheckConstraint(condition=Q(role__in=BusinessRole.values), name="invited_role_is_known"),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_at=None)
                | Q(status__in=["ACCEPTED", "DECLINED", "WITHDRAWN"], decided_at__isnull=False),
                name="an_answer_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["phone_print"], condition=Q(status="OPEN"), name="invitations_to_a_phone")]

    def __str__(self) -> str:
        return f"{self.business} → {self.get_role_display()}"
