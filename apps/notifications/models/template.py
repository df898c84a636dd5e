"""The texts as staff see and edit them, with every version that ever was."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.notifications.states import Channel


class Language(models.TextChoices):
    """The languages texts are written in."""

    ENGLISH = "en", "English"
    SWAHILI = "sw", "Kiswahili"


class NotificationTemplate(models.Model):
    """The text of one message on one channel in one language. An edited one wins over the file it came from."""

    code = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    subject = models.CharField(max_length=150, blank=True, default="")
    body = models.TextField(max_length=4000)
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        permissions = [("manage_content", "Can edit message texts and read delivery figures")]
        constraints = [
            models.UniqueConstraint(fields=["code", "channel", "language"], name="one_text_per_place"),
            models.CheckConstraint(condition=~Q(body=""), name="a_text_says_something"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="text_channel_is_known"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="text_language_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.language} {self.channel}"


class TemplateVersion(models.Model):
    """A text as it stood from some moment on."""

    template = models.ForeignKey(
        NotificationTemplate, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=150, blank=True, default="")
    body = models.TextField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["template", "version"], name="each_version_once"),
            models.CheckConstraint(  # not asked of versions from before texts were changed by two
                condition=Q(edited_by=None) | (Q(allowed_by__isnull=False) & ~Q(allowed_by=F("edited_by"))),
                name="no_one_changes_a_text_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.version}"
