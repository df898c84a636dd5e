"""Loans."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LendingConfig(AppConfig):
    """Loans, from the wish for one to the last shilling."""

    name = "apps.lending"
    verbose_name = _("Lending")
