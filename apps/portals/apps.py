"""The pages."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    """Customers' and bankers' pages."""

    name = "apps.portals"
