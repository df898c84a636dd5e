"""A savings group, who belongs to it, and who was asked to join."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText, Fingerprint, SavedInOne


class GroupKind(models.TextChoices):
    """What a group is for."""

    MERRY_GO_ROUND = "MERRY_GO_ROUND", _("Merry-go-round")
    SAVINGS = "SAVINGS", _("Savings group")
    SACCO = "SACCO", _("SACCO group")
    INVESTMENT = "INVESTMENT", _("Investment group")


class GroupStatus(models.TextChoices):
    """Where a group stands: it begins when it has its officers and members enough."""

    FORMING = "FORMING", _("Coming together")
    ACTIVE = "ACTIVE", _("Active")
    CLOSED = "CLOSED", _("Closed")


class GroupRole(models.TextChoices):
    """What a member does for the group. Chair, treasurer and secretary are its officers; an auditor sees all rows."""

    CHAIR = "CHAIR", _("Chairperson")
    TREASURER = "TREASURER", _("Treasurer")
    SECRETARY = "SECRETARY", _("Secretary")
    MEMBER = "MEMBER", _("Member")
    AUDITOR = "AUDITOR", _("Auditor")


OFFICERS = (GroupRole.CHAIR, GroupRole.TREASURER, GroupRole.SECRETARY)
CHOOSES_WHEN_TO_HEAR = (*OFFICERS, GroupRole.AUDITOR)  # few enough of a group that each may hear of everybody at once


class MembershipStatus(models.TextChoices):
    """Where somebody stands in a group."""

    ASKED = "ASKED", _("Asked to join")
    ACTIVE = "ACTIVE", _("Member")
    DECLINED = "DECLINED", _("Not taken in")
    LEFT = "LEFT", _("Left")


class GroupQuerySet(models.QuerySet["ChamaGroup"]):
    """Groups by who may see them."""

    def visible_to(self, user: Any) -> "GroupQuerySet":
        """Those this person is a member of, closed ones too; nobody else's."""
        belongs = Membership.objects.filter(
            user_id=user.pk, status=MembershipStatus.ACTIVE, group=models.OuterRef("pk")
        )
        return self.filter(models.Exists(belongs))

    def open(self) -> "GroupQuerySet":
        """Not closed."""
        return self.exclude(status=GroupStatus.CLOSED)


