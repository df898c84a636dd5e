"""The ground floor."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Money, states, events, errors."""

    name = "apps.kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Let every app hear the floors below it."""
        autodiscover_modules("subscribers")
