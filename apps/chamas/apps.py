"""Groups that save together."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChamasConfig(AppConfig):
    """Savings groups: their members, their rules and their money."""

    name = "apps.chamas"
    verbose_name = _("Groups")

    def ready(self) -> None:
        """Plug in what members pay by, what groups decide, the end of the day, and the checks of the books."""
        ties = import_module("apps.ledger.tied")
        said = _("A group's money stands on this transfer. Nothing was reversed. The group decides, on its own pages.")
        ties.register(ties.under({"chama/": said}))
        import_module("apps.accounts.purposes").register("chama", import_module("apps.chamas.purposes").Shares())
        import_module("apps.accounts.closing").register(import_module("apps.chamas.policies").require_not_needed)
        import_module("apps.payments.rails").register(import_module("apps.chamas.rail").ChamaRail())
        import_module("apps.chamas.deeds").register_all()
        import_module("apps.chamas.day_end").register()
        import_module("apps.chamas.checks").register()
        import_module("apps.chamas.charter").register()
        rotate = import_module("apps.chamas.operations.papers").rotate_files
        import_module("apps.kernel.rotation").register("chamas_grouppaperfile.sealed", rotate)
        restrict = import_module("apps.chamas.operations.restrict")
        approvals = import_module("apps.kernel.approvals")
        verify = import_module("apps.chamas.operations.verify")
        approvals.register(
            approvals.Kind(
                verify.VERIFY,
                _("Papers of a group"),
                verify.RIGHT,
                verify.run_verification,
                returned=verify.returned_verification,
            )
        )
        approvals.register(
            approvals.Kind(restrict.RESTRICT, _("Restriction of a group"), restrict.RIGHT, restrict.run_restriction)
        )
