"""The recipient book."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.payments.models.toward import Toward, goes_somewhere


class PayeeQuerySet(models.QuerySet["Payee"]):
    """Payees by whose they are."""

    def owned_by(self, user: Any) -> "PayeeQuerySet":
        """In this person's book."""
        return self.filter(owner_id=user.pk)

    def saved(self) -> "PayeeQuerySet":
        """Proven, and not removed."""
        return self.filter(saved_at__isnull=False, removed_at=None)


class Payee(Toward):
    """Somebody a customer pays again. It is in the book once it was proven, and until it is removed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payees", db_index=False)
    nickname = models.CharField(max_length=40, help_text=_("What the owner calls them"))
    challenge = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, help_text=_("In the book since; empty while it waits for its proof"))
    removed_at = models.DateTimeField(null=True)

    objects = PayeeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "payee_key"],
                condition=Q(saved_at__isnull=False, removed_at=None),
                name="a_payee_is_saved_once",
            ),
            models.CheckConstraint(condition=~Q(nickname=""), name="a_payee_is_called_something"),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(saved_at__isnull=False), name="what_was_never_saved_is_not_removed"
            ),
            goes_somewhere("a_payee_is_an_account_or_on_a_rail"),
        ]
        indexes = [models.Index(fields=["owner", "nickname"], name="payees_of_a_person")]

    def __str__(self) -> str:
        return self.nickname
