"""How alerts, messages, choices and texts are written over the API."""

from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import HourField, MoneyField
from apps.notifications.models import Alert, AlertSubscription, Message, NotificationTemplate
from apps.notifications.models.template import Language
from apps.notifications.operations.choose import Wish
from apps.notifications.queries import CHOSEN_BY_CHANNEL
from apps.notifications.states import CHOSEN_ALERTS, Channel, Topic

CHOSEN = [(channel.value, channel.label) for channel in CHOSEN_BY_CHANNEL]


class AlertShown(serializers.ModelSerializer[Alert]):
    """Something to look at. `about` is a reference such as `accounts/7`."""

    class Meta:
        model = Alert
        fields = ("id", "type", "about", "message", "created_at", "is_read", "dismissed_at")
        read_only_fields = fields


class Subscribe(serializers.Serializer[Any]):
    """By which channel, beside the app, alerts of a type should come."""

    type = serializers.ChoiceField(CHOSEN_ALERTS)
    channel = serializers.ChoiceField(CHOSEN)
    is_on = serializers.BooleanField(default=True)


class SubscriptionShown(serializers.ModelSerializer[AlertSubscription]):
    """A subscription as it stands."""

    class Meta:
        model = AlertSubscription
        fields = ("id", "type", "channel", "is_on", "updated_at")
        read_only_fields = fields


class MessageShown(serializers.ModelSerializer[Message]):
    """A message as its reader may see it: the address masked; the text of a code never."""

    to = serializers.CharField(source="to_masked", read_only=True)
    subject = serializers.CharField(read_only=True, allow_blank=True, allow_null=True)
    text = serializers.SerializerMethodField(allow_null=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "code",
            "topic",
            "channel",
            "language",
            "to",
            "subject",
            "text",
            "status",
            "created_at",
            "sent_at",
        )
        read_only_fields = fields

    def get_text(self, row: Message) -> str | None:
        """What it said; null for a one-time code, sent or not."""
        return None if row.is_secret or row.body is None else str(row.body)


class ChoiceShown(serializers.Serializer[Any]):
    """What holds for one channel and topic; quiet hours in East Africa Time, null where none apply."""

    channel = serializers.CharField()
    topic = serializers.CharField()
    is_allowed = serializers.BooleanField()
    quiet_from = HourField(allow_null=True)
    quiet_to = HourField(allow_null=True)
    can_change = serializers.BooleanField()


class ChoicesShown(serializers.Serializer[Any]):
    """All of a person's choices."""

    preferences = ChoiceShown(many=True)


class OneWish(serializers.Serializer[Any]):
    """A choice to keep. Leave the quiet hours out for the bank's own, 21:00 to 07:00; equal ends mean none."""

    channel = serializers.ChoiceField(CHOSEN)
    topic = serializers.ChoiceField(Topic.choices)
    is_allowed = serializers.BooleanField()
    quiet_from = HourField(required=False, allow_null=True, default=None)
    quiet_to = HourField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Quiet hours have both ends or none."""
        if (attrs["quiet_from"] is None) != (attrs["quiet_to"] is None):
            raise serializers.ValidationError("Quiet hours need a beginning and an end.")
        return attrs


class Wishes(serializers.Serializer[Any]):
    """Choices to keep; those not named stay as they are."""

    preferences = OneWish(many=True, allow_empty=False)

    def wishes(self) -> list[Wish]:
        """As the operation takes them."""
        return [Wish(**wish) for wish in self.validated_data["preferences"]]


class TextShown(serializers.ModelSerializer[NotificationTemplate]):
    """A message text as it stands."""

    is_edited = serializers.SerializerMethodField()

    class Meta:
        model = NotificationTemplate
        fields = (
            "id",
            "code",
            "channel",
            "language",
            "subject",
            "body",
            "version",
            "is_active",
            "is_edited",
            "updated_at",
        )
        read_only_fields = fields

    def get_is_edited(self, row: NotificationTemplate) -> bool:
        """Whether staff wrote it, rather than the file it came from."""
        return row.edited_by_id is not None


class Because(serializers.Serializer[Any]):
    """Why; who allows it reads it."""

    reason = serializers.CharField(max_length=400, help_text="Why; who allows it reads it")


class AddText(Because):
    """A text for a place that has none."""

    code = serializers.CharField(max_length=80)
    channel = serializers.ChoiceField(Channel.choices)
    language = serializers.ChoiceField(Language.choices)
    subject = serializers.CharField(max_length=150, allow_blank=True, default="")
    body = serializers.CharField(max_length=4000)


class ReplaceText(Because):
    """A new wording. `version` is the one you saw; another one by now is 409."""

    subject = serializers.CharField(max_length=150, allow_blank=True)
    body = serializers.CharField(max_length=4000)
    is_active = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)


class EditText(Because):
    """Some of it. `version` is the one you saw; another one by now is 409."""

    subject = serializers.CharField(max_length=150, allow_blank=True, required=False)
    body = serializers.CharField(max_length=4000, required=False)
    is_active = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)


class AskPreview(serializers.Serializer[Any]):
    """A wording to try; left out, the text as it stands."""

    subject = serializers.CharField(max_length=150, allow_blank=True, required=False)
    body = serializers.CharField(max_length=4000, required=False)


class Preview(serializers.Serializer[Any]):
    """The text filled in with examples; `segments` is how many SMS it costs, null for other channels."""

    subject = serializers.CharField()
    body = serializers.CharField()
    segments = serializers.IntegerField(allow_null=True)
    placeholders = serializers.ListField(child=serializers.CharField())


class AskFigures(serializers.Serializer[Any]):
    """Which days."""

    date_from = serializers.DateField(help_text="East Africa Time")
    date_to = serializers.DateField(help_text="This day counts too; 366 days at most")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """In order, and not too many."""
        days = (attrs["date_to"] - attrs["date_from"]).days
        if days < 0:
            raise serializers.ValidationError({"date_to": "The last day lies before the first one. Swap them."})
        if days > 366:
            raise serializers.ValidationError({"date_to": "Ask for 366 days at most."})
        return attrs


class FiguresShown(serializers.Serializer[Any]):
    """How one message fared on one channel."""

    channel = serializers.CharField()
    code = serializers.CharField()
    written = serializers.IntegerField()
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    cost = MoneyField(allow_null=True)


class DayFiguresShown(serializers.Serializer[Any]):
    """How one message fared on one channel on one day."""

    day = serializers.DateField()
    channel = serializers.CharField()
    code = serializers.CharField()
    written = serializers.IntegerField()
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    failed = serializers.IntegerField()
    opted_out = serializers.IntegerField(help_text="Not written, because the person chose not to hear it")


class DailyReport(serializers.Serializer[Any]):
    """Figures by day, channel and message."""

    date_from = serializers.DateField()
    date_to = serializers.DateField()
    rows = DayFiguresShown(many=True)


class DeliveryReport(serializers.Serializer[Any]):
    """Figures by channel and message."""

    date_from = serializers.DateField()
    date_to = serializers.DateField()
    rows = FiguresShown(many=True)
