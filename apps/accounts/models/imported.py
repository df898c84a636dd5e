"""Files of movements that customers brought from other banks."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only


class ImportBatch(models.Model):
    """One file: how many rows it had, and what became of them. The rows themselves are with the linked account."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    account = models.UUIDField(help_text=_("The linked account it was for"))
    sha256 = models.CharField(max_length=64, help_text=_("Of the file"))
    rows = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("duplicates") + F("rejected")), name="every_imported_row_is_counted"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
