"""Meetings of a group, who came, and what was written down and signed."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, GroupRole, Membership
from apps.kernel.triggers import append_only


class MeetingStatus(models.TextChoices):
    """Where a meeting stands."""

    CALLED = "CALLED", _("Called")
    HELD = "HELD", _("Held")
    CANCELLED = "CANCELLED", _("Cancelled")


class Presence(models.TextChoices):
    """Whether a member came."""

    PRESENT = "PRESENT", _("Present")
    APOLOGY = "APOLOGY", _("Sent an apology")
    ABSENT = "ABSENT", _("Absent")


class Meeting(models.Model):
    """A meeting to which every member is called, with what it is about."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="meetings", db_index=False)
    number = models.PositiveIntegerField(help_text=_("Within the group, from 1"))
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    agenda = models.JSONField(help_text=_("What it is about, in order"))
    status = models.CharField(max_length=9, choices=MeetingStatus.choices, default=MeetingStatus.CALLED)
    called_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="meetings_are_numbered"),
            models.CheckConstraint(condition=Q(status__in=MeetingStatus.values), name="meeting_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="CALLED", over_at=None) | (~Q(status="CALLED") & Q(over_at__isnull=False)),
                name="a_meeting_that_is_over_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["group", "-starts_at"], name="meetings_of_a_group")]

    def __str__(self) -> str:
        return f"{self.group} {self.number}"


class Attendance(models.Model):
    """Whether one member came, as the secretary wrote it down when the meeting was over; never changed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendance")
    presence = models.CharField(max_length=7, choices=Presence.choices)

    class Meta:
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="a_member_comes_once"),
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="presence_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.presence}"


class RollMark(models.Model):
    """A tick on the roll of a meeting that is not over: who is here, who sent an apology. Ticked again it is changed;
    as it stands when the roll is written down it becomes attendance.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="roll", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=7, choices=Presence.choices)
    marked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="a_member_has_one_tick"),
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="ticked_presence_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.presence}"


class Minutes(models.Model):
    """What was said and resolved; a correction is another version, and each is signed for itself."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="minutes", db_index=False)
    version = models.PositiveIntegerField()
    body = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "minutes"
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["meeting", "version"], name="minutes_are_numbered"),
            models.CheckConstraint(condition=~Q(body=""), name="minutes_say_something"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} v{self.version}"


# Whoever signs an older version would sign what nobody goes by any more.
_NEWEST = """
IF EXISTS (SELECT FROM chamas_minutes o JOIN chamas_minutes n ON n.meeting_id = o.meeting_id AND n.version > o.version
            WHERE o.id = NEW.minutes_id)
THEN RAISE EXCEPTION 'minutes % were corrected', NEW.minutes_id
     USING ERRCODE = 'check_violation', CONSTRAINT = 'the_newest_minutes_are_signed';
END IF;
RETURN NEW;
"""


class MinutesSignature(models.Model):
    """Somebody who was there puts their name to the minutes; with the chair's and the secretary's they are signed.

    `role` is what they were when they signed: whoever is elected later changes nothing about minutes of before.
    """

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=9, choices=GroupRole.choices)
    at = models.DateTimeField()

    class Meta:
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="the_newest_minutes_are_signed", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_NEWEST
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "member"], name="minutes_are_signed_once_by_each"),
            models.CheckConstraint(condition=Q(role__in=GroupRole.values), name="who_signs_minutes_has_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} · {self.member_id}"
