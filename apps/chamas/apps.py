"""Groups that save together."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChamasConfig(AppConfig):
    """Savings groups: their members, their rules and their money."""

    name = "apps.chamas"
    verbose_name = _("Groups")

    def ready(self) -> None:
        """Plug in what members pay by, the checks of the books, and what a group decides."""
        import_module("apps.accounts.purposes").register("chama", import_module("apps.chamas.purposes").Shares())
        import_module("apps.chamas.checks").register()
        import_module("apps.chamas.charter").register()
