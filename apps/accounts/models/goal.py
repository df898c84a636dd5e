"""Goals: pots with a target, each an account of its own; alone or with others, who pay in and have their share."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class GoalPicture(models.TextChoices):
    """What stands for a goal."""

    SAVINGS = "SAVINGS", _("Savings")
    HOME = "HOME", _("Home")
    SCHOOL = "SCHOOL", _("School")
    TRANSPORT = "TRANSPORT", _("Transport")
    SHOP = "SHOP", _("Business")
    PHONE = "PHONE", _("Phone")
    FAMILY = "FAMILY", _("Family")
    RAINY_DAY = "RAINY_DAY", _("Rainy day")


class SavingsGoalQuerySet(models.QuerySet["SavingsGoal"]):
    """Goals by who sees them."""

    def seen_by(self, user: Any) -> "SavingsGoalQuerySet":
        """Those one owns or has joined."""
        joined = GoalMember.objects.filter(user_id=user.pk, status=MemberStatus.ACTIVE)
        return self.filter(Q(owner_id=user.pk) | Q(pk__in=joined.values("goal")))

    def open(self) -> "SavingsGoalQuerySet":
        """Not closed."""
        return self.filter(closed_at=None)


class SavingsGoal(models.Model):
    """One goal. What is saved is the balance of its account (minor units)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="goals", db_index=False)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="goal")
    name = models.CharField(max_length=40)
    target_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    by_date = models.DateField(null=True)
    picture = models.CharField(max_length=9, choices=GoalPicture.choices, default=GoalPicture.SAVINGS)
    locked_until = models.DateField(null=True, help_text=_("Taken out before, it loses the interest not paid yet"))
    reached_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=120, help_text=_("The owner's form or request, counted once"))
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    target = MoneyOf("target_minor")

    objects = SavingsGoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_goal_counts_once"),
            models.CheckConstraint(condition=Q(target_minor__gt=0), name="a_goal_has_a_target"),
            models.CheckConstraint(condition=Q(picture__in=GoalPicture.values), name="goal_picture_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class MemberStatus(models.TextChoices):
    """Where somebody stands with a shared goal."""

    INVITED = "INVITED", _("Invited")
    ACTIVE = "ACTIVE", _("Saving along")
    DECLINED = "DECLINED", _("Said no")
    LEFT = "LEFT", _("Left")


class GoalMember(models.Model):
    """Somebody who was asked to save along; the owner is no member."""

    goal = models.ForeignKey(SavingsGoal, on_delete=models.PROTECT, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="goals_joined")
    status = models.CharField(max_length=8, choices=MemberStatus.choices, default=MemberStatus.INVITED)
    invited_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goal", "user"], name="one_place_in_a_goal"),
            models.CheckConstraint(condition=Q(status__in=MemberStatus.values), name="goal_member_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.goal_id} {self.user_id} {self.status}"


class GoalMove(models.Model):
    """Money that a person paid into a goal (+) or took out of it (−), as a line of its account."""

    goal = models.ForeignKey(SavingsGoal, on_delete=models.PROTECT, related_name="moves", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goal", "transfer_id"], name="one_move_of_a_goal_for_a_transfer"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="a_goal_move_moves_something"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.goal_id} {self.user_id} {self.amount_minor}"
