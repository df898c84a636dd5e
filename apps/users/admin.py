"""People as windows."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.users.models import (
    Branch,
    BusinessMember,
    BusinessProfile,
    CustomerNote,
    CustomerView,
    Session,
    StaffMember,
    User,
)


@admin.register(User)
class People(Window):
    """Customers and staff, without what identifies them; a customer's own page asks for a reason."""

    sees = "users.view_users"
    list_display = ("id", "full_name", "status", "kyc_tier", "kyc_status", "is_staff", "created_at")
    list_filter = ("status", "kyc_tier", "is_staff")
    search_fields = ("full_name",)
    fields = ("full_name", "status", "kyc_tier", "kyc_status", "language", "is_staff", "created_at", "last_login")


@admin.register(StaffMember)
class Staff(Window):
    """Who works here, as what, where, up to how much."""

    sees = "users.manage_admins"
    list_display = ("user", "role", "branch", "approval_limit")
    list_filter = ("role", "branch")
    list_select_related = ("user", "branch")


@admin.register(Branch)
class Branches(Window):
    """Offices."""

    sees = "users.view_users"
    list_display = ("code", "name", "town")


@admin.register(CustomerNote)
class Notes(Window):
    """What staff wrote."""

    list_display = ("customer", "author", "text", "created_at")
    list_select_related = ("customer", "author")


@admin.register(CustomerView)
class Looks(Window):
    """Who looked at whom, and why."""

    list_display = ("customer", "viewer", "reason", "at")
    list_select_related = ("customer", "viewer")


@admin.register(Session)
class Sessions(Window):
    """Stays, open and ended."""

    list_display = ("user", "door", "device", "ip_address", "created_at", "expires_at", "revoked_at")
    list_filter = ("door",)
    list_select_related = ("user", "device")
    fields = (
        "user",
        "door",
        "device",
        "ip_address",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
        "revoked_because",
    )


@admin.register(BusinessProfile)
class Businesses(Window):
    """Businesses, open and closed."""

    sees = "users.view_users"
    list_display = ("id", "name", "registration_number", "kind", "created_by", "created_at", "closed_at")
    list_filter = ("kind",)
    list_select_related = ("created_by",)
    search_fields = ("name", "registration_number")
    fields = ("name", "registration_number", "kind", "created_by", "created_at", "updated_at", "closed_at")


@admin.register(BusinessMember)
class BusinessMembers(Window):
    """Who belongs, and who left."""

    sees = "users.view_users"
    list_display = ("business", "user", "role", "joined_at", "left_at")
    list_filter = ("role",)
    list_select_related = ("business", "user")
    search_fields = ("business__name", "business__registration_number", "user__full_name")
    fields = ("business", "user", "role", "joined_at", "left_at")
