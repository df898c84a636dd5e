"""How conversations and their letters are written in JSON."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.notifications.models import SecureMessage, SecureThread
from apps.notifications.operations.write import LONGEST


class LetterShown(serializers.ModelSerializer[SecureMessage]):
    """One letter. Customers see the bank, not the member of staff who wrote."""

    id = serializers.UUIDField(source="public_id")
    is_from_bank = serializers.SerializerMethodField()
    body = serializers.CharField()

    class Meta:
        model = SecureMessage
        fields = ("id", "is_from_bank", "body", "created_at")

    def get_is_from_bank(self, row: SecureMessage) -> bool:
        """Whether somebody other than the customer wrote it."""
        return bool(row.author_id != row.thread.customer_id)


class StaffLetterShown(LetterShown):
    """One letter, with who wrote it."""

    author = serializers.SerializerMethodField()

    class Meta(LetterShown.Meta):
        fields = ("id", "is_from_bank", "author", "body", "created_at")  # type: ignore[assignment]

    def get_author(self, row: SecureMessage) -> str:
        """By name; the bank itself where no person wrote."""
        return str(row.author) if row.author else _("KitBank")


class ThreadShown(serializers.ModelSerializer[SecureThread]):
    """A conversation."""

    id = serializers.UUIDField(source="public_id")
    is_unread = serializers.BooleanField()

    class Meta:
        model = SecureThread
        fields = ("id", "subject", "created_at", "last_at", "is_unread", "closed_at")


class ThreadWithLetters(ThreadShown):
    """A conversation with its letters, the first one first."""

    letters = LetterShown(many=True)

    class Meta(ThreadShown.Meta):
        fields = (*ThreadShown.Meta.fields, "letters")  # type: ignore[assignment]


class StaffThreadShown(serializers.ModelSerializer[SecureThread]):
    """A conversation as staff see it in a list; `is_waiting` when the customer had the last word."""

    id = serializers.UUIDField(source="public_id")
    customer = serializers.IntegerField(source="customer_id")
    customer_name = serializers.CharField(source="customer.full_name")
    is_waiting = serializers.SerializerMethodField()

    class Meta:
        model = SecureThread
        fields = ("id", "customer", "customer_name", "subject", "created_at", "last_at", "is_waiting", "closed_at")

    def get_is_waiting(self, row: Any) -> bool:
        """Open, and not answered yet."""
        return bool(row.closed_at is None and row.last_author_id == row.customer_id)


class StaffThreadWithLetters(StaffThreadShown):
    """A conversation with its letters and their authors."""

    letters = StaffLetterShown(many=True)

    class Meta(StaffThreadShown.Meta):
        fields = (*StaffThreadShown.Meta.fields, "letters")  # type: ignore[assignment]


class OpenThread(serializers.Serializer[Any]):
    """Begin a conversation."""

    subject = serializers.CharField(max_length=120)
    body = serializers.CharField(max_length=LONGEST)


class WriteLetter(serializers.Serializer[Any]):
    """One more letter."""

    body = serializers.CharField(max_length=LONGEST)
