"""The ground floor."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Money, states, events, errors."""

    name = "apps.kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Let every app hear the floors below it, and say what it holds of a person."""
        autodiscover_modules("subscribers")
        autodiscover_modules("personal")
        import_module("apps.kernel.relay")  # plugs the first tries of prompt subscribers in
