"""Limits as a window; they change through an approval."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.kyc.models import TierLimit


@admin.register(TierLimit)
class TierLimits(Window):
    """Every limit there was."""

    sees = "users.view_users"
    list_display = ("tier", "kind", "amount_minor", "currency", "valid_from", "source")
    list_filter = ("tier", "kind")
