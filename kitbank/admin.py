"""Says which AdminSite the bankers' workbench is, so that no app has to import upwards to register a list."""

from django.contrib.admin.apps import AdminConfig


class WorkbenchConfig(AdminConfig):
    """Django's admin, with our shell."""

    default_site = "apps.portals.banker.site.Workbench"
