"""Loans."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LendingConfig(AppConfig):
    """Loans, from the wish for one to the last shilling."""

    name = "apps.lending"
    verbose_name = _("Lending")

    def ready(self) -> None:
        """Plug in what needs two people, the end of the day, checks of the books, and what scoring asks of loans."""
        import_module("apps.lending.kinds").register()
        import_module("apps.ledger.tied").register(import_module("apps.lending.policies").stands_on)
        import_module("apps.accounts.purposes").register("loan", import_module("apps.lending.purposes").Loans())
        import_module("apps.accounts.dues").register(import_module("apps.lending.dues").Loans())
        import_module("apps.users.closing").register(import_module("apps.lending.policies").require_no_loan)
        import_module("apps.lending.day_end").register()
        import_module("apps.lending.checks").register()
        import_module("apps.credit_scoring.loan_facts").register_loan_facts(import_module("apps.lending.facts").Loans())
