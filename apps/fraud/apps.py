"""Screening of payments."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FraudConfig(AppConfig):
    """Scores what people are about to pay."""

    name = "apps.fraud"
    verbose_name = _("Fraud")
