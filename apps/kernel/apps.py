"""The ground floor."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Money, states, events, errors."""

    name = "apps.kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Let every app hear the floors below it."""
        autodiscover_modules("subscribers")
        import_module("apps.kernel.relay")  # plugs the first tries of prompt subscribers in
