"""What the bank says to people."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import register
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """SMS, e-mail and alerts, and people's choices about them."""

    name = "apps.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Load every app's messages, plug the adapters in, and bring texts in after migrations."""
        autodiscover_modules("messages")
        import_module("apps.notifications.own")
        ports = import_module("apps.notifications.ports").ports
        ports.sms = import_module("apps.notifications.adapters.africastalking").AfricasTalking()
        ports.email = import_module("apps.notifications.adapters.smtp").Smtp()
        ports.voice = import_module("apps.notifications.adapters.africastalking_voice").AfricasTalkingVoice()
        texts = import_module("apps.notifications.texts")
        register(texts.check_texts)
        import_module("apps.notifications.operations.edit_text").register_kind()
        post_migrate.connect(texts.bring_in_texts, sender=self, dispatch_uid="message texts")
        declare = import_module("apps.kernel.providers").declare
        declare("africastalking", _("SMS"), lambda: _by_key(settings.AFRICASTALKING_URL))
        declare("africastalking_voice", _("Voice calls"), lambda: _by_key(settings.AFRICASTALKING_VOICE_URL))


def _by_key(address: str) -> str:
    return address if settings.AFRICASTALKING_API_KEY else ""
