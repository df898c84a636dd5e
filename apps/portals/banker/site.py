"""The bankers' workbench: Django's admin with our shell."""

from django.contrib.admin import AdminSite


class Workbench(AdminSite):
    """Staff only."""

    site_header = "KitBank workbench"
