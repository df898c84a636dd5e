"""The gateway."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """What goes out to third parties' servers, and what came in from them."""

    name = "apps.gateway"
    verbose_name = _("Gateway")

    def ready(self) -> None:
        """Hear what the apps before this one in INSTALLED_APPS offer, and of every call to a provider."""
        events = import_module("apps.kernel.events")
        offers = import_module("apps.kernel.third_parties").offers()
        hear = import_module("apps.gateway.subscribers").tell_third_parties
        import_module("apps.kernel.http").watch_with(import_module("apps.gateway.traffic").note_call)
        for one in offers:
            events.subscribe(one.of)(hear)
