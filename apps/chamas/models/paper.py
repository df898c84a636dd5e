"""Papers that a group brings: what it is founded on, and what its investments are said to be worth."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup
from apps.kernel.triggers import append_only


class GroupPaperKind(models.TextChoices):
    """What a paper is."""

    REGISTRATION = "REGISTRATION", _("Certificate of registration")
    CONSTITUTION = "CONSTITUTION", _("Constitution or minutes of the founding")
    OFFICIALS = "OFFICIALS", _("List of officials")
    INVESTMENT = "INVESTMENT", _("Paper of an investment")


class GroupPaper(models.Model):
    """One file, as a clean copy; its bytes lie apart, sealed (docs/decisions/0020). Never changed; a newer one replaces
    it by being newer. `sha256_given` is of what came and makes the same upload one row.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="papers", db_index=False)
    kind = models.CharField(max_length=12, choices=GroupPaperKind.choices)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text=_("Bytes of the clean copy"))
    sha256_given = models.CharField(max_length=64)
    sha256_kept = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["group", "kind", "sha256_given"], name="a_paper_of_a_group_is_kept_once"),
            models.CheckConstraint(condition=Q(kind__in=GroupPaperKind.values), name="group_paper_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.kind}"


class GroupPaperFile(models.Model):
    """The sealed bytes of a paper; touched only when it is opened."""

    paper = models.OneToOneField(GroupPaper, on_delete=models.PROTECT, related_name="file")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=20)
    sha256_stored = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"file {self.paper_id}"
