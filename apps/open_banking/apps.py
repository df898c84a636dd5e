"""Open banking."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpenBankingConfig(AppConfig):
    """Third parties, let in by customers."""

    name = "apps.open_banking"
    verbose_name = _("Open banking")

    def ready(self) -> None:
        """Plug in what takes two people, and what other doors may know of third parties."""
        approvals = import_module("apps.kernel.approvals")
        decide = import_module("apps.open_banking.operations.decide")
        right = import_module("apps.open_banking.policies").RIGHT
        approvals.register(approvals.Kind(decide.APPROVE_APP, _("A third party's app"), right, decide.run_approval))
        import_module("apps.open_banking.directory").plug_in()
        import_module("apps.accounts.imports").register(import_module("apps.open_banking.linked.imported").target)
        import_module("apps.accounts.elsewhere").register(import_module("apps.open_banking.linked.shown").shown_to)
        import_module("apps.accounts.connectors").register(
            import_module("apps.open_banking.linked.connector").Standard()
        )