class ChamaGroup(models.Model):
    """People who save together. Its money lies in funds, each an account in the books."""

    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=70, unique=True)
    kind = models.CharField(max_length=14, choices=GroupKind.choices)
    status = models.CharField(max_length=7, choices=GroupStatus.choices, default=GroupStatus.FORMING)
    currency = models.CharField(max_length=8, default="KES")
    join_code = models.CharField(max_length=8, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120, blank=True, default="", help_text=_("The founder's form, counted once"))
    created_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    restricted_at = models.DateTimeField(null=True, blank=True, help_text=_("Since when the bank lets nothing out"))
    is_verified = models.BooleanField(default=False, help_text=_("Two of the bank have seen what it is founded on"))
    restricted_because = models.CharField(max_length=200, blank=True, default="")

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        permissions = [("view_groups", "Can see groups, their members and their money")]
        constraints = [
            models.UniqueConstraint(fields=["created_by", "key"], condition=~Q(key=""), name="a_form_founds_one_group"),
            models.CheckConstraint(condition=Q(kind__in=GroupKind.values), name="group_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=GroupStatus.values), name="group_status_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="a_group_has_a_name"),
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__isnull=False) | (~Q(status="CLOSED") & Q(closed_at=None)),
                name="closed_groups_have_a_time",
            ),
            models.CheckConstraint(
                condition=Q(restricted_at=None, restricted_because="")
                | (Q(restricted_at__isnull=False) & ~Q(restricted_because="")),
                name="a_restricted_group_is_told_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | Q(began_at__gte=F("created_at")), name="active_groups_have_begun"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Hears(models.TextChoices):
    """When somebody hears of what members pay in: of each at once, or of all of a day the next morning."""

    AT_ONCE = "AT_ONCE", _("Each at once")
    NEXT_MORNING = "NEXT_MORNING", _("All of a day the next morning")


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Members by whose they are and what they do."""

    def active(self) -> "MembershipQuerySet":
        """In the group now."""
        return self.filter(status=MembershipStatus.ACTIVE)

    def officers(self) -> "MembershipQuerySet":
        """Chair, treasurer and secretary of now."""
        return self.active().filter(role__in=OFFICERS)

    def hear_at_once(self) -> "MembershipQuerySet":
        """Who hears of every payment: officers and auditors who chose it, and the treasurer who did not choose."""
        own = Q(role__in=CHOOSES_WHEN_TO_HEAR, hears=Hears.AT_ONCE)
        return self.active().filter(own | Q(role=GroupRole.TREASURER, hears=""))

    def voters(self) -> "MembershipQuerySet":
        """Who has a vote: every member but an auditor from outside the saving."""
        return self.active().exclude(role=GroupRole.AUDITOR)


class Membership(models.Model):
    """Somebody in a group; who left keeps the row, who comes back gets a new one."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Where a member pays from and is paid to"),
    )
    number = models.PositiveIntegerField(help_text=_("In the order of joining, from 1"))
    reference = models.CharField(max_length=10, unique=True, help_text=_("What this member quotes when paying in"))
    role = models.CharField(max_length=9, choices=GroupRole.choices, default=GroupRole.MEMBER)
    status = models.CharField(max_length=8, choices=MembershipStatus.choices, default=MembershipStatus.ASKED)
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    hears = models.CharField(
        max_length=12, choices=Hears.choices, blank=True, default="", help_text=_("As chosen; empty: by the role")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                condition=Q(status__in=["ASKED", "ACTIVE"]),
                name="a_person_is_in_a_group_once",
            ),
            models.UniqueConstraint(fields=["group", "number"], name="members_are_numbered"),
            models.UniqueConstraint(
                fields=["group", "role"],
                condition=Q(status="ACTIVE", role__in=["CHAIR", "TREASURER", "SECRETARY"]),
                name="a_group_has_one_of_each_officer",
            ),
            models.CheckConstraint(condition=Q(role__in=GroupRole.values), name="group_role_is_known"),
            models.CheckConstraint(condition=Q(hears__in=["", *Hears.values]), name="when_members_hear_is_known"),
            models.CheckConstraint(condition=Q(status__in=MembershipStatus.values), name="membership_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["ASKED", "DECLINED"], joined_at=None, left_at=None)
                | Q(status="ACTIVE", joined_at__isnull=False, left_at=None)
                | Q(status="LEFT", joined_at__isnull=False, left_at__gte=F("joined_at")),
                name="members_have_their_times",
            ),
        ]
        indexes = [models.Index(fields=["user", "status"], name="groups_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class GroupInvitationStatus(models.TextChoices):
    """Where an invitation to a group stands."""

    OPEN = "OPEN", _("Waiting for an answer")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class GroupInvitation(SavedInOne):
    """A phone was asked to join a group; nothing here says whether anybody at the bank has that phone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="invitations")
    phone = EncryptedText()
    phone_print = Fingerprint(of="phone", max_length=32)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=GroupInvitationStatus.choices, default=GroupInvitationStatus.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["group", "phone_print"], condition=Q(status="OPEN"), name="a_phone_is_asked_once_by_a_group"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_at=None)
                | Q(status__in=["ACCEPTED", "DECLINED", "WITHDRAWN"], decided_at__isnull=False),
                name="a_group_invitation_is_answered_once",
            ),
        ]
        indexes = [
            models.Index(fields=["phone_print"], condition=Q(status="OPEN"), name="group_invitations_to_a_phone")
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.public_id}"
