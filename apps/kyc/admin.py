"""Limits as a window; they change through an approval."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.kyc.models import ListedParty, ListVersion, TierLimit


@admin.register(TierLimit)
class TierLimits(Window):
    """Every limit there was."""

    sees = "users.view_users"
    list_display = ("tier", "kind", "amount", "valid_from", "source")
    list_filter = ("tier", "kind")


@admin.register(ListVersion)
class ListVersions(Window):
    """Every file of a watch list that was loaded."""

    sees = "kyc.work_screening"
    list_display = ("watch_list", "number", "published_on", "parties", "added", "changed", "removed", "loaded_at")
    list_select_related = ("watch_list",)
    list_filter = ("watch_list",)


@admin.register(ListedParty)
class ListedParties(Window):
    """Who is on the lists, and was."""

    sees = "kyc.work_screening"
    list_display = ("name", "kind", "watch_list", "uid", "programme", "since", "until")
    list_filter = ("watch_list", "kind")
    search_fields = ("name", "uid", "names__text")
    list_select_related = ("watch_list", "since", "until")
