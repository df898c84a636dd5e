"""Credit scores."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditScoringConfig(AppConfig):
    """How likely a customer is to repay, and why."""

    name = "apps.credit_scoring"
    verbose_name = _("Credit scoring")
