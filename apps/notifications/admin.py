"""Messages, texts and reports in the workbench: looking only; texts are changed by two people, with versions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.kernel.admin import Window
from apps.notifications import policies
from apps.notifications.models import Alert, Message, NotificationTemplate, ProviderReport, TemplateVersion


class ContentWindow(Window):
    """For staff who look after content."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Holders of `manage_content`."""
        return policies.may_edit_texts(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Holders of `manage_content`."""
        return policies.may_edit_texts(request.user)


class Versions(admin.TabularInline):  # type: ignore[type-arg]
    """Every version of a text."""

    model = TemplateVersion
    fields = ("version", "subject", "body", "edited_by", "allowed_by", "at")
    ordering = ("-version",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the text."""
        return policies.may_edit_texts(request.user)


@admin.register(NotificationTemplate)
class Texts(ContentWindow):
    """What the bank says."""

    list_display = ("code", "channel", "language", "version", "is_active", "edited_by", "updated_at")
    list_filter = ("channel", "language", "is_active")
    list_select_related = ("edited_by",)
    search_fields = ("code", "body")
    inlines = (Versions,)


@admin.register(Message)
class Messages(ContentWindow):
    """What was said to whom; addresses masked, texts not shown."""

    list_display = ("id", "created_at", "code", "channel", "to_masked", "status", "attempts", "cost", "error")
    list_filter = ("status", "channel", "topic")
    search_fields = ("=provider_reference", "=key", "code")
    ordering = ("-id",)
    exclude = ("to", "to_print", "subject", "body", "fallback")


@admin.register(Alert)
class Alerts(ContentWindow):
    """What people were alerted to."""

    list_display = ("id", "created_at", "type", "about", "is_read", "dismissed_at")
    list_filter = ("type", "is_read")
    exclude = ("user", "message")
    ordering = ("-id",)


@admin.register(ProviderReport)
class Reports(ContentWindow):
    """What providers reported."""

    list_display = ("id", "received_at", "provider", "event_id", "event_status", "outcome")
    list_filter = ("outcome", "event_status")
    search_fields = ("=event_id",)
    exclude = ("raw", "address_print")
    ordering = ("-id",)
