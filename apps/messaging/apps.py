"""Banking by other channels than the portals and the API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Today: USSD."""

    name = "apps.messaging"
    verbose_name = _("Messaging")
