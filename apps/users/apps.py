"""Who signs in."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Customers and staff, and how they prove who they are."""

    name = "apps.users"
    verbose_name = "People"
