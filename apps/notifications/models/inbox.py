"""The inbox: letters between a customer and the bank that no provider carries."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from apps.kernel.fields import EncryptedText
from apps.kernel.triggers import append_only
from apps.notifications import people


class ThreadQuerySet(models.QuerySet["SecureThread"]):
    """Threads by person."""

    def owned_by(self, user: Any) -> "ThreadQuerySet":
        """This customer's, and those of the businesses they sign for."""
        return self.filter(models.Q(customer=user) | models.Q(customer__in=people.speaks_for(user)))

    def for_staff(self, who: Any) -> "ThreadQuerySet":
        """Everybody's but one's own and one's businesses', with the author of the last letter."""
        letters = SecureMessage.objects.filter(thread=models.OuterRef("pk")).order_by("-pk")
        others = self.exclude(customer=who).exclude(customer__in=people.speaks_for(who)).select_related("customer")
        return others.annotate(last_author_id=models.Subquery(letters.values("author_id")[:1]))

    def waiting(self, *, waits: bool = True) -> "ThreadQuerySet":
        """Of `for_staff`: open, and the customer had the last word; or the others."""
        theirs = models.Q(closed_at=None, last_author_id=models.F("customer_id"))
        return self.filter(theirs if waits else ~theirs)


class SecureThread(models.Model):
    """A conversation between one customer and the bank."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    last_at = models.DateTimeField()
    read_by_customer_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["customer", "-last_at"], name="threads_of_a_customer"),
            models.Index(fields=["-last_at"], condition=models.Q(closed_at=None), name="threads_that_are_open"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_unread(self) -> bool:
        """Whether something came after the customer last looked."""
        return self.read_by_customer_at is None or self.read_by_customer_at < self.last_at


class SecureMessage(models.Model):
    """One letter of a thread; corrected by writing another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    thread = models.ForeignKey(SecureThread, on_delete=models.PROTECT, related_name="letters")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    body = EncryptedText()
    created_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        default_permissions = ()
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.created_at:%Y-%m-%d %H:%M}"
