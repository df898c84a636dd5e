"""Groups that save together."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChamasConfig(AppConfig):
    """Savings groups: their members, their rules and their money."""

    name = "apps.chamas"
    verbose_name = _("Groups")

    def ready(self) -> None:
        """Plug in what members pay by, and the checks of the books."""
        import_module("apps.accounts.purposes").register("chama", import_module("apps.chamas.purposes").Shares())
        import_module("apps.chamas.checks").register()
